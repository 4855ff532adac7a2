import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface MobileNodeLinkLocalAddressInterfaceIdentifierOption {
  readonly kind: 'mobile-node-link-local-address-interface-identifier';
  /** 8 octets. */
  readonly interfaceIdentifier: Uint8Array;
}

export const mobileNodeLinkLocalAddressInterfaceIdentifier =
  defineMobilityOption<MobileNodeLinkLocalAddressInterfaceIdentifierOption>({
    type: 42,
    kind: 'mobile-node-link-local-address-interface-identifier',
    name: 'Mobile Node Link-local Address Interface Identifier',
    rfc: 'RFC 5949 §6.2.3 "Mobile Node Link-Local Address Interface Identifier (MN LLA-IID) Option"',
    align: aligned(8, 4),
    length: exactly(10),
    decode: (bytes, at, end) => ({
      kind: 'mobile-node-link-local-address-interface-identifier',
      interfaceIdentifier: copyOctets(bytes, at + 2, end),
    }),
    encode(option, out, at) {
      out[at] = 0;
      out[at + 1] = 0;
      return writeOctets(option.interfaceIdentifier, out, at + 2);
    },
  });
