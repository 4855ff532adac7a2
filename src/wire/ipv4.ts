import { readU16, writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { ok } from '#base/result.ts';
import { foldChecksum, sumOctets } from './checksum.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

export interface Ipv4Packet {
  /** DSCP and ECN. */
  readonly trafficClass: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In octets. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** A view of the packet; empty as a rule. */
  readonly options: Uint8Array;
  /** A view of the packet. */
  readonly payload: Uint8Array;
}

/** What a packet without options and not fragmented is made of. */
export interface Ipv4Fields {
  readonly trafficClass?: number;
  readonly identification?: number;
  readonly dontFragment?: boolean;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly payload: Uint8Array;
}

const HEADER_LENGTH = 20;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;
const LARGEST = 0xffff;

/** Verifies the header checksum. Octets after the packet's own length, such as a frame's padding, are not looked at. */
export function decodeIpv4(bytes: Uint8Array): Decoded<Ipv4Packet> {
  if (bytes.length < HEADER_LENGTH) return wireError('truncated', bytes.length, 'IPv4 header', '20 octets (RFC 791)');
  const first = bytes[0] as number;
  if (first >>> 4 !== 4) return wireError('bad-value', 0, 'Version', `${first >>> 4}, not 4 (RFC 791)`);
  const headerLength = (first & 15) * 4;
  if (headerLength < HEADER_LENGTH) return wireError('bad-length', 0, 'IHL', 'less than 5 words (RFC 791)');
  const end = readU16(bytes, 2);
  if (end < headerLength) return wireError('bad-length', 2, 'Total Length', 'less than the header (RFC 791)');
  if (end > bytes.length) {
    return wireError('truncated', 2, 'Total Length', `${end} octets, of which ${bytes.length} are there (RFC 791)`);
  }
  if (foldChecksum(sumOctets(bytes, 0, headerLength)) !== 0) {
    return wireError('bad-checksum', 10, 'Header Checksum', 'does not fit the header (RFC 791)');
  }
  const fragment = readU16(bytes, 6);
  return ok({
    trafficClass: bytes[1] as number,
    identification: readU16(bytes, 4),
    dontFragment: (fragment & DONT_FRAGMENT) !== 0,
    moreFragments: (fragment & MORE_FRAGMENTS) !== 0,
    fragmentOffset: (fragment & OFFSET_MASK) * 8,
    ttl: bytes[8] as number,
    protocol: bytes[9] as number,
    source: Ipv4Address.read(bytes, 12),
    destination: Ipv4Address.read(bytes, 16),
    options: bytes.subarray(HEADER_LENGTH, headerLength),
    payload: bytes.subarray(headerLength, end),
  });
}

/** Throws RangeError when the packet would be longer than 65535 octets. */
export function encodeIpv4(fields: Ipv4Fields): Uint8Array {
  const length = HEADER_LENGTH + fields.payload.length;
  if (length > LARGEST) throw new RangeError(`${length} octets do not fit into an IPv4 packet`);
  const bytes = new Uint8Array(length);
  bytes[0] = 0x45;
  bytes[1] = fields.trafficClass ?? 0;
  writeU16(bytes, 2, length);
  writeU16(bytes, 4, fields.identification ?? 0);
  writeU16(bytes, 6, fields.dontFragment ? DONT_FRAGMENT : 0);
  bytes[8] = fields.ttl;
  bytes[9] = fields.protocol;
  fields.source.write(bytes, 12);
  fields.destination.write(bytes, 16);
  writeU16(bytes, 10, foldChecksum(sumOctets(bytes, 0, HEADER_LENGTH)));
  bytes.set(fields.payload, HEADER_LENGTH);
  return bytes;
}
