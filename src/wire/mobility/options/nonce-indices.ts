import { readU16, writeU16 } from '#base/bytes.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface NonceIndicesOption {
  readonly kind: 'nonce-indices';
  readonly homeNonceIndex: number;
  readonly careOfNonceIndex: number;
}

export const nonceIndices = defineMobilityOption<NonceIndicesOption>({
  type: 4,
  kind: 'nonce-indices',
  name: 'Nonce Indices',
  rfc: 'RFC 6275 §6.2.6 "Nonce Indices"',
  align: aligned(2),
  length: exactly(4),
  decode: (bytes, at) => ({
    kind: 'nonce-indices',
    homeNonceIndex: readU16(bytes, at),
    careOfNonceIndex: readU16(bytes, at + 2),
  }),
  encode(option, out, at) {
    writeU16(out, at, option.homeNonceIndex);
    writeU16(out, at + 2, option.careOfNonceIndex);
    return at + 4;
  },
});
