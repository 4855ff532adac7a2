/**
 * The TLV header between UDP port 5437 and a tunnelled packet (RFC 5845 §7.2 "TLV-Header Tunneling Negotiation").
 * ```
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    | Type=0|  Res. |  Next Header  |            Length             |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { readU16, writeU16 } from '#base/bytes.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

export interface TlvTunnelPacket {
  /** 41: IPv6, 4: IPv4, 47: GRE. */
  readonly nextHeader: number;
  /** When decoded, a view of the datagram. */
  readonly payload: Uint8Array;
}

/** RFC 5844 §4 "IPv4 Transport Support": data, where signalling has 5436. */
export const TUNNEL_UDP_PORT = 5437;

const HEADER_LENGTH = 4;

/** Whether a datagram at the port starts with the header and not with an IP packet, whose first four bits are its version. */
export function startsWithTlvHeader(bytes: Uint8Array): boolean {
  return bytes.length > 0 && (bytes[0] as number) >>> 4 === 0;
}

/** Whether a datagram is an IP packet or one with a TLV header, for peers that use the port of signalling for both; no message is. */
export function isTunnelPayload(bytes: Uint8Array): boolean {
  const version = (bytes[0] ?? 0xff) >>> 4;
  return version === 4 || version === 6 || (version === 0 && decodeTlvTunnel(bytes).ok);
}

/** `bytes` is the payload of the datagram; when its length is not what the header says, it must be discarded. */
export function decodeTlvTunnel(bytes: Uint8Array): Decoded<TlvTunnelPacket> {
  if (bytes.length < HEADER_LENGTH)
    return wireError('truncated', bytes.length, 'TLV header', '4 octets (RFC 5845 §7.2)');
  const type = (bytes[0] as number) >>> 4;
  if (type !== 0) return wireError('bad-value', 0, 'Type', `${type}, not 0 (RFC 5845 §7.2)`);
  const length = readU16(bytes, 2);
  if (length !== bytes.length - HEADER_LENGTH) {
    return wireError(
      'bad-length',
      2,
      'Length',
      `${length}, where ${bytes.length - HEADER_LENGTH} follow (RFC 5845 §7.2)`,
    );
  }
  return ok({ nextHeader: bytes[1] as number, payload: bytes.subarray(HEADER_LENGTH) });
}

export function encodeTlvTunnel(packet: TlvTunnelPacket): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + packet.payload.length);
  bytes[1] = packet.nextHeader;
  writeU16(bytes, 2, packet.payload.length);
  bytes.set(packet.payload, HEADER_LENGTH);
  return bytes;
}
