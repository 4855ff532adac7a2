import type { Duration } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import { toUnits } from '../../time-units.ts';
import { ANYWHERE, defineMobilityOption, exactly } from '../option.ts';

export interface TransientBindingOption {
  readonly kind: 'transient-binding';
  /** L: the anchor goes on forwarding downlink packets to the previous gateway. */
  readonly latePathSwitch: boolean;
  /** At most 25.5 s. */
  readonly lifetime: Duration;
}

const LATE_PATH_SWITCH = 0x01;
const UNIT_MS = 100;

export const transientBinding = defineMobilityOption<TransientBindingOption>({
  type: 43,
  kind: 'transient-binding',
  name: 'Transient Binding',
  rfc: 'RFC 6058 §5.1 "Transient Binding Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({
    kind: 'transient-binding',
    latePathSwitch: ((bytes[at] as number) & LATE_PATH_SWITCH) !== 0,
    lifetime: milliseconds((bytes[at + 1] as number) * UNIT_MS),
  }),
  encode(option, out, at) {
    out[at] = option.latePathSwitch ? LATE_PATH_SWITCH : 0;
    out[at + 1] = toUnits(option.lifetime, UNIT_MS, 255);
    return at + 2;
  },
});
