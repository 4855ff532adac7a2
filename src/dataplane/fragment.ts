/** Cutting packets that are too long for a link: RFC 791 for IPv4, RFC 8200 for IPv6. */
import { readU16, writeU16, writeU32 } from '#base/bytes.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const FRAGMENT_PROTOCOL = 44;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
/** Fragments begin at multiples of 8 octets. */
const UNIT = 8;
const OPTION_END = 0;
const OPTION_NO_OPERATION = 1;
const OPTION_COPIED = 0x80;

/** Fragments of at most `mtu` octets, also of what is a fragment already. The packet's Don't Fragment flag is not looked at, and gone. */
export function fragmentIpv4(packet: Uint8Array, mtu: number): Uint8Array[] {
  const headerLength = ((packet[0] as number) & 15) * 4;
  const first = packet.subarray(0, headerLength);
  const further = withCopiedOptions(first);
  const field = readU16(packet, 6);
  const payload = packet.subarray(headerLength, readU16(packet, 2));
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < payload.length; ) {
    const header = at === 0 ? first : further;
    const end = Math.min(payload.length, at + wholeUnits(mtu - header.length));
    const more = end < payload.length ? MORE_FRAGMENTS : field & MORE_FRAGMENTS;
    fragments.push(fragment4(header, payload.subarray(at, end), more | ((field & OFFSET_MASK) + at / UNIT)));
    at = end;
  }
  return fragments;
}

/** Fragments of at most `mtu` octets of a packet without extension headers. */
export function fragmentIpv6(packet: Uint8Array, mtu: number, identification: number): Uint8Array[] {
  const payload = packet.subarray(IPV6_HEADER);
  const size = wholeUnits(mtu - IPV6_HEADER - FRAGMENT_HEADER);
  const fragments: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const part = payload.subarray(at, at + size);
    const bytes = new Uint8Array(IPV6_HEADER + FRAGMENT_HEADER + part.length);
    bytes.set(packet.subarray(0, IPV6_HEADER));
    writeU16(bytes, 4, FRAGMENT_HEADER + part.length);
    bytes[6] = FRAGMENT_PROTOCOL;
    bytes[IPV6_HEADER] = packet[6] as number;
    writeU16(bytes, IPV6_HEADER + 2, at | (at + size < payload.length ? 1 : 0));
    writeU32(bytes, IPV6_HEADER + 4, identification);
    bytes.set(part, IPV6_HEADER + FRAGMENT_HEADER);
    fragments.push(bytes);
  }
  return fragments;
}

/** Of a tunnel packet, which may have been marked as not to be fragmented; itself, where it fits. */
export function fragmentTunnelPacket(packet: Uint8Array, mtu: number, identification: number): Uint8Array[] {
  if (packet.length <= mtu) return [packet];
  if ((packet[0] as number) >>> 4 === 6) return fragmentIpv6(packet, mtu, identification);
  const identified = packet.slice();
  writeU16(identified, 4, identification & 0xffff);
  writeU16(identified, 6, 0);
  return fragmentIpv4(identified, mtu);
}

function fragment4(header: Uint8Array, payload: Uint8Array, field: number): Uint8Array {
  const bytes = new Uint8Array(header.length + payload.length);
  bytes.set(header);
  bytes.set(payload, header.length);
  writeU16(bytes, 2, bytes.length);
  writeU16(bytes, 6, field);
  writeU16(bytes, 10, 0);
  writeU16(bytes, 10, foldChecksum(sumOctets(bytes, 0, header.length)));
  return bytes;
}

/** Never none: an MTU too small for anything is none of a path's. */
function wholeUnits(octets: number): number {
  return Math.max(UNIT, octets - (octets % UNIT));
}

/** RFC 791: of the options only those with the copied flag are in the fragments behind the first. */
function withCopiedOptions(header: Uint8Array): Uint8Array {
  const options = copiedOptions(header.subarray(IPV4_HEADER));
  const length = IPV4_HEADER + Math.ceil(options.length / 4) * 4;
  const copy = new Uint8Array(length);
  copy.set(header.subarray(0, IPV4_HEADER));
  copy.set(options, IPV4_HEADER);
  copy[0] = 0x40 | (length / 4);
  return copy;
}

function copiedOptions(options: Uint8Array): number[] {
  const copied: number[] = [];
  for (let at = 0; at < options.length; ) {
    const type = options[at] as number;
    if (type === OPTION_END) break;
    if (type === OPTION_NO_OPERATION) {
      at++;
      continue;
    }
    const length = options[at + 1] ?? 0;
    if (length < 2 || at + length > options.length) break;
    if ((type & OPTION_COPIED) !== 0) copied.push(...options.subarray(at, at + length));
    at += length;
  }
  return copied;
}
