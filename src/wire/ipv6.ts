import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';
import type { Ipv6Fragment } from './ipv6-extension-headers.ts';
import { walkExtensionHeaders } from './ipv6-extension-headers.ts';

export type { Ipv6Fragment } from './ipv6-extension-headers.ts';

export interface Ipv6Packet {
  /** DSCP and ECN. */
  readonly trafficClass: number;
  readonly flowLabel: number;
  /** Of the payload, after the extension headers. */
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
  readonly fragment: Ipv6Fragment | undefined;
  /** Of a Home Address destination option: the source in upper-layer checksums (RFC 6275 §6.3 "Home Address Option"). */
  readonly homeAddress: Ipv6Address | undefined;
  /** Of a type 2 routing header: the destination in upper-layer checksums (RFC 6275 §6.4 "Type 2 Routing Header"). */
  readonly routedHomeAddress: Ipv6Address | undefined;
  /** Of a Tunnel Encapsulation Limit destination option (RFC 2473 §4.1.1 "Tunnel Encapsulation Limit Option"). */
  readonly tunnelEncapsulationLimit: number | undefined;
  /** A view of the packet. */
  readonly payload: Uint8Array;
}

/** What a packet without extension headers is made of. */
export interface Ipv6Fields {
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
  readonly payload: Uint8Array;
}

const HEADER_LENGTH = 40;
const VERSION = 6;
const LARGEST_PAYLOAD = 0xffff;

/** Octets after the packet's own length, such as a frame's padding, are not looked at. */
export function decodeIpv6(bytes: Uint8Array): Decoded<Ipv6Packet> {
  if (bytes.length < HEADER_LENGTH) {
    return wireError('truncated', bytes.length, 'IPv6 header', '40 octets (RFC 8200)');
  }
  const first = readU32(bytes, 0);
  if (first >>> 28 !== VERSION) return wireError('bad-value', 0, 'Version', `${first >>> 28}, not 6 (RFC 8200)`);
  const end = HEADER_LENGTH + readU16(bytes, 4);
  if (end > bytes.length) {
    return wireError('truncated', 4, 'Payload Length', `${end} octets, of which ${bytes.length} are there (RFC 8200)`);
  }
  const walked = walkExtensionHeaders(bytes, bytes[6] as number, HEADER_LENGTH, end);
  if (!walked.ok) return walked;
  const { nextHeader, at, fragment, homeAddress, routedHomeAddress, tunnelEncapsulationLimit } = walked.value;
  return ok({
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    nextHeader,
    hopLimit: bytes[7] as number,
    source: Ipv6Address.read(bytes, 8),
    destination: Ipv6Address.read(bytes, 24),
    fragment,
    homeAddress,
    routedHomeAddress,
    tunnelEncapsulationLimit,
    payload: bytes.subarray(at, end),
  });
}

/** Throws RangeError when the payload is longer than 65535 octets. */
export function encodeIpv6(fields: Ipv6Fields): Uint8Array {
  const { payload } = fields;
  if (payload.length > LARGEST_PAYLOAD) throw new RangeError(`${payload.length} octets do not fit into an IPv6 packet`);
  const bytes = new Uint8Array(HEADER_LENGTH + payload.length);
  writeU32(bytes, 0, (VERSION << 28) | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0));
  writeU16(bytes, 4, payload.length);
  bytes[6] = fields.nextHeader;
  bytes[7] = fields.hopLimit;
  fields.source.write(bytes, 8);
  fields.destination.write(bytes, 24);
  bytes.set(payload, HEADER_LENGTH);
  return bytes;
}
