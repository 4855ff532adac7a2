/** The Internet checksum: RFC 1071 §1 "Introduction". */
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';

/** The sum, not yet folded, of the 16-bit words from `start` to `end`; a last odd octet counts as its word's high half. */
export function sumOctets(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  return at < end ? sum + ((bytes[at] as number) << 8) : sum;
}

/** Of IPv6, in upper-layer checksums. */
export function pseudoHeaderSum(
  source: Ipv6Address,
  destination: Ipv6Address,
  length: number,
  protocol: number,
): number {
  return ipv6Sum(source) + ipv6Sum(destination) + (length >>> 16) + (length & 0xffff) + protocol;
}

/** Of IPv4. */
export function pseudoHeaderSumIpv4(
  source: Ipv4Address,
  destination: Ipv4Address,
  length: number,
  protocol: number,
): number {
  return halves(source.word) + halves(destination.word) + length + protocol;
}

/** The checksum field for a sum. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

function ipv6Sum(address: Ipv6Address): number {
  return halves(address.w0) + halves(address.w1) + halves(address.w2) + halves(address.w3);
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}
