import { copyOctets, writeOctets } from '../../octets.ts';
import { ANYWHERE, atLeast, defineMobilityOption } from '../option.ts';

/** Registry "Mobile Node Identifier Option Subtypes"; RFC 4283 for 1, RFC 8371 for the others. */
export const MobileNodeIdentifierSubtype = {
  NAI: 1,
  IPV6_ADDRESS: 2,
  IMSI: 3,
  P_TMSI: 4,
  EUI_48: 5,
  EUI_64: 6,
  GUTI: 7,
  DUID: 8,
} as const;

/** At least 253 octets fit into `identifier`; none at all is a legal answer to a request without the option. */
export interface MobileNodeIdentifierOption {
  readonly kind: 'mobile-node-identifier';
  readonly subtype: number;
  readonly identifier: Uint8Array;
}

export const mobileNodeIdentifier = defineMobilityOption<MobileNodeIdentifierOption>({
  type: 8,
  kind: 'mobile-node-identifier',
  name: 'Mobile Node Identifier',
  rfc: 'RFC 4283 §3 "Mobile Node Identifier Option"',
  align: ANYWHERE,
  length: atLeast(1),
  decode: (bytes, at, end) => ({
    kind: 'mobile-node-identifier',
    subtype: bytes[at] as number,
    identifier: copyOctets(bytes, at + 1, end),
  }),
  encode(option, out, at) {
    out[at] = option.subtype;
    return writeOctets(option.identifier, out, at + 1);
  },
});
