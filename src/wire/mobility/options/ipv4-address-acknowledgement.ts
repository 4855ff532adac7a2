import { Ipv4Address } from '#base/ipv4-address.ts';
import { prefixLengthFault } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface Ipv4AddressAcknowledgementOption {
  readonly kind: 'ipv4-address-acknowledgement';
  /** One of `Ipv4HomeAddressStatus`. */
  readonly status: number;
  readonly prefixLength: number;
  readonly address: Ipv4Address;
}

export const ipv4AddressAcknowledgement = defineMobilityOption<Ipv4AddressAcknowledgementOption>({
  type: 30,
  kind: 'ipv4-address-acknowledgement',
  name: 'IPv4 Address Acknowledgement',
  rfc: 'RFC 5555 §3.2.1 "IPv4 Address Acknowledgement Option"',
  align: aligned(4),
  length: exactly(6),
  decode(bytes, at) {
    const prefixLength = (bytes[at + 1] as number) >>> 2;
    if (prefixLength > 32) return prefixLengthFault(prefixLength, at + 1, 32);
    return {
      kind: 'ipv4-address-acknowledgement',
      status: bytes[at] as number,
      prefixLength,
      address: Ipv4Address.read(bytes, at + 2),
    };
  },
  encode(option, out, at) {
    out[at] = option.status;
    out[at + 1] = option.prefixLength << 2;
    option.address.write(out, at + 2);
    return at + 6;
  },
});
