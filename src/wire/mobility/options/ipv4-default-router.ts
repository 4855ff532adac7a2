import { Ipv4Address } from '#base/ipv4-address.ts';
import { aligned, defineMobilityOption, exactly } from '../option.ts';

export interface Ipv4DefaultRouterOption {
  readonly kind: 'ipv4-default-router';
  readonly address: Ipv4Address;
}

export const ipv4DefaultRouter = defineMobilityOption<Ipv4DefaultRouterOption>({
  type: 38,
  kind: 'ipv4-default-router',
  name: 'IPv4 Default-Router Address',
  rfc: 'RFC 5844 §3.3.3 "IPv4 Default-Router Address Option"',
  align: aligned(4),
  length: exactly(6),
  decode: (bytes, at) => ({ kind: 'ipv4-default-router', address: Ipv4Address.read(bytes, at + 2) }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = 0;
    option.address.write(out, at + 2);
    return at + 6;
  },
});
