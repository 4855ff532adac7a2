/** ICMP errors of routers in the transport network, about tunnel packets of this node. */
import { readU16, readU32 } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { GRE_PROTOCOL } from '#wire/gre.ts';
import { decodeIcmpv4, ICMPV4_PROTOCOL } from '#wire/icmpv4.ts';
import { decodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import { UDP_PROTOCOL } from '#wire/udp.ts';
import type { Path } from './desired.ts';
import { readIpHeader } from './ip-packet.ts';

/** What a router says of a tunnel packet. */
export interface TunnelError {
  /** `mtu` is that of the tunnel packets; 0 where the router does not say. */
  readonly fault: { readonly kind: 'too-big'; readonly mtu: number } | { readonly kind: 'unreachable' };
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** What followed the IP header. */
  readonly protocol: number;
  /** Of UDP; 0 without. */
  readonly localPort: number;
  readonly remotePort: number;
  /** Of GRE, as far as it was quoted. */
  readonly key: number | undefined;
  /** The packet of the mobile node, cut; without its header whole it is not there. */
  readonly inner: Uint8Array | undefined;
}

const ICMPV4_UNREACHABLE = 3;
const ICMPV4_TIME_EXCEEDED = 11;
const FRAGMENTATION_NEEDED = 4;
const ICMPV6_UNREACHABLE = 1;
const ICMPV6_TOO_BIG = 2;
const ICMPV6_TIME_EXCEEDED = 3;
const ICMP_HEADER = 8;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const TLV_HEADER = 4;
const GRE_KEY_FLAG = 0x2000;
const IN_IPV4 = 4;
const IN_IPV6 = 41;
const FRAGMENT_OFFSET = 0x1fff;

/**
 * Reads an ICMP message whose checksum was verified; `undefined` when it says nothing that RFC 2473 §8.1 "Tunnel ICMP Messages" has an
 * entry point act on, or of no tunnel packet.
 */
export function readTunnelError(version: 4 | 6, icmp: Uint8Array): TunnelError | undefined {
  const fault = icmp.length < ICMP_HEADER ? undefined : version === 6 ? fault6(icmp) : fault4(icmp);
  const quote = icmp.subarray(ICMP_HEADER);
  if (!fault || (quote[0] ?? 0) >>> 4 !== version) return undefined;
  return version === 6 ? quoted6(quote, fault) : quoted4(quote, fault);
}

/** The ICMP message in a packet, its checksum verified; `undefined` when there is none. */
export function icmpIn(packet: Uint8Array): { readonly version: 4 | 6; readonly message: Uint8Array } | undefined {
  if ((packet[0] ?? 0) >>> 4 === 6) {
    const six = decodeIpv6(packet);
    if (!six.ok || six.value.nextHeader !== ICMPV6_PROTOCOL) return undefined;
    const { payload: message, source, destination } = six.value;
    return decodeIcmpv6(message, source, destination).ok ? { version: 6, message } : undefined;
  }
  const four = decodeIpv4(packet);
  if (!four.ok || four.value.protocol !== ICMPV4_PROTOCOL || four.value.fragmentOffset !== 0) return undefined;
  return decodeIcmpv4(four.value.payload).ok ? { version: 4, message: four.value.payload } : undefined;
}

/** Whether the path sends such packets, as far as can be seen. */
export function isOfPath({ encapsulation, local, remote }: Path, error: TunnelError): boolean {
  if (local.key !== error.local.key || remote.key !== error.remote.key) return false;
  switch (encapsulation.kind) {
    case 'ip':
      return error.protocol === IN_IPV4 || error.protocol === IN_IPV6;
    case 'gre':
      return error.protocol === GRE_PROTOCOL;
    case 'udp':
      return (
        error.protocol === UDP_PROTOCOL &&
        error.localPort === encapsulation.localPort &&
        error.remotePort === encapsulation.remotePort
      );
  }
}

function fault6(icmp: Uint8Array): TunnelError['fault'] | undefined {
  if (icmp[0] === ICMPV6_TOO_BIG) return { kind: 'too-big', mtu: readU32(icmp, 4) };
  return icmp[0] === ICMPV6_UNREACHABLE || icmp[0] === ICMPV6_TIME_EXCEEDED ? { kind: 'unreachable' } : undefined;
}

function fault4(icmp: Uint8Array): TunnelError['fault'] | undefined {
  if (icmp[0] === ICMPV4_UNREACHABLE && icmp[1] === FRAGMENTATION_NEEDED)
    return { kind: 'too-big', mtu: readU16(icmp, 6) };
  return icmp[0] === ICMPV4_UNREACHABLE || icmp[0] === ICMPV4_TIME_EXCEEDED ? { kind: 'unreachable' } : undefined;
}

type Fault = TunnelError['fault'];

function quoted6(quote: Uint8Array, fault: Fault): TunnelError | undefined {
  if (quote.length < IPV6_HEADER) return undefined;
  const ends = { local: Ipv6Address.read(quote, 8), remote: Ipv6Address.read(quote, 24) };
  return quotedTunnel(quote[6] as number, quote.subarray(IPV6_HEADER), { ...ends, fault });
}

function quoted4(quote: Uint8Array, fault: Fault): TunnelError | undefined {
  const headerLength = ((quote[0] as number) & 15) * 4;
  if (headerLength < IPV4_HEADER || quote.length < headerLength) return undefined;
  if ((readU16(quote, 6) & FRAGMENT_OFFSET) !== 0) return undefined;
  const ends = { local: Ipv4Address.read(quote, 12), remote: Ipv4Address.read(quote, 16) };
  return quotedTunnel(quote[9] as number, quote.subarray(headerLength), { ...ends, fault });
}

function quotedTunnel(
  protocol: number,
  rest: Uint8Array,
  base: Pick<TunnelError, 'fault' | 'local' | 'remote'>,
): TunnelError | undefined {
  const found = { ...base, protocol, localPort: 0, remotePort: 0, key: undefined };
  if (protocol === IN_IPV4 || protocol === IN_IPV6) return { ...found, inner: innerIn(rest) };
  if (protocol === GRE_PROTOCOL) return { ...found, ...inGre(rest) };
  if (protocol !== UDP_PROTOCOL || rest.length < UDP_HEADER) return undefined;
  const ports = { localPort: readU16(rest, 0), remotePort: readU16(rest, 2) };
  return { ...found, ...ports, ...inDatagram(rest.subarray(UDP_HEADER)) };
}

function inDatagram(datagram: Uint8Array): Pick<TunnelError, 'key' | 'inner'> {
  if ((datagram[0] ?? 0) >>> 4 !== 0) return { key: undefined, inner: innerIn(datagram) };
  const payload = datagram.subarray(TLV_HEADER);
  return datagram[1] === GRE_PROTOCOL ? inGre(payload) : { key: undefined, inner: innerIn(payload) };
}

function inGre(gre: Uint8Array): Pick<TunnelError, 'key' | 'inner'> {
  if (gre.length < 4) return { key: undefined, inner: undefined };
  const hasKey = (readU16(gre, 0) & GRE_KEY_FLAG) !== 0;
  return {
    key: hasKey && gre.length >= 8 ? readU32(gre, 4) : undefined,
    inner: innerIn(gre.subarray(hasKey ? 8 : 4)),
  };
}

function innerIn(rest: Uint8Array): Uint8Array | undefined {
  return readIpHeader(rest) && rest;
}
