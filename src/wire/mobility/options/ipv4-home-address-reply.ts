import { Ipv4Address } from '#base/ipv4-address.ts';
import { prefixLengthFault } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

/** RFC 5844 §3.3.2 "IPv4 Home Address Reply Option"; 133 only in RFC 5555 §3.2.1 "IPv4 Address Acknowledgement Option". */
export const Ipv4HomeAddressStatus = {
  SUCCESS: 0,
  REASON_UNSPECIFIED: 128,
  ADMINISTRATIVELY_PROHIBITED: 129,
  INCORRECT_IPV4_HOME_ADDRESS: 130,
  INVALID_IPV4_ADDRESS: 131,
  DYNAMIC_ASSIGNMENT_NOT_AVAILABLE: 132,
  PREFIX_ALLOCATION_UNAUTHORIZED: 133,
} as const;

export interface Ipv4HomeAddressReplyOption {
  readonly kind: 'ipv4-home-address-reply';
  /** One of `Ipv4HomeAddressStatus`. */
  readonly status: number;
  readonly prefixLength: number;
  readonly address: Ipv4Address;
}

export const ipv4HomeAddressReply = defineMobilityOption<Ipv4HomeAddressReplyOption>({
  type: 37,
  kind: 'ipv4-home-address-reply',
  name: 'IPv4 Home Address Reply',
  rfc: 'RFC 5844 §3.3.2 "IPv4 Home Address Reply Option"',
  align: aligned(4),
  length: exactly(6),
  decode(bytes, at) {
    const prefixLength = (bytes[at + 1] as number) >>> 2;
    if (prefixLength > 32) return prefixLengthFault(prefixLength, at + 1, 32);
    return {
      kind: 'ipv4-home-address-reply',
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
