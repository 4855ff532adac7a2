import { Ipv4Address } from '#base/ipv4-address.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface AlternateIpv4CareOfAddressOption {
  readonly kind: 'alternate-ipv4-care-of-address';
  readonly address: Ipv4Address;
}

export const alternateIpv4CareOfAddress = defineMobilityOption<AlternateIpv4CareOfAddressOption>({
  type: 49,
  kind: 'alternate-ipv4-care-of-address',
  name: 'Alternate IPv4 Care-of Address',
  rfc: 'RFC 6463 §4.4 "Alternate IPv4 Care-of Address Mobility Option"',
  align: aligned(4, 2),
  length: exactly(4),
  decode: (bytes, at) => ({ kind: 'alternate-ipv4-care-of-address', address: Ipv4Address.read(bytes, at) }),
  encode(option, out, at) {
    option.address.write(out, at);
    return at + 4;
  },
});
