/** What keeps the state of a NAT between a gateway and its anchor, on the port of data (docs/decisions/0022-nat-and-the-data-port.md). */
import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import type { IpHeader } from './ip-packet.ts';

/** IPv6-NoNxt: nothing follows the header. IANA's numbers are the same for IPv4. */
const NO_NEXT_HEADER = 59;
/** For the gateway and the anchor to take one each. */
const HOP_LIMIT = 4;

export function isKeepalive(packet: Uint8Array, { version, source, destination }: IpHeader): boolean {
  const next = version === 4 ? packet[9] : packet[6];
  return next === NO_NEXT_HEADER && sameAddress(source, destination);
}

/** Nothing, from a mobile node to itself: an anchor of another make that forwards it sends it back through the tunnel, and to nobody else. */
export function keepalive(address: Ipv4Address | Ipv6Address): Uint8Array {
  const payload = new Uint8Array(0);
  if (address instanceof Ipv4Address)
    return encodeIpv4({ source: address, destination: address, ttl: HOP_LIMIT, protocol: NO_NEXT_HEADER, payload });
  return encodeIpv6({
    source: address,
    destination: address,
    hopLimit: HOP_LIMIT,
    nextHeader: NO_NEXT_HEADER,
    payload,
  });
}
