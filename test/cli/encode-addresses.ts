import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';

export const mac = MacAddress.pmipv6Mag;

export function address6(text: string): Ipv6Address {
  return Ipv6Address.parse(text) as Ipv6Address;
}

export function address4(text: string): Ipv4Address {
  return Ipv4Address.parse(text) as Ipv4Address;
}
