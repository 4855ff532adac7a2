import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { ANY_LENGTH, defineDhcpv4Option } from './option.ts';

export interface ClasslessStaticRouteOption {
  readonly kind: 'classless-static-route';
  readonly routes: readonly ClasslessStaticRoute[];
}

export interface ClasslessStaticRoute {
  readonly destination: Ipv4Prefix;
  readonly router: Ipv4Address;
}

/** A destination is its prefix length and then only the octets that the length covers. */
export const classlessStaticRoute = defineDhcpv4Option<ClasslessStaticRouteOption>({
  code: 121,
  kind: 'classless-static-route',
  name: 'Classless Static Route',
  rfc: 'RFC 3442, "Classless Route Option Format"',
  minimumLength: 5,
  maximumLength: ANY_LENGTH,
  multipleOf: 1,
  decode(data) {
    const routes: ClasslessStaticRoute[] = [];
    let at = 0;
    while (at < data.length) {
      const length = data[at] as number;
      const octets = Math.ceil(length / 8);
      const router = at + 1 + octets;
      if (length > 32 || router + 4 > data.length) return undefined;
      const address = new Uint8Array(4);
      address.set(data.subarray(at + 1, router));
      const destination = new Ipv4Prefix(Ipv4Address.read(address), length);
      routes.push({ destination, router: Ipv4Address.read(data, router) });
      at = router + 4;
    }
    return { kind: 'classless-static-route', routes };
  },
  encode(option, out) {
    for (const { destination, router } of option.routes) {
      const octets = destination.address.toBytes().subarray(0, Math.ceil(destination.length / 8));
      out.u8(destination.length).octets(octets).ipv4(router);
    }
  },
});
