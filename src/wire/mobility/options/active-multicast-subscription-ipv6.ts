import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface ActiveMulticastSubscriptionIpv6Option {
  readonly kind: 'active-multicast-subscription-ipv6';
  /** 143: MLDv2, 131: MLDv1. */
  readonly mldType: number;
  /** One multicast address record of that protocol. */
  readonly context: Uint8Array;
}

export const activeMulticastSubscriptionIpv6 = defineMobilityOption<ActiveMulticastSubscriptionIpv6Option>({
  type: 57,
  kind: 'active-multicast-subscription-ipv6',
  name: 'Active Multicast Subscription IPv6',
  rfc: 'RFC 7161 §4.1 "Active Multicast Subscription Mobility Option"',
  align: aligned(8, 1),
  length: atLeast(1),
  decode: (bytes, at, end) => ({
    kind: 'active-multicast-subscription-ipv6',
    mldType: bytes[at] as number,
    context: copyOctets(bytes, at + 1, end),
  }),
  encode(option, out, at) {
    out[at] = option.mldType;
    return writeOctets(option.context, out, at + 1);
  },
});
