import { WireFault } from '../../error.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';
import { decodeSubOptions, encodeSubOptions, type UnknownSubOption } from '../sub-option-list.ts';
import { ACCESS_NETWORK_IDENTIFIERS, type AccessNetworkIdentifier } from './access-network-identifiers.ts';

/** Where the mobile node is attached; at most one sub-option of each kind. */
export interface AccessNetworkIdentifierOption {
  readonly kind: 'access-network-identifier';
  readonly subOptions: readonly (AccessNetworkIdentifier | UnknownSubOption)[];
}

export const accessNetworkIdentifier = defineMobilityOption<AccessNetworkIdentifierOption>({
  type: 52,
  kind: 'access-network-identifier',
  name: 'Access Network Identifier',
  rfc: 'RFC 6757 §3 "Access Network Identifier Option"',
  align: aligned(4),
  length: atLeast(2),
  decode(bytes, at, end) {
    const subOptions = decodeSubOptions(ACCESS_NETWORK_IDENTIFIERS, bytes, at, end);
    return subOptions instanceof WireFault ? subOptions : { kind: 'access-network-identifier', subOptions };
  },
  encode: (option, out, at) => encodeSubOptions(ACCESS_NETWORK_IDENTIFIERS, option.subOptions, out, at),
});
