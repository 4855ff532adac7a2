import { Ipv4Address } from '#base/ipv4-address.ts';
import { prefixLengthFault } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface Ipv4HomeAddressRequestOption {
  readonly kind: 'ipv4-home-address-request';
  readonly prefixLength: number;
  /** 0.0.0.0 asks for one. */
  readonly address: Ipv4Address;
}

export const ipv4HomeAddressRequest = defineMobilityOption<Ipv4HomeAddressRequestOption>({
  type: 36,
  kind: 'ipv4-home-address-request',
  name: 'IPv4 Home Address Request',
  rfc: 'RFC 5844 §3.3.1 "IPv4 Home Address Request Option"',
  align: aligned(4),
  length: exactly(6),
  decode(bytes, at) {
    const prefixLength = (bytes[at] as number) >>> 2;
    if (prefixLength > 32) return prefixLengthFault(prefixLength, at, 32);
    return { kind: 'ipv4-home-address-request', prefixLength, address: Ipv4Address.read(bytes, at + 2) };
  },
  encode(option, out, at) {
    out[at] = option.prefixLength << 2;
    out[at + 1] = 0;
    option.address.write(out, at + 2);
    return at + 6;
  },
});
