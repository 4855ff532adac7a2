import { readU32, writeU32 } from '#base/bytes.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface RestartCounterOption {
  readonly kind: 'restart-counter';
  readonly counter: number;
}

export const restartCounter = defineMobilityOption<RestartCounterOption>({
  type: 28,
  kind: 'restart-counter',
  name: 'Restart Counter',
  rfc: 'RFC 5847 §3.4 "Restart Counter Mobility Option"',
  align: aligned(4, 2),
  length: exactly(4),
  decode: (bytes, at) => ({ kind: 'restart-counter', counter: readU32(bytes, at) }),
  encode(option, out, at) {
    writeU32(out, at, option.counter);
    return at + 4;
  },
});
