/**
 * GRE with its optional fields (RFC 2784 §2.1 "GRE Header", RFC 2890 §2 "Extensions to GRE Header").
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |C| |K|S| Reserved0       | Ver |         Protocol Type         |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |      Checksum (optional)      |       Reserved1 (Optional)    |
 *    |                         Key (optional)                        |
 *    |                 Sequence Number (Optional)                    |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { ok } from '#base/result.ts';
import { foldChecksum, sumOctets } from './checksum.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

export interface GrePacket {
  /** An EtherType. */
  readonly protocol: number;
  /** Whether a checksum is there; a wrong one is an error. */
  readonly checksum: boolean;
  readonly key: number | undefined;
  readonly sequence: number | undefined;
  /** When decoded, a view of the packet. */
  readonly payload: Uint8Array;
}

export const GRE_PROTOCOL = 47;

const CHECKSUM = 0x8000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
/** "A receiver MUST discard a packet where any of bits 1-5 are non-zero", of which RFC 2890 gave two a meaning. */
const MUST_BE_ZERO = 0x4c00;
const VERSION = 0x0007;
const SHORTEST = 4;
const WORD = 4;

export function decodeGre(bytes: Uint8Array): Decoded<GrePacket> {
  if (bytes.length < SHORTEST) return wireError('truncated', bytes.length, 'GRE header', '4 octets (RFC 2784 §2.1)');
  const flags = readU16(bytes, 0);
  if ((flags & VERSION) !== 0)
    return wireError(
      'bad-value',
      1,
      'Ver',
      `${flags & VERSION}, not 0 (RFC 2784 §2.3.1 "Version Number (bits 13-15)")`,
    );
  if ((flags & MUST_BE_ZERO) !== 0)
    return wireError('bad-value', 0, 'Reserved0', 'bits 1, 4, 5 are not 0 (RFC 2784 §2.3 "Reserved0 (bits 1-12)")');
  const length = SHORTEST + WORD * optionalWords(flags);
  if (bytes.length < length)
    return wireError('truncated', bytes.length, 'GRE header', `${length} octets (RFC 2890 §2)`);
  if ((flags & CHECKSUM) !== 0 && foldChecksum(sumOctets(bytes, 0, bytes.length)) !== 0) {
    return wireError(
      'bad-checksum',
      SHORTEST,
      'Checksum',
      'does not fit header and payload (RFC 2784 §2.5 "Checksum (2 octets)")',
    );
  }
  const keyAt = SHORTEST + ((flags & CHECKSUM) !== 0 ? WORD : 0);
  const hasKey = (flags & KEY) !== 0;
  return ok({
    protocol: readU16(bytes, 2),
    checksum: (flags & CHECKSUM) !== 0,
    key: hasKey ? readU32(bytes, keyAt) : undefined,
    sequence: (flags & SEQUENCE) !== 0 ? readU32(bytes, keyAt + (hasKey ? WORD : 0)) : undefined,
    payload: bytes.subarray(length),
  });
}

export function encodeGre(packet: GrePacket): Uint8Array {
  const flags =
    (packet.checksum ? CHECKSUM : 0) |
    (packet.key === undefined ? 0 : KEY) |
    (packet.sequence === undefined ? 0 : SEQUENCE);
  const length = SHORTEST + WORD * optionalWords(flags);
  const bytes = new Uint8Array(length + packet.payload.length);
  writeU16(bytes, 0, flags);
  writeU16(bytes, 2, packet.protocol);
  bytes.set(packet.payload, length);
  let at = SHORTEST + (packet.checksum ? WORD : 0);
  if (packet.key !== undefined) {
    writeU32(bytes, at, packet.key);
    at += WORD;
  }
  if (packet.sequence !== undefined) writeU32(bytes, at, packet.sequence);
  if (packet.checksum) writeU16(bytes, SHORTEST, foldChecksum(sumOctets(bytes, 0, bytes.length)));
  return bytes;
}

function optionalWords(flags: number): number {
  return Number((flags & CHECKSUM) !== 0) + Number((flags & KEY) !== 0) + Number((flags & SEQUENCE) !== 0);
}
