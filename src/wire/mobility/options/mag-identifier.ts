import { copyOctets, writeOctets } from '../../octets.ts';
import { ANYWHERE, atLeast, defineMobilityOption } from '../option.ts';

export interface MagIdentifierOption {
  readonly kind: 'mag-identifier';
  /** One of `MobileNodeIdentifierSubtype`. */
  readonly subtype: number;
  readonly identifier: Uint8Array;
}

export const magIdentifier = defineMobilityOption<MagIdentifierOption>({
  type: 64,
  kind: 'mag-identifier',
  name: 'MAG Identifier',
  rfc: 'RFC 8278 §4.2 "MAG Identifier Option"',
  align: ANYWHERE,
  length: atLeast(2),
  decode: (bytes, at, end) => ({
    kind: 'mag-identifier',
    subtype: bytes[at] as number,
    identifier: copyOctets(bytes, at + 2, end),
  }),
  encode(option, out, at) {
    out[at] = option.subtype;
    out[at + 1] = 0;
    return writeOctets(option.identifier, out, at + 2);
  },
});
