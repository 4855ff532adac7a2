import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface LoadInformationOption {
  readonly kind: 'load-information';
  /** The lower, the better. */
  readonly priority: number;
  readonly sessionsInUse: number;
  readonly maximumSessions: number;
  readonly usedCapacityKilobytesPerSecond: number;
  readonly maximumCapacityKilobytesPerSecond: number;
}

export const loadInformation = defineMobilityOption<LoadInformationOption>({
  type: 48,
  kind: 'load-information',
  name: 'Load Information',
  rfc: 'RFC 6463 §4.3 "Load Information Mobility Option"',
  align: aligned(4),
  length: exactly(18),
  decode: (bytes, at) => ({
    kind: 'load-information',
    priority: readU16(bytes, at),
    sessionsInUse: readU32(bytes, at + 2),
    maximumSessions: readU32(bytes, at + 6),
    usedCapacityKilobytesPerSecond: readU32(bytes, at + 10),
    maximumCapacityKilobytesPerSecond: readU32(bytes, at + 14),
  }),
  encode(option, out, at) {
    writeU16(out, at, option.priority);
    writeU32(out, at + 2, option.sessionsInUse);
    writeU32(out, at + 6, option.maximumSessions);
    writeU32(out, at + 10, option.usedCapacityKilobytesPerSecond);
    writeU32(out, at + 14, option.maximumCapacityKilobytesPerSecond);
    return at + 18;
  },
});
