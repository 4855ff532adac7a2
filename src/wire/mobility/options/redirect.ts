import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { aligned, defineMobilityOption, oneOf } from '../option.ts';

export interface RedirectOption {
  readonly kind: 'redirect';
  /** The anchor to go to (r2LMA). */
  readonly address: Ipv4Address | Ipv6Address;
}

const IPV6 = 0x80;
const IPV4 = 0x40;

export const redirect = defineMobilityOption<RedirectOption>({
  type: 47,
  kind: 'redirect',
  name: 'Redirect',
  rfc: 'RFC 6463 §4.2 "Redirect Mobility Option"',
  align: aligned(4),
  length: oneOf(6, 18),
  decode(bytes, at, end) {
    const flags = (bytes[at] as number) & (IPV6 | IPV4);
    if (flags === IPV6 && end - at === 18) return { kind: 'redirect', address: Ipv6Address.read(bytes, at + 2) };
    if (flags === IPV4 && end - at === 6) return { kind: 'redirect', address: Ipv4Address.read(bytes, at + 2) };
    return new WireFault(
      'bad-value',
      at,
      'K and N flags',
      'exactly one is set, K with 18 octets, N with 6 (RFC 6463 §4.2)',
    );
  },
  encode(option, out, at) {
    const isIpv4 = option.address instanceof Ipv4Address;
    out[at] = isIpv4 ? IPV4 : IPV6;
    out[at + 1] = 0;
    option.address.write(out, at + 2);
    return at + (isIpv4 ? 6 : 18);
  },
});
