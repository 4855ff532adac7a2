import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { aligned, defineMobilityOption, oneOf } from '../option.ts';

export interface LocalMobilityAnchorAddressOption {
  readonly kind: 'local-mobility-anchor-address';
  readonly address: Ipv4Address | Ipv6Address;
}

const CODE_IPV6 = 1;
const CODE_IPV4 = 2;

export const localMobilityAnchorAddress = defineMobilityOption<LocalMobilityAnchorAddressOption>({
  type: 41,
  kind: 'local-mobility-anchor-address',
  name: 'Local Mobility Anchor Address',
  rfc: 'RFC 5949 §6.2.2 "Local Mobility Anchor Address (LMAA) Option"',
  align: aligned(4),
  length: oneOf(6, 18),
  decode(bytes, at, end) {
    const code = bytes[at] as number;
    if (code === CODE_IPV6 && end - at === 18) {
      return { kind: 'local-mobility-anchor-address', address: Ipv6Address.read(bytes, at + 2) };
    }
    if (code === CODE_IPV4 && end - at === 6) {
      return { kind: 'local-mobility-anchor-address', address: Ipv4Address.read(bytes, at + 2) };
    }
    return new WireFault(
      'bad-value',
      at,
      'Option-Code',
      `${code} does not go with ${end - at - 2} octets of address (RFC 5949 §6.2.2)`,
    );
  },
  encode(option, out, at) {
    const isIpv4 = option.address instanceof Ipv4Address;
    out[at] = isIpv4 ? CODE_IPV4 : CODE_IPV6;
    out[at + 1] = 0;
    option.address.write(out, at + 2);
    return at + (isIpv4 ? 6 : 18);
  },
});
