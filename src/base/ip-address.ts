import { Ipv4Address } from './ipv4-address.ts';
import { Ipv6Address } from './ipv6-address.ts';

/** An address of either family; `key` tells the two apart. */
export type IpAddress = Ipv4Address | Ipv6Address;

/** Reads either notation; `undefined` when it is neither. */
export function parseIpAddress(text: string): IpAddress | undefined {
  return Ipv4Address.parse(text) ?? Ipv6Address.parse(text);
}

/** Addresses of different families are never the same, an IPv4-mapped one and its IPv4 address neither. */
export function sameAddress(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  if (a instanceof Ipv4Address) return b instanceof Ipv4Address && a.equals(b);
  return a !== undefined && b instanceof Ipv6Address && a.equals(b);
}
