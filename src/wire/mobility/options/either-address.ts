import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';

/** The 4, 16 or no octets of an address whose family its length tells. */
export function readEitherAddress(bytes: Uint8Array, at: number, end: number): Ipv4Address | Ipv6Address | undefined {
  if (end === at) return undefined;
  return end - at === 4 ? Ipv4Address.read(bytes, at) : Ipv6Address.read(bytes, at);
}

export function writeEitherAddress(
  address: Ipv4Address | Ipv6Address | undefined,
  out: Uint8Array,
  at: number,
): number {
  if (address === undefined) return at;
  address.write(out, at);
  return at + (address instanceof Ipv4Address ? 4 : 16);
}
