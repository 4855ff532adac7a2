import type { Ipv4Address } from '#base/ipv4-address.ts';
import { type Duration, elapsed, type Instant, seconds } from '#base/time.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';

const FIRST_PORT = 40_000;
/** As Linux has them: of a port that nothing was answered at, and of the others. */
const UNANSWERED_LIFETIME = seconds(30);
const LIFETIME = seconds(120);

/**
 * A box before one node that translates its IPv4 address and its UDP ports, as network address translators do. Nothing but UDP passes, from outside only what a
 * port leads in, and a port is forgotten when nothing goes out through it for long.
 */
export class AddressTranslation {
  readonly inside: Ipv4Address;
  readonly outside: Ipv4Address;
  readonly #now: () => Instant;
  /** By the node's own port. */
  readonly #mappings = new Map<number, Mapping>();
  #nextPort = FIRST_PORT;

  constructor(inside: Ipv4Address, outside: Ipv4Address, now: () => Instant) {
    this.inside = inside;
    this.outside = outside;
    this.#now = now;
  }

  /** The box was restarted: from now on what the node sends comes from other ports. */
  rebind(): void {
    this.#mappings.clear();
  }

  outbound(packet: Uint8Array): Uint8Array | undefined {
    return this.#translate(packet, (ends) => {
      const { port, answered } = this.#valid(ends.sourcePort) ?? { port: this.#nextPort++, answered: false };
      this.#mappings.set(ends.sourcePort, { port, answered, usedAt: this.#now() });
      return { ...ends, source: this.outside, sourcePort: port };
    });
  }

  inbound(packet: Uint8Array): Uint8Array | undefined {
    return this.#translate(packet, (ends) => {
      for (const own of this.#mappings.keys()) {
        const mapping = this.#valid(own);
        if (mapping?.port !== ends.destinationPort) continue;
        this.#mappings.set(own, { ...mapping, answered: true });
        return { ...ends, destination: this.inside, destinationPort: own };
      }
      return undefined;
    });
  }

  #valid(own: number): Mapping | undefined {
    const mapping = this.#mappings.get(own);
    if (!mapping) return undefined;
    const lifetime: Duration = mapping.answered ? LIFETIME : UNANSWERED_LIFETIME;
    return elapsed(mapping.usedAt, this.#now()) < lifetime ? mapping : undefined;
  }

  #translate(packet: Uint8Array, change: (ends: Ends) => Ends | undefined): Uint8Array | undefined {
    const outer = decodeIpv4(packet);
    if (!outer.ok || outer.value.protocol !== UDP_PROTOCOL) return undefined;
    const { source, destination, payload } = outer.value;
    const udp = decodeUdp(payload, source, destination);
    if (!udp.ok) return undefined;
    const { sourcePort, destinationPort } = udp.value;
    const ends = change({ source, destination, sourcePort, destinationPort });
    if (!ends) return undefined;
    return encodeIpv4({ ...outer.value, ...ends, payload: encodeUdp({ ...ends, payload: udp.value.payload }) });
  }
}

interface Mapping {
  readonly port: number;
  /** Something came in through it. */
  readonly answered: boolean;
  /** When something went out last. */
  readonly usedAt: Instant;
}

interface Ends {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}
