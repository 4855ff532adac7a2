import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { readIpv6Prefix } from '../../octets.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

/**
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |   Type = 22   |  Length = 18  |L|  Reserved   | Prefix Length |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                      Home Network Prefix                      |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface HomeNetworkPrefixOption {
  readonly kind: 'home-network-prefix';
  /** As sent, host bits too. */
  readonly prefix: Ipv6Prefix;
  /** L of RFC 7864 §4.1 "Home Network Prefix": the prefix is not hosted on the access interface that the message is about. */
  readonly offLink: boolean;
}

const OFF_LINK = 0x80;

export const homeNetworkPrefix = defineMobilityOption<HomeNetworkPrefixOption>({
  type: 22,
  kind: 'home-network-prefix',
  name: 'Home Network Prefix',
  rfc: 'RFC 5213 §8.3 "Home Network Prefix Option"',
  align: aligned(8, 4),
  length: exactly(18),
  decode(bytes, at) {
    const prefix = readIpv6Prefix(bytes, at + 2, bytes[at + 1] as number, at + 1);
    if (prefix instanceof WireFault) return prefix;
    return { kind: 'home-network-prefix', prefix, offLink: ((bytes[at] as number) & OFF_LINK) !== 0 };
  },
  encode(option, out, at) {
    out[at] = option.offLink ? OFF_LINK : 0;
    out[at + 1] = option.prefix.length;
    option.prefix.address.write(out, at + 2);
    return at + 18;
  },
});
