import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface MobileNodeLinkLayerIdentifierOption {
  readonly kind: 'mobile-node-link-layer-identifier';
  /** The six octets of a MAC address as a rule; some peers send eight, or text. */
  readonly identifier: Uint8Array;
}

/** Chooses: 4n for "aligned appropriately": the identifier then starts at a multiple of 4. */
export const mobileNodeLinkLayerIdentifier = defineMobilityOption<MobileNodeLinkLayerIdentifierOption>({
  type: 25,
  kind: 'mobile-node-link-layer-identifier',
  name: 'Mobile Node Link-layer Identifier',
  rfc: 'RFC 5213 §8.6 "Mobile Node Link-layer Identifier Option"',
  align: aligned(4),
  length: atLeast(2),
  decode: (bytes, at, end) => ({
    kind: 'mobile-node-link-layer-identifier',
    identifier: copyOctets(bytes, at + 2, end),
  }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    return writeOctets(option.identifier, out, at + 2);
  },
});
