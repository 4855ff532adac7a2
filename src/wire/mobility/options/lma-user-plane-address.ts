import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { aligned, defineMobilityOption, oneOf } from '../option.ts';
import { readEitherAddress, writeEitherAddress } from './either-address.ts';

export interface LmaUserPlaneAddressOption {
  readonly kind: 'lma-user-plane-address';
  /** In a request absent or zero: "tell me". */
  readonly address: Ipv4Address | Ipv6Address | undefined;
}

export const lmaUserPlaneAddress = defineMobilityOption<LmaUserPlaneAddressOption>({
  type: 59,
  kind: 'lma-user-plane-address',
  name: 'LMA User-Plane Address',
  rfc: 'RFC 7389 §4 "LMA User-Plane Address Mobility Option"',
  align: aligned(8, 2),
  length: oneOf(2, 6, 18),
  decode: (bytes, at, end) => ({ kind: 'lma-user-plane-address', address: readEitherAddress(bytes, at + 2, end) }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    return writeEitherAddress(option.address, out, at + 2);
  },
});
