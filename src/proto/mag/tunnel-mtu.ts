import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Encapsulation, Path } from '#dataplane/desired.ts';

/** Chooses: the transport network carries Ethernet's 1500 octets; another size is configured by `tunnel mtu`. */
export const TRANSPORT_MTU = 1500;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** A destination option with a Tunnel Encapsulation Limit, RFC 2473 §4.1.1 "Tunnel Encapsulation Limit Option"; peers may send it. */
const LIMIT_OPTION = 8;
const UDP_HEADER = 8;
const TLV_HEADER = 4;
const GRE_HEADER = 4;
const GRE_KEY = 4;

/** Octets of the largest packet of a mobile node that goes through the tunnel in one piece. */
export function tunnelMtu({ encapsulation, remote }: Path): number {
  const outer = remote instanceof Ipv6Address ? IPV6_HEADER + LIMIT_OPTION : IPV4_HEADER;
  return TRANSPORT_MTU - outer - innerHeaders(encapsulation);
}

function innerHeaders(encapsulation: Encapsulation): number {
  switch (encapsulation.kind) {
    case 'ip':
      return 0;
    case 'gre':
      return greHeader(encapsulation.keys);
    case 'udp':
      return (
        UDP_HEADER +
        (encapsulation.tlvHeader ? TLV_HEADER : 0) +
        (encapsulation.gre ? greHeader(encapsulation.gre.keys) : 0)
      );
  }
}

function greHeader(keys: object | undefined): number {
  return keys ? GRE_HEADER + GRE_KEY : GRE_HEADER;
}
