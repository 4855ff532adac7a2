import type { Ipv4Address } from '#base/ipv4-address.ts';

export interface HomeAddress {
  readonly address: Ipv4Address;
  readonly prefixLength: number;
  readonly defaultRouter: Ipv4Address;
}
