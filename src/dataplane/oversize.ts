import { readU16 } from '#base/bytes.ts';
import { fragmentIpv4 } from './fragment.ts';
import { IPV6_MINIMUM_MTU, type TunnelFault } from './icmp-error.ts';
import type { TunnelError } from './tunnel-error.ts';

/** What becomes of a packet that is longer than its access link carries. */
export type OversizeOnLink =
  /** Its source is told. */
  | { readonly kind: 'refused'; readonly fault: TunnelFault }
  /** These go on in its place. */
  | { readonly kind: 'fragments'; readonly packets: readonly Uint8Array[] };

/** What becomes of a packet that is longer than its tunnel carries in one piece. */
export type Oversize =
  | OversizeOnLink
  /** It goes into the tunnel whole, and the tunnel packet is fragmented. */
  | { readonly kind: 'tunnel-fragments' };

const DONT_FRAGMENT = 0x4000;
const IPV6_HEADER = 40;

/**
 * `mtu` is the tunnel's, for packets of mobile nodes.
 *
 * RFC 2473 §7.1 "IPv6 Tunnel Packet Fragmentation": "if the original IPv6 packet size is larger than the IPv6 minimum link MTU, the
 * entry-point node discards the packet and sends an ICMPv6 'Packet Too Big' message to the source address of the original packet"; "if the
 * original IPv6 packet is equal or smaller … the tunnel entry-point node encapsulates the original packet, and subsequently fragments the
 * resulting IPv6 tunnel packet". RFC 2473 §7.2(a) "IPv4 Tunnel Packet Fragmentation" is the same of an IPv4 packet with Don't Fragment.
 *
 * Differs: an IPv4 packet that may be fragmented is fragmented before it is encapsulated, and not its tunnel packet as RFC 2473 §7.2(b)
 * says, to which RFC 5844 §3.1.4 "ECN and Payload Fragmentation Considerations" leads, as the kernel does at the MTU of the pmip device: then its destination reassembles it and not the far end of the tunnel, whose
 * memory anyone could fill, and a tunnel packet that is lost costs one fragment.
 */
export function oversize(packet: Uint8Array, mtu: number): Oversize {
  if ((packet[0] as number) >>> 4 === 6) {
    if (packet.length <= IPV6_MINIMUM_MTU) return { kind: 'tunnel-fragments' };
    return { kind: 'refused', fault: { kind: 'too-big', mtu: Math.max(mtu, IPV6_MINIMUM_MTU) } };
  }
  if ((readU16(packet, 6) & DONT_FRAGMENT) !== 0) return { kind: 'refused', fault: { kind: 'too-big', mtu } };
  return { kind: 'fragments', packets: fragmentIpv4(packet, mtu) };
}

/**
 * `mtu` is the access link's. RFC 4443 §3.2 "Packet Too Big Message": "A Packet Too Big MUST be sent by a router in response to a packet that it cannot forward because the packet is
 * larger than the MTU of the outgoing link." IPv4 without Don't Fragment is cut, as by every router.
 */
export function oversizeOnLink(packet: Uint8Array, mtu: number): OversizeOnLink {
  const fate = oversize(packet, mtu);
  return fate.kind === 'tunnel-fragments' ? { kind: 'refused', fault: { kind: 'too-big', mtu } } : fate;
}

/**
 * What the source of a packet is told of an error that a router reported of its tunnel packet; `undefined` when nothing. `inner` is the
 * packet, cut; `mtu` the tunnel's after the report.
 *
 * RFC 2473 §8.2 "ICMP Messages for IPv6 Original Packets": "an ICMP 'packet too big' message is sent to the source of the original packet
 * only if the original packet size is larger than the minimum link MTU size required for IPv6". RFC 2473 §8.3 "ICMP Messages for IPv4
 * Original Packets": only "if the original IPv4 header has the DF - don't fragment - bit flag SET".
 */
export function relayedFault({ fault }: TunnelError, inner: Uint8Array, mtu: number): TunnelFault | undefined {
  if (fault.kind === 'unreachable') return fault;
  const isIpv6 = (inner[0] as number) >>> 4 === 6;
  const length = isIpv6 ? IPV6_HEADER + readU16(inner, 4) : readU16(inner, 2);
  const mustFit = isIpv6 ? length > IPV6_MINIMUM_MTU : (readU16(inner, 6) & DONT_FRAGMENT) !== 0;
  return mustFit && length > mtu ? { kind: 'too-big', mtu } : undefined;
}
