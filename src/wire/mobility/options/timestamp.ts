import { readU16, writeU16 } from '#base/bytes.ts';
import type { UtcTime } from '#base/time.ts';
import { utcTime } from '#base/time.ts';
import { readU48, writeU48 } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

/** Time since 1970-01-01T00:00:00Z. The two parts are kept as sent, so that an answer echoes them exactly. */
export interface TimestampOption {
  readonly kind: 'timestamp';
  /** 48 bits. */
  readonly seconds: number;
  /** Units of 1/65536 second. */
  readonly fraction: number;
}

export const timestamp = defineMobilityOption<TimestampOption>({
  type: 27,
  kind: 'timestamp',
  name: 'Timestamp',
  rfc: 'RFC 5213 §8.8 "Timestamp Option"',
  align: aligned(8, 2),
  length: exactly(8),
  decode: (bytes, at) => ({ kind: 'timestamp', seconds: readU48(bytes, at), fraction: readU16(bytes, at + 6) }),
  encode(option, out, at) {
    writeU48(out, at, option.seconds);
    writeU16(out, at + 6, option.fraction);
    return at + 8;
  },
});

/**
 * Rounds down to 1/65536 second. RFC 5213 §5.5(4) "Timestamp Option for Message Ordering": "the mobility entities MUST ensure that the generated timestamp is the elapsed time past the same
 * reference epoch".
 */
export function timestampFromUtc(utc: UtcTime): TimestampOption {
  const seconds = Math.floor(utc / 1000);
  return { kind: 'timestamp', seconds, fraction: Math.floor((utc - seconds * 1000) * 65.536) };
}

export function timestampToUtc(option: TimestampOption): UtcTime {
  return utcTime(option.seconds * 1000 + option.fraction / 65.536);
}
