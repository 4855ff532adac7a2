import { Ipv4Address } from '#base/ipv4-address.ts';
import { prefixLengthFault } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface Ipv4HomeAddressOption {
  readonly kind: 'ipv4-home-address';
  readonly prefixLength: number;
  /** P: the mobile node asks for a mobile network prefix. */
  readonly prefixRequested: boolean;
  readonly address: Ipv4Address;
}

const PREFIX_REQUESTED = 0x02;

export const ipv4HomeAddress = defineMobilityOption<Ipv4HomeAddressOption>({
  type: 29,
  kind: 'ipv4-home-address',
  name: 'IPv4 Home Address',
  rfc: 'RFC 5555 §3.1.1 "IPv4 Home Address Option"',
  align: aligned(4),
  length: exactly(6),
  decode(bytes, at) {
    const first = bytes[at] as number;
    const prefixLength = first >>> 2;
    if (prefixLength > 32) return prefixLengthFault(prefixLength, at, 32);
    return {
      kind: 'ipv4-home-address',
      prefixLength,
      prefixRequested: (first & PREFIX_REQUESTED) !== 0,
      address: Ipv4Address.read(bytes, at + 2),
    };
  },
  encode(option, out, at) {
    out[at] = (option.prefixLength << 2) | (option.prefixRequested ? PREFIX_REQUESTED : 0);
    out[at + 1] = 0;
    option.address.write(out, at + 2);
    return at + 6;
  },
});
