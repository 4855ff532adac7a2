import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { readIpv6Prefix } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface MobileNetworkPrefixOption {
  readonly kind: 'mobile-network-prefix';
  readonly prefix: Ipv6Prefix;
}

export const mobileNetworkPrefix = defineMobilityOption<MobileNetworkPrefixOption>({
  type: 6,
  kind: 'mobile-network-prefix',
  name: 'Mobile Network Prefix',
  rfc: 'RFC 3963',
  align: aligned(8, 4),
  length: exactly(18),
  decode(bytes, at) {
    const prefix = readIpv6Prefix(bytes, at + 2, bytes[at + 1] as number, at + 1);
    return prefix instanceof WireFault ? prefix : { kind: 'mobile-network-prefix', prefix };
  },
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = option.prefix.length;
    option.prefix.address.write(out, at + 2);
    return at + 18;
  },
});
