import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Random } from '#base/random.ts';
import type { LinkFaults, LinkStats } from './link.ts';
import { PERFECT_LINK, SimLink } from './link.ts';
import type { Scheduler } from './scheduler.ts';

const SOURCE_AT = 8;
const DESTINATION_AT = 24;

/** Carries IPv6 packets between the nodes of the domain, each over a link of its own in either direction. */
export class SimNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #ports = new Map<string, Port>();
  /** Packets for addresses that nobody has. */
  unroutable = 0;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  attach(address: Ipv6Address, faults: LinkFaults, receive: (packet: Uint8Array) => void): void {
    const link = () => new SimLink(this.#scheduler, this.#random, faults);
    this.#ports.set(address.key, { up: link(), down: link(), receive });
  }

  /** By the addresses of the packet's own IPv6 header. */
  forward(packet: Uint8Array): void {
    const from = this.#ports.get(Ipv6Address.read(packet, SOURCE_AT).key);
    const to = this.#ports.get(Ipv6Address.read(packet, DESTINATION_AT).key);
    if (!from || !to) {
      this.unroutable++;
      return;
    }
    from.up.carry(() => to.down.carry(() => to.receive(packet)));
  }

  /** Every link becomes whole and faultless, with its delay. */
  heal(): void {
    for (const { up, down } of this.#ports.values()) {
      for (const link of [up, down]) {
        link.faults = { ...PERFECT_LINK, delay: link.faults.delay };
        link.partitioned = false;
      }
    }
  }

  /** Cuts a node off, or joins it again. */
  partition(address: Ipv6Address, partitioned: boolean): void {
    const port = this.#ports.get(address.key);
    if (!port) return;
    port.up.partitioned = partitioned;
    port.down.partitioned = partitioned;
  }

  stats(): LinkStats {
    const total: LinkStats = { carried: 0, lost: 0, duplicated: 0 };
    for (const { up, down } of this.#ports.values()) {
      for (const { stats } of [up, down]) {
        total.carried += stats.carried;
        total.lost += stats.lost;
        total.duplicated += stats.duplicated;
      }
    }
    return total;
  }
}

interface Port {
  readonly up: SimLink;
  readonly down: SimLink;
  readonly receive: (packet: Uint8Array) => void;
}
