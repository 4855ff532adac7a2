import type { MacAddress } from '#base/mac-address.ts';
import { elapsed, type Instant } from '#base/time.ts';
import type { HeldPacket, Station } from './state.ts';
import { FORGET_AFTER, FORGET_CLAIMED_AFTER } from './timers.ts';

interface Link {
  count: number;
  /** Refused and absent stations, the longest so first; they give way when the link is full. */
  readonly idle: Set<Station>;
}

/** Packets that wait for sessions. */
const HELD_OF_STATION = 64;
const HELD_IN_ALL = 4096;

/** Every station known, at most so many on each link; and the packets held for them, at most so many. */
export class StationTable {
  readonly #byMac = new Map<number, Station>();
  readonly #links = new Map<string, Link>();
  #held = 0;

  get size(): number {
    return this.#byMac.size;
  }

  [Symbol.iterator](): IterableIterator<Station> {
    return this.#byMac.values();
  }

  get(mac: MacAddress): Station | undefined {
    return this.#byMac.get(mac.key);
  }

  /** `undefined` when the link has `maximum` stations that are pending or served. */
  add(mac: MacAddress, interfaceName: string, now: Instant, maximum: number): Station | undefined {
    const link = this.#link(interfaceName);
    if (link.count >= maximum) {
      const oldest = link.idle.values().next().value;
      if (!oldest) return undefined;
      this.remove(oldest);
    }
    const station = newStation(mac, interfaceName, now);
    this.#byMac.set(mac.key, station);
    link.count++;
    link.idle.add(station);
    return station;
  }

  remove(station: Station): void {
    const link = this.#link(station.interface);
    link.count--;
    link.idle.delete(station);
    this.#byMac.delete(station.mac.key);
    this.takeHeld(station);
  }

  /** False when there is no room for it. */
  hold(station: Station, packet: HeldPacket): boolean {
    if (station.heldPackets.length >= HELD_OF_STATION || this.#held >= HELD_IN_ALL) return false;
    station.heldPackets.push(packet);
    this.#held++;
    return true;
  }

  /** What was held for a station, which then has none. */
  takeHeld(station: Station): readonly HeldPacket[] {
    const packets = station.heldPackets;
    this.#held -= packets.length;
    station.heldPackets = [];
    return packets;
  }

  move(station: Station, interfaceName: string): void {
    const from = this.#link(station.interface);
    const to = this.#link(interfaceName);
    from.count--;
    to.count++;
    if (from.idle.delete(station)) to.idle.add(station);
    station.interface = interfaceName;
  }

  setPhase(station: Station, phase: Station['phase']): void {
    station.phase = phase;
    const { idle } = this.#link(station.interface);
    idle.delete(station);
    if (phase === 'refused' || phase === 'absent') idle.add(station);
  }

  /** Forgets stations that have no session and were not heard for long. */
  sweep(now: Instant): void {
    for (const station of this.#byMac.values()) {
      const patience = station.accessPoint?.source === 'accounting' ? FORGET_CLAIMED_AFTER : FORGET_AFTER;
      if (!station.session && elapsed(station.lastHeard, now) > patience) this.remove(station);
    }
  }

  #link(name: string): Link {
    let link = this.#links.get(name);
    if (!link) {
      link = { count: 0, idle: new Set() };
      this.#links.set(name, link);
    }
    return link;
  }
}

function newStation(mac: MacAddress, interfaceName: string, now: Instant): Station {
  return {
    mac,
    interface: interfaceName,
    accessPoint: undefined,
    provedNai: undefined,
    phase: 'absent',
    session: undefined,
    quietUntil: now,
    reportedAt: undefined,
    lastHeard: now,
    linkLocal: undefined,
    heldDhcp: undefined,
    declines: 0,
    lease: undefined,
    declinedUntil: now,
    identity: undefined,
    heldPackets: [],
    releasedAt: undefined,
    askedForHomeAddress: undefined,
    advertisements: 0,
    lastAdvertised: undefined,
    withdrawn: [],
    former: undefined,
    advertiseTimer: undefined,
    asked: undefined,
    probes: 0,
    probeTimer: undefined,
  };
}
