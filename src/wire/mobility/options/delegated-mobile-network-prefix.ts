import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { prefixLengthFault, readIpv6Prefix } from '../../octets.ts';
import { aligned, defineMobilityOption, oneOf } from '../option.ts';

export interface DelegatedMobileNetworkPrefixOption {
  readonly kind: 'delegated-mobile-network-prefix';
  readonly prefix: Ipv4Prefix | Ipv6Prefix;
}

const IPV4 = 0x80;

/** 8n+2 as the RFC states, although its figure would have the prefix 8-aligned at 8n+4. */
export const delegatedMobileNetworkPrefix = defineMobilityOption<DelegatedMobileNetworkPrefixOption>({
  type: 55,
  kind: 'delegated-mobile-network-prefix',
  name: 'Delegated Mobile Network Prefix',
  rfc: 'RFC 7148 §4.1 "Delegated Mobile Network Prefix Option"',
  align: aligned(8, 2),
  length: oneOf(6, 18),
  decode(bytes, at, end) {
    const length = bytes[at + 1] as number;
    const isIpv4 = ((bytes[at] as number) & IPV4) !== 0;
    if (isIpv4 !== (end - at === 6)) {
      return new WireFault('bad-value', at, 'V flag', 'set with 6 octets and clear with 18 (RFC 7148 §4.1)');
    }
    if (isIpv4) {
      if (length > 32) return prefixLengthFault(length, at + 1, 32);
      return {
        kind: 'delegated-mobile-network-prefix',
        prefix: new Ipv4Prefix(Ipv4Address.read(bytes, at + 2), length),
      };
    }
    const prefix = readIpv6Prefix(bytes, at + 2, length, at + 1);
    return prefix instanceof WireFault ? prefix : { kind: 'delegated-mobile-network-prefix', prefix };
  },
  encode(option, out, at) {
    const isIpv4 = option.prefix instanceof Ipv4Prefix;
    out[at] = isIpv4 ? IPV4 : 0;
    out[at + 1] = option.prefix.length;
    option.prefix.address.write(out, at + 2);
    return at + (isIpv4 ? 6 : 18);
  },
});
