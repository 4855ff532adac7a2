import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface ActiveMulticastSubscriptionIpv4Option {
  readonly kind: 'active-multicast-subscription-ipv4';
  /** 0x12: IGMPv1, 0x16: IGMPv2, 0x22: IGMPv3. */
  readonly igmpType: number;
  /** The group address or group record of that protocol. */
  readonly context: Uint8Array;
}

export const activeMulticastSubscriptionIpv4 = defineMobilityOption<ActiveMulticastSubscriptionIpv4Option>({
  type: 56,
  kind: 'active-multicast-subscription-ipv4',
  name: 'Active Multicast Subscription IPv4',
  rfc: 'RFC 7161 §4.1 "Active Multicast Subscription Mobility Option"',
  align: aligned(4, 1),
  length: atLeast(1),
  decode: (bytes, at, end) => ({
    kind: 'active-multicast-subscription-ipv4',
    igmpType: bytes[at] as number,
    context: copyOctets(bytes, at + 1, end),
  }),
  encode(option, out, at) {
    out[at] = option.igmpType;
    return writeOctets(option.context, out, at + 1);
  },
});
