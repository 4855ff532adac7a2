import { Ipv6Address } from '#base/ipv6-address.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface MagIpv6AddressOption {
  readonly kind: 'mag-ipv6-address';
  readonly address: Ipv6Address;
}

const ADDRESS_LENGTH_BITS = 128;

export const magIpv6Address = defineMobilityOption<MagIpv6AddressOption>({
  type: 51,
  kind: 'mag-ipv6-address',
  name: 'MAG IPv6 Address',
  rfc: 'RFC 6705 §11.1 "MAG IPv6 Address"',
  align: aligned(8, 4),
  length: exactly(18),
  decode: (bytes, at) => ({ kind: 'mag-ipv6-address', address: Ipv6Address.read(bytes, at + 2) }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = ADDRESS_LENGTH_BITS;
    option.address.write(out, at + 2);
    return at + 18;
  },
});
