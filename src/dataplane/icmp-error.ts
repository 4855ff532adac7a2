/** ICMP errors to the sources of packets that a tunnel did not carry. */
import { readU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { encodeIcmpv4, ICMPV4_PROTOCOL, type Icmpv4Message } from '#wire/icmpv4.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL, type Icmpv6Message } from '#wire/icmpv6.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import type { NodeForwarding } from './desired.ts';
import { type IpHeader, isMulticast, readIpHeader } from './ip-packet.ts';

export type TunnelFault =
  /** `mtu`: of the largest packet that the tunnel carries in one piece. */
  | { readonly kind: 'too-big'; readonly mtu: number }
  | { readonly kind: 'unreachable' }
  /** It has passed as many routers as it may. */
  | { readonly kind: 'expired' };

/** Its source is a valid address of the node, which the one who sends it fills in. */
export type IcmpError =
  | { readonly version: 4; readonly destination: Ipv4Address; readonly message: Icmpv4Message }
  | { readonly version: 6; readonly destination: Ipv6Address; readonly message: Icmpv6Message };

/** RFC 8200: every link carries packets of this size. */
export const IPV6_MINIMUM_MTU = 1280;
/** RFC 1812: as much of the packet as makes an ICMP message of 576 octets. */
const QUOTED4 = 576 - 20 - 8;
/** RFC 4443 §3.1 "Destination Unreachable Message": as much as fits without the message exceeding the minimum IPv6 MTU. */
const QUOTED6 = IPV6_MINIMUM_MTU - 40 - 8;

const HOP_LIMIT = 64;
/** RFC 7600: what a node without an IPv4 address has as the source of ICMP errors. */
const NO_IPV4_ADDRESS = new Ipv4Address(0xc0000008 | 0);
const HOST_UNREACHABLE = 1;
const FRAGMENTATION_NEEDED = 4;
const ADDRESS_UNREACHABLE = 3;
const FRAGMENT_OFFSET = 0x1fff;
/** Of ICMPv4: what asks or answers and is no error. */
const QUERIES = [0, 8, 9, 10, 13, 14, 15, 16, 17, 18];
const ICMPV6_FIRST_QUERY = 128;
const ICMPV6_REDIRECT = 137;

/**
 * What the source of `packet`, which may be cut, is to be told; `undefined` when nothing: of ICMP errors, of fragments behind the first,
 * of what came from no one node, and of what is for many, unless it is IPv6 and too big.
 *
 * RFC 2473 §8.2 "ICMP Messages for IPv6 Original Packets": "Type 1 - unreachable node, Code 3 - address unreachable". RFC 2473 §8.3 "ICMP
 * Messages for IPv4 Original Packets": "Type 3 - destination unreachable, Code 1 - host unreachable". RFC 4443 §3.1: an address of a pool that no mobile node has is unreachable in
 * the same way, as one on a link that no host answers for.
 */
export function icmpErrorFor(packet: Uint8Array, fault: TunnelFault): IcmpError | undefined {
  const header = readIpHeader(packet);
  if (!header || !isAnswerable(packet, header, fault)) return undefined;
  const { source: destination } = header;
  if (fault.kind === 'expired') return timeExceeded(packet, destination);
  if (destination instanceof Ipv6Address) {
    const quoted = packet.slice(0, QUOTED6);
    const message: Icmpv6Message =
      fault.kind === 'too-big'
        ? { kind: 'packet-too-big', mtu: Math.max(fault.mtu, IPV6_MINIMUM_MTU), packet: quoted }
        : { kind: 'destination-unreachable', code: ADDRESS_UNREACHABLE, packet: quoted };
    return { version: 6, destination, message };
  }
  const [code, mtu] = fault.kind === 'too-big' ? [FRAGMENTATION_NEEDED, fault.mtu] : [HOST_UNREACHABLE, 0];
  const quoted = packet.slice(0, QUOTED4);
  return { version: 4, destination, message: { kind: 'destination-unreachable', code, mtu, packet: quoted } };
}

/**
 * RFC 4443 §3.3 "Time Exceeded Message": "if a router decrements a packet's Hop Limit to zero, it MUST discard the packet and originate an ICMPv6 Time
 * Exceeded message with Code 0 to the source of the packet". RFC 792 has the same of IPv4.
 */
function timeExceeded(packet: Uint8Array, destination: Ipv4Address | Ipv6Address): IcmpError {
  const quoted = packet.slice(0, destination instanceof Ipv4Address ? QUOTED4 : QUOTED6);
  const message = { kind: 'time-exceeded', code: 0, packet: quoted } as const;
  return destination instanceof Ipv4Address
    ? { version: 4, destination, message }
    : { version: 6, destination, message };
}

/** The whole packet, from an address that the node has. */
export function icmpErrorPacket(
  error: IcmpError,
  node: Pick<NodeForwarding, 'localAddresses' | 'accessInterfaces'>,
): Uint8Array {
  if (error.version === 4) {
    const source = node.localAddresses.find((address) => address instanceof Ipv4Address) ?? NO_IPV4_ADDRESS;
    const payload = encodeIcmpv4(error.message);
    return encodeIpv4({ source, destination: error.destination, ttl: HOP_LIMIT, protocol: ICMPV4_PROTOCOL, payload });
  }
  const { destination, message } = error;
  const own = node.localAddresses.find((address) => address instanceof Ipv6Address);
  const source = own ?? node.accessInterfaces[0]?.linkLocal ?? Ipv6Address.unspecified;
  const payload = encodeIcmpv6(message, source, destination);
  return encodeIpv6({ source, destination, hopLimit: HOP_LIMIT, nextHeader: ICMPV6_PROTOCOL, payload });
}

/**
 * RFC 4443 §2.4(e) "Message Processing Rules": "An ICMPv6 error message MUST NOT be originated as a result of receiving … An ICMPv6 error
 * message … A packet whose source address does not uniquely identify a single node", nor "A packet destined to an IPv6 multicast address. (There are two exceptions to this rule: (1) the
 * Packet Too Big Message (Section 3.2) to allow Path MTU discovery to work for IPv6 multicast". RFC 1122 says the same of ICMP without exception, and of
 * fragments behind the first.
 */
function isAnswerable(packet: Uint8Array, { source, destination, version }: IpHeader, fault: TunnelFault): boolean {
  if (isMulticast(source) || source.isUnspecified) return false;
  if (isMulticast(destination) && (version === 4 || fault.kind !== 'too-big')) return false;
  if (source instanceof Ipv4Address) {
    if ((readU16(packet, 6) & FRAGMENT_OFFSET) !== 0) return false;
    return packet[9] !== ICMPV4_PROTOCOL || QUERIES.includes(packet[((packet[0] as number) & 15) * 4] ?? -1);
  }
  const type = packet[40] ?? 0;
  return packet[6] !== ICMPV6_PROTOCOL || (type >= ICMPV6_FIRST_QUERY && type !== ICMPV6_REDIRECT);
}
