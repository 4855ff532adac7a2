/**
 * RADIUS packets: RFC 2865 §3 "Packet Format".
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |     Code      |  Identifier   |            Length             |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                         Authenticator                         |
 *    |                        (16 octets)                            |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |  Attributes ...
 * ```
 */
import { readU16, readU32 } from '#base/bytes.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';
import { OctetWriter } from './octet-writer.ts';
import { copyOctets } from './octets.ts';

export interface RadiusPacket {
  /** One of `RadiusCode`. */
  readonly code: number;
  readonly identifier: number;
  /** 16 octets. */
  readonly authenticator: Uint8Array;
  readonly attributes: readonly RadiusAttribute[];
}

/** Order matters among attributes of one type. */
export interface RadiusAttribute {
  /** Private enterprise number of who defined the type; 0: the registry. */
  readonly vendor: number;
  readonly type: number;
  readonly value: Uint8Array;
}

export const RadiusCode = {
  ACCESS_REQUEST: 1,
  ACCESS_ACCEPT: 2,
  ACCESS_REJECT: 3,
  ACCOUNTING_REQUEST: 4,
  ACCOUNTING_RESPONSE: 5,
  ACCESS_CHALLENGE: 11,
  STATUS_SERVER: 12,
  DISCONNECT_REQUEST: 40,
  DISCONNECT_ACK: 41,
  DISCONNECT_NAK: 42,
  COA_REQUEST: 43,
  COA_ACK: 44,
  COA_NAK: 45,
} as const;

export const RADIUS_AUTHENTICATION_PORT = 1812;
export const RADIUS_ACCOUNTING_PORT = 1813;
export const RADIUS_DYNAMIC_AUTHORIZATION_PORT = 3799;
/** Of TCP, for RADIUS over TLS. */
export const RADSEC_PORT = 2083;
export const RADIUS_AUTHENTICATOR_AT = 4;
export const RADIUS_ATTRIBUTES_AT = 20;

export const LONGEST_PACKET = 4096;
const LONGEST_VALUE = 253;
const VENDOR_SPECIFIC = 26;
const VENDOR_HEAD = 4;

/** Octets after the packet's own length are not looked at. A Vendor-Specific attribute becomes those that it holds, where it holds such. */
export function decodeRadius(bytes: Uint8Array): Decoded<RadiusPacket> {
  if (bytes.length < RADIUS_ATTRIBUTES_AT) {
    return wireError('truncated', bytes.length, 'RADIUS packet', 'at least 20 octets (RFC 2865 §3)');
  }
  const length = readU16(bytes, 2);
  if (length < RADIUS_ATTRIBUTES_AT || length > LONGEST_PACKET) {
    return wireError('bad-length', 2, 'Length', `${length}, not 20 to 4096 (RFC 2865 §3)`);
  }
  if (length > bytes.length) {
    return wireError('truncated', 2, 'Length', `${length} octets, of which ${bytes.length} are there (RFC 2865 §3)`);
  }
  const attributes: RadiusAttribute[] = [];
  let at = RADIUS_ATTRIBUTES_AT;
  while (at < length) {
    const octets = bytes[at + 1] ?? 0;
    if (at + 2 > length || octets < 2 || at + octets > length) {
      return wireError(
        'bad-length',
        at,
        `attribute ${bytes[at]}`,
        'a length that cannot be (RFC 2865 §5 "Attributes")',
      );
    }
    addAttribute(bytes, at, at + octets, attributes);
    at += octets;
  }
  const authenticator = copyOctets(bytes, RADIUS_AUTHENTICATOR_AT, RADIUS_ATTRIBUTES_AT);
  return ok({ code: bytes[0] as number, identifier: bytes[1] as number, authenticator, attributes });
}

/** Throws RangeError when an attribute or the packet is too long. */
export function encodeRadius(packet: RadiusPacket): Uint8Array {
  const out = new OctetWriter(256).u8(packet.code).u8(packet.identifier).u16(0).octets(packet.authenticator);
  for (const { vendor, type, value } of packet.attributes) {
    const length = value.length + (vendor === 0 ? 0 : VENDOR_HEAD + 2);
    if (length > LONGEST_VALUE) throw new RangeError(`attribute ${type}: ${value.length} octets do not fit`);
    if (vendor === 0) out.u8(type).u8(2 + length);
    else
      out
        .u8(VENDOR_SPECIFIC)
        .u8(2 + length)
        .u32(vendor)
        .u8(type)
        .u8(2 + value.length);
    out.octets(value);
  }
  if (out.length > LONGEST_PACKET) throw new RangeError(`${out.length} octets do not fit into a RADIUS packet`);
  out.setU16(2, out.length);
  return out.finish();
}

/** The attributes of a packet that can be decoded, one for one, Vendor-Specific ones as they are; for whoever passes them on. */
export function radiusAttributesAsSent(bytes: Uint8Array): RadiusAttribute[] {
  const attributes: RadiusAttribute[] = [];
  const length = readU16(bytes, 2);
  for (let at = RADIUS_ATTRIBUTES_AT; at < length; at += bytes[at + 1] as number) {
    const end = at + (bytes[at + 1] as number);
    attributes.push({ vendor: 0, type: bytes[at] as number, value: copyOctets(bytes, at + 2, end) });
  }
  return attributes;
}

export function findRadiusAttribute(packet: RadiusPacket, type: number, vendor = 0): Uint8Array | undefined {
  return packet.attributes.find((each) => each.type === type && each.vendor === vendor)?.value;
}

function addAttribute(bytes: Uint8Array, at: number, end: number, into: RadiusAttribute[]): void {
  const type = bytes[at] as number;
  const inner = type === VENDOR_SPECIFIC ? vendorAttributes(bytes, at + 2, end) : undefined;
  if (inner) into.push(...inner);
  else into.push({ vendor: 0, type, value: copyOctets(bytes, at + 2, end) });
}

/** In the form that RFC 2865 §5.26 "Vendor-Specific" recommends; `undefined` when it is not in that form. */
function vendorAttributes(bytes: Uint8Array, at: number, end: number): RadiusAttribute[] | undefined {
  if (at + VENDOR_HEAD + 2 > end || bytes[at] !== 0) return undefined;
  const vendor = readU32(bytes, at);
  const attributes: RadiusAttribute[] = [];
  let next = at + VENDOR_HEAD;
  while (next < end) {
    const octets = bytes[next + 1] ?? 0;
    if (next + 2 > end || octets < 2 || next + octets > end || vendor === 0) return undefined;
    attributes.push({ vendor, type: bytes[next] as number, value: copyOctets(bytes, next + 2, next + octets) });
    next += octets;
  }
  return attributes;
}
