import { Ipv6Address } from '#base/ipv6-address.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface AlternateCareOfAddressOption {
  readonly kind: 'alternate-care-of-address';
  readonly address: Ipv6Address;
}

export const alternateCareOfAddress = defineMobilityOption<AlternateCareOfAddressOption>({
  type: 3,
  kind: 'alternate-care-of-address',
  name: 'Alternate Care-of Address',
  rfc: 'RFC 6275 §6.2.5 "Alternate Care-of Address"',
  align: aligned(8, 6),
  length: exactly(16),
  decode: (bytes, at) => ({ kind: 'alternate-care-of-address', address: Ipv6Address.read(bytes, at) }),
  encode(option, out, at) {
    option.address.write(out, at);
    return at + 16;
  },
});
