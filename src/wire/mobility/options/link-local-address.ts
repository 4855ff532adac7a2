import { Ipv6Address } from '#base/ipv6-address.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface LinkLocalAddressOption {
  readonly kind: 'link-local-address';
  /** ALL_ZERO asks the LMA for the one of the domain. */
  readonly address: Ipv6Address;
}

export const linkLocalAddress = defineMobilityOption<LinkLocalAddressOption>({
  type: 26,
  kind: 'link-local-address',
  name: 'Link-local Address',
  rfc: 'RFC 5213 §8.7 "Link-local Address Option"',
  align: aligned(8, 6),
  length: exactly(16),
  decode: (bytes, at) => ({ kind: 'link-local-address', address: Ipv6Address.read(bytes, at) }),
  encode(option, out, at) {
    option.address.write(out, at);
    return at + 16;
  },
});
