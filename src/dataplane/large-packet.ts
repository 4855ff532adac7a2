/** Packets that kernels hand over unfinished, as network cards finish them: large segments, and transport checksums. */
import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { foldChecksum, pseudoHeaderSum, pseudoHeaderSumIpv4, sumOctets } from '#wire/checksum.ts';
import { type IpHeader, readIpHeader } from './ip-packet.ts';

interface Transport {
  readonly protocol: number;
  readonly checksumAt: number;
}

const TCP: Transport = { protocol: 6, checksumAt: 16 };
const UDP: Transport = { protocol: 17, checksumAt: 6 };
const IPV6_HEADER = 40;
const UDP_HEADER = 8;
const TCP_HEADER = 20;
/** More Fragments, and the offset. */
const FRAGMENT = 0x3fff;
const FIN_AND_PSH = 0x09;
const CWR = 0x80;

/**
 * A packet as it may leave through any link: with more than `mtu` octets of TCP, or datagrams of `datagramSize` octets that were put into one, in
 * segments that fit, and transport checksums that are complete. Gives the packet itself, changed, where it is one.
 */
export function finished(packet: Uint8Array, mtu: number, datagramSize = 0): Uint8Array[] {
  const header = readIpHeader(packet);
  const start = header && transportStart(packet, header);
  if (!header || start === undefined) return [packet];
  const protocol = header.version === 4 ? packet[9] : packet[6];
  if (protocol === TCP.protocol && packet.length > mtu && packet.length >= start + TCP_HEADER) {
    const own = start + ((packet[start + 12] as number) >>> 4) * 4;
    if (own < packet.length && own < mtu) return segments(packet, header, { start, own, size: mtu - own, of: TCP });
  }
  if (protocol === UDP.protocol && datagramSize > 0 && packet.length > start + UDP_HEADER + datagramSize)
    return segments(packet, header, { start, own: start + UDP_HEADER, size: datagramSize, of: UDP });
  completeTransportChecksum(packet, header);
  return [packet];
}

/**
 * A sender's kernel that leaves checksums to its network card writes the sum of the pseudo-header alone; over a virtual link no card
 * finishes it. Any other wrong checksum stays wrong.
 */
export function completeTransportChecksum(packet: Uint8Array, header: IpHeader): void {
  const start = transportStart(packet, header);
  const protocol = header.version === 4 ? packet[9] : packet[6];
  const transport = [TCP, UDP].find((one) => one.protocol === protocol);
  if (start === undefined || !transport) return;
  const at = start + transport.checksumAt;
  if (at + 2 > packet.length) return;
  const pseudo = pseudoSum(header, packet.length - start, transport.protocol);
  if (readU16(packet, at) === (~foldChecksum(pseudo) & 0xffff)) writeChecksum(packet, header, start, transport);
}

/** Where the header of the transport is; `undefined` for a fragment, which has no whole one. */
function transportStart(packet: Uint8Array, { version }: IpHeader): number | undefined {
  if (version === 6) return IPV6_HEADER;
  return (readU16(packet, 6) & FRAGMENT) === 0 ? ((packet[0] as number) & 15) * 4 : undefined;
}

interface Cut {
  readonly start: number;
  /** Octets of headers, which each segment has. */
  readonly own: number;
  /** Octets of payload of each. */
  readonly size: number;
  readonly of: Transport;
}

function segments(packet: Uint8Array, header: IpHeader, { start, own, size, of }: Cut): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = own; at < packet.length; at += size) {
    const payload = packet.subarray(at, at + size);
    const segment = new Uint8Array(own + payload.length);
    segment.set(packet.subarray(0, own));
    segment.set(payload, own);
    if (header.version === 6) writeU16(segment, 4, segment.length - IPV6_HEADER);
    else writeIpv4Fields(segment, start, found.length);
    if (of === UDP) writeU16(segment, start + 4, segment.length - start);
    else writeTcpFields(segment, start, at - own, at + size >= packet.length);
    writeChecksum(segment, header, start, of);
    found.push(segment);
  }
  return found;
}

function writeIpv4Fields(segment: Uint8Array, headerLength: number, number: number): void {
  writeU16(segment, 2, segment.length);
  writeU16(segment, 4, (readU16(segment, 4) + number) & 0xffff);
  writeU16(segment, 10, 0);
  writeU16(segment, 10, foldChecksum(sumOctets(segment, 0, headerLength)));
}

/** RFC 9293: the sequence number is that of the first octet. Congestion Window Reduced belongs to the first segment, the end to the last. */
function writeTcpFields(segment: Uint8Array, start: number, offset: number, isLast: boolean): void {
  writeU32(segment, start + 4, (readU32(segment, start + 4) + offset) >>> 0);
  const flags = segment[start + 13] as number;
  segment[start + 13] = flags & ~((isLast ? 0 : FIN_AND_PSH) | (offset === 0 ? 0 : CWR));
}

function writeChecksum(packet: Uint8Array, header: IpHeader, start: number, transport: Transport): void {
  const pseudo = pseudoSum(header, packet.length - start, transport.protocol);
  writeU16(packet, start + transport.checksumAt, 0);
  const checksum = foldChecksum(pseudo + sumOctets(packet, start, packet.length));
  writeU16(packet, start + transport.checksumAt, checksum || 0xffff);
}

function pseudoSum({ source, destination }: IpHeader, length: number, protocol: number): number {
  return source instanceof Ipv6Address
    ? pseudoHeaderSum(source, destination as Ipv6Address, length, protocol)
    : pseudoHeaderSumIpv4(source, destination as Ipv4Address, length, protocol);
}
