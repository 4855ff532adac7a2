import { readU32, writeU32 } from '#base/bytes.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

/** An NTP timestamp: seconds since 1900-01-01, and 2^-32 seconds. Not the format of the Timestamp option. */
export interface ReplayProtectionOption {
  readonly kind: 'replay-protection';
  readonly seconds: number;
  readonly fraction: number;
}

export const replayProtection = defineMobilityOption<ReplayProtectionOption>({
  type: 10,
  kind: 'replay-protection',
  name: 'Mobility Message Replay Protection',
  rfc: 'RFC 4285 §6 "Mobility Message Replay Protection Option"',
  align: aligned(8, 2),
  length: exactly(8),
  decode: (bytes, at) => ({
    kind: 'replay-protection',
    seconds: readU32(bytes, at),
    fraction: readU32(bytes, at + 4),
  }),
  encode(option, out, at) {
    writeU32(out, at, option.seconds);
    writeU32(out, at + 4, option.fraction);
    return at + 8;
  },
});
