import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Random } from '#base/random.ts';
import type { AddressTranslation } from './address-translation.ts';
import type { LinkFaults, LinkStats } from './link.ts';
import { PERFECT_LINK, SimLink } from './link.ts';
import type { Scheduler } from './scheduler.ts';

/** Which way nothing passes, as the node sees it. */
export type Direction = 'out' | 'in' | 'both';

/** Carries IP packets between the nodes of the domain, each over a link of its own in either direction. */
export class SimNetwork {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #ports = new Map<string, Port>();
  readonly #forged = new WeakSet<Uint8Array>();
  /** Packets for addresses that nobody has, or that a translator does not let pass. */
  unroutable = 0;
  /** Sees every packet as its sender lets it go. */
  onPacket: (packet: Uint8Array) => void = () => {};

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** One port for all addresses of a node; the translated one leads there too. */
  attach(
    addresses: readonly IpAddress[],
    faults: LinkFaults,
    receive: (packet: Uint8Array) => void,
    translation?: AddressTranslation,
  ): void {
    const link = () => new SimLink(this.#scheduler, this.#random, faults);
    const port: Port = { up: link(), down: link(), receive, translation };
    for (const address of addresses) this.#ports.set(address.key, port);
    if (translation) this.#ports.set(translation.outside.key, port);
  }

  /** By the addresses of the packet's own header. */
  forward(packet: Uint8Array): void {
    const from = this.#ports.get(sourceOf(packet).key);
    const translated = from?.translation ? from.translation.outbound(packet) : packet;
    if (from && translated) this.#route(translated, (arrive) => from.up.carry(arrive));
    else this.unroutable++;
  }

  /** Under which others know a node's address. */
  outside(address: IpAddress): IpAddress {
    const translation = this.#ports.get(address.key)?.translation;
    return translation?.inside.key === address.key ? translation.outside : address;
  }

  /** The box that translates a node's addresses, if there is one, is restarted. */
  rebind(address: IpAddress): void {
    this.#ports.get(address.key)?.translation?.rebind();
  }

  /** From a place of its own, whatever its source address says. `forged`: nobody else has ever sent it. */
  inject(packet: Uint8Array, forged: boolean): void {
    if (forged) this.#forged.add(packet);
    this.#route(packet, (arrive) => arrive());
  }

  isForged(packet: Uint8Array): boolean {
    return this.#forged.has(packet);
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

  /** What the links of a node do from now on. */
  impair(address: IpAddress, faults: LinkFaults): void {
    const port = this.#ports.get(address.key);
    if (!port) return;
    port.up.faults = faults;
    port.down.faults = faults;
  }

  /** Cuts a node off. */
  cut(address: IpAddress, direction: Direction): void {
    const port = this.#ports.get(address.key);
    if (!port) return;
    if (direction !== 'in') port.up.partitioned = true;
    if (direction !== 'out') port.down.partitioned = true;
  }

  join(address: IpAddress): void {
    const port = this.#ports.get(address.key);
    if (!port) return;
    port.up.partitioned = false;
    port.down.partitioned = false;
  }

  stats(): LinkStats {
    const total: LinkStats = { carried: 0, lost: 0, duplicated: 0, overtaken: 0 };
    for (const { up, down } of new Set(this.#ports.values())) {
      for (const { stats } of [up, down]) {
        total.carried += stats.carried;
        total.lost += stats.lost;
        total.duplicated += stats.duplicated;
        total.overtaken += stats.overtaken;
      }
    }
    return total;
  }

  #route(packet: Uint8Array, leave: (arrive: () => void) => void): void {
    const to = this.#ports.get(destinationOf(packet).key);
    if (!to) {
      this.unroutable++;
      return;
    }
    this.onPacket(packet);
    leave(() =>
      to.down.carry(() => {
        const translated = to.translation ? to.translation.inbound(packet) : packet;
        if (translated) to.receive(translated);
        else this.unroutable++;
      }),
    );
  }
}

interface Port {
  readonly up: SimLink;
  readonly down: SimLink;
  readonly receive: (packet: Uint8Array) => void;
  readonly translation: AddressTranslation | undefined;
}

export function sourceOf(packet: Uint8Array): IpAddress {
  return isIpv4(packet) ? Ipv4Address.read(packet, 12) : Ipv6Address.read(packet, 8);
}

export function destinationOf(packet: Uint8Array): IpAddress {
  return isIpv4(packet) ? Ipv4Address.read(packet, 16) : Ipv6Address.read(packet, 24);
}

function isIpv4(packet: Uint8Array): boolean {
  return (packet[0] ?? 0) >>> 4 === 4;
}
