import { readU32, writeU32 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export const AuthenticationSubtype = { MN_HA: 1, MN_AAA: 2 } as const;

export interface AuthenticationOption {
  readonly kind: 'authentication';
  readonly subtype: number;
  readonly spi: number;
  readonly data: Uint8Array;
}

export const authentication = defineMobilityOption<AuthenticationOption>({
  type: 9,
  kind: 'authentication',
  name: 'Mobility Message Authentication',
  rfc: 'RFC 4285 §5 "Mobility Message Authentication Option"',
  align: aligned(4, 1),
  length: atLeast(5),
  decode: (bytes, at, end) => ({
    kind: 'authentication',
    subtype: bytes[at] as number,
    spi: readU32(bytes, at + 1),
    data: copyOctets(bytes, at + 5, end),
  }),
  encode(option, out, at) {
    out[at] = option.subtype;
    writeU32(out, at + 1, option.spi);
    return writeOctets(option.data, out, at + 5);
  },
});
