import { Ipv4Address } from '#base/ipv4-address.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface Ipv4CareOfAddressOption {
  readonly kind: 'ipv4-care-of-address';
  readonly address: Ipv4Address;
}

export const ipv4CareOfAddress = defineMobilityOption<Ipv4CareOfAddressOption>({
  type: 32,
  kind: 'ipv4-care-of-address',
  name: 'IPv4 Care-of Address',
  rfc: 'RFC 5555 §3.1.2 "The IPv4 Care-of Address Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({ kind: 'ipv4-care-of-address', address: Ipv4Address.read(bytes, at + 2) }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    option.address.write(out, at + 2);
    return at + 6;
  },
});
