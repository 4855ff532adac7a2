import { readU32, writeU32 } from '#base/bytes.ts';
import { aligned, defineMobilityOption, oneOf } from '../option.ts';

export interface GreKeyOption {
  readonly kind: 'gre-key';
  /** Absent: GRE encapsulation without a key. */
  readonly key: number | undefined;
}

const LENGTH_WITHOUT_KEY = 2;
const LENGTH_WITH_KEY = 6;

export const greKey = defineMobilityOption<GreKeyOption>({
  type: 33,
  kind: 'gre-key',
  name: 'GRE Key',
  rfc: 'RFC 5845 §6.1 "GRE Key Option"',
  align: aligned(4),
  length: oneOf(LENGTH_WITHOUT_KEY, LENGTH_WITH_KEY),
  decode: (bytes, at, end) => ({
    kind: 'gre-key',
    key: end - at === LENGTH_WITH_KEY ? readU32(bytes, at + 2) : undefined,
  }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    if (option.key === undefined) return at + LENGTH_WITHOUT_KEY;
    writeU32(out, at + 2, option.key);
    return at + LENGTH_WITH_KEY;
  },
});
