import type { Ipv4Address } from '#base/ipv4-address.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeUdp, encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';

/** RFC 5844 §4.1.3 "Signaling Considerations": where signalling goes to; its source port is translated. */
const SIGNALLING_PORT = 5436;
const FIRST_PORT = 40_000;

/**
 * A box before one node that translates its IPv4 address and the port of its signalling, as network address translators do; tunnel packets keep
 * their port. Nothing but UDP passes, and from outside only what a port leads in.
 */
export class AddressTranslation {
  readonly inside: Ipv4Address;
  readonly outside: Ipv4Address;
  #port = FIRST_PORT;

  constructor(inside: Ipv4Address, outside: Ipv4Address) {
    this.inside = inside;
    this.outside = outside;
  }

  /** The box was restarted: from now on the node's signalling comes from another port. */
  rebind(): void {
    this.#port++;
  }

  outbound(packet: Uint8Array): Uint8Array | undefined {
    return this.#translate(packet, (ends) => ({
      ...ends,
      source: this.outside,
      sourcePort: ends.sourcePort === SIGNALLING_PORT ? this.#port : ends.sourcePort,
    }));
  }

  inbound(packet: Uint8Array): Uint8Array | undefined {
    return this.#translate(packet, (ends) => {
      if (ends.destinationPort === SIGNALLING_PORT) return undefined;
      const isSignalling = ends.destinationPort === this.#port;
      if (!isSignalling && ends.destinationPort >= FIRST_PORT) return undefined;
      return {
        ...ends,
        destination: this.inside,
        destinationPort: isSignalling ? SIGNALLING_PORT : ends.destinationPort,
      };
    });
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

interface Ends {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly sourcePort: number;
  readonly destinationPort: number;
}
