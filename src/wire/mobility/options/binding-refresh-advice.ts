import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromFourSeconds, toFourSeconds } from '../../time-units.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface BindingRefreshAdviceOption {
  readonly kind: 'binding-refresh-advice';
  readonly refreshInterval: Duration;
}

export const bindingRefreshAdvice = defineMobilityOption<BindingRefreshAdviceOption>({
  type: 2,
  kind: 'binding-refresh-advice',
  name: 'Binding Refresh Advice',
  rfc: 'RFC 6275 §6.2.4 "Binding Refresh Advice"',
  align: aligned(2),
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'binding-refresh-advice', refreshInterval: fromFourSeconds(readU16(bytes, at)) }),
  encode(option, out, at) {
    writeU16(out, at, toFourSeconds(option.refreshInterval));
    return at + 2;
  },
});
