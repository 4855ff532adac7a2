import type { Random } from '#base/random.ts';
import type { ClockReading, Duration, Instant } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';
import { encodeEthernet } from '#wire/ethernet.ts';
import type { AccessSession } from '../mag/events.ts';
import type { LogOutput } from '../peer.ts';
import type { AccessConfig, AccessOutput } from './events.ts';
import { type LinkLimits, linkLimits } from './link-limits.ts';
import type { AccessTimeout, Station } from './state.ts';
import { StationTable } from './station-table.ts';
import { type AccessStats, createAccessStats } from './stats.ts';

/** What the servers of the access links share. */
export class AccessContext {
  readonly stats: AccessStats = createAccessStats();
  readonly stations = new StationTable();
  readonly timers = new TimerQueue<AccessTimeout>();
  readonly random: Random;
  /** Interfaces behind which every access point tells of its stations. */
  readonly watched = new Set<string>();
  config: AccessConfig;
  now: ClockReading | undefined;

  #outputs: AccessOutput[] = [];
  readonly #mtus = new Map<string, number>();
  readonly #limits = new Map<string, LinkLimits>();

  constructor(config: AccessConfig, random: Random) {
    this.config = config;
    this.random = random;
  }

  /** `interfaceName` is one of the configuration's. */
  limitsOf(interfaceName: string): LinkLimits {
    let limits = this.#limits.get(interfaceName);
    if (!limits) {
      limits = linkLimits();
      this.#limits.set(interfaceName, limits);
    }
    return limits;
  }

  /**
   * RFC 5213 §6.9.5(6) "Path MTU Discovery": "if the MTU value of the access link shared with the mobile node is lower than the determined Path MTU value, then
   * the MTU of the access link MUST be used in the MTU option."
   */
  mtuOf(session: AccessSession): number {
    return Math.min(session.mtu, this.#mtus.get(session.interface) ?? session.mtu);
  }

  /** Of a link of the configuration; returns whether it is news. */
  setLinkMtu(interfaceName: string, mtu: number): boolean {
    const before = this.#mtus.get(interfaceName);
    this.#mtus.set(interfaceName, mtu);
    return before !== mtu;
  }

  get instant(): Instant {
    return (this.now as ClockReading).instant;
  }

  emit(output: AccessOutput): void {
    this.#outputs.push(output);
  }

  log(level: LogOutput['level'], code: string, text: string, fields: LogOutput['fields']): void {
    this.emit({ kind: 'log', level, code, text, fields });
  }

  drain(): AccessOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  setTimer(delay: Duration, timeout: AccessTimeout): Timer<AccessTimeout> {
    return this.timers.set(this.instant, delay, timeout);
  }

  /**
   * Sends to one station, whatever the network-layer destination says: the link is shared by nodes that must not learn of each
   * other, so multicast and broadcast go out as layer-2 unicast (as RFC 6085 has it for IPv6 multicast).
   */
  transmit(station: Station, etherType: number, payload: Uint8Array): void {
    const frame = encodeEthernet({
      destination: station.mac,
      source: this.config.linkLayer,
      tags: [],
      etherType,
      payload,
    });
    this.emit({ kind: 'transmit', interface: station.interface, frame });
  }
}
