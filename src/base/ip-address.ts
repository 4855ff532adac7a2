import { Ipv4Address } from './ipv4-address.ts';
import { Ipv6Address } from './ipv6-address.ts';

/** An address of either family; `key` tells the two apart. */
export type IpAddress = Ipv4Address | Ipv6Address;

/** Reads either notation; `undefined` when it is neither. */
export function parseIpAddress(text: string): IpAddress | undefined {
  return Ipv4Address.parse(text) ?? Ipv6Address.parse(text);
}

/** The address itself, or the IPv4-mapped one of RFC 4291 §2.5.5.2, `::ffff:192.0.2.1`. */
export function asIpv6(address: IpAddress): Ipv6Address {
  return address instanceof Ipv4Address ? new Ipv6Address(0, 0, 0xffff, address.word) : address;
}

/** Addresses of different families are never the same, an IPv4-mapped one and its IPv4 address neither. */
export function sameAddress(a: IpAddress | undefined, b: IpAddress | undefined): boolean {
  if (a instanceof Ipv4Address) return b instanceof Ipv4Address && a.equals(b);
  return a !== undefined && b instanceof Ipv6Address && a.equals(b);
}
