import { readU32, writeU32 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromSecondsOrInfinite, toSecondsOrInfinite } from '../../time-units.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface NatDetectionOption {
  readonly kind: 'nat-detection';
  /** F: UDP encapsulation even without a NAT. */
  readonly forceUdpEncapsulation: boolean;
  /** 0: no advice. Infinite: no keepalives needed. */
  readonly refreshTime: Duration;
}

const FORCE = 0x80;

export const natDetection = defineMobilityOption<NatDetectionOption>({
  type: 31,
  kind: 'nat-detection',
  name: 'NAT Detection',
  rfc: 'RFC 5555 §3.2.2 "The NAT Detection Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({
    kind: 'nat-detection',
    forceUdpEncapsulation: ((bytes[at] as number) & FORCE) !== 0,
    refreshTime: fromSecondsOrInfinite(readU32(bytes, at + 2)),
  }),
  encode(option, out, at) {
    out[at] = option.forceUdpEncapsulation ? FORCE : 0;
    out[at + 1] = 0;
    writeU32(out, at + 2, toSecondsOrInfinite(option.refreshTime));
    return at + 6;
  },
});
