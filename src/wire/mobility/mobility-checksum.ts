import { readU16, writeU16 } from '#base/bytes.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { foldChecksum, pseudoHeaderSum, sumOctets } from '../checksum.ts';

export const MOBILITY_PROTOCOL = 135;
const CHECKSUM_AT = 4;

/**
 * RFC 6275 §6.1.1 "Format", Checksum: over the IPv6 pseudo-header and the whole message, its checksum field taken as 0.
 * Over IPv4 the field is zero and not looked at (RFC 5844 §4 "IPv4 Transport Support").
 */
export function mobilityChecksum(source: Ipv6Address, destination: Ipv6Address, message: Uint8Array): number {
  const pseudo = pseudoHeaderSum(source, destination, message.length, MOBILITY_PROTOCOL);
  return foldChecksum(pseudo + sumOctets(message, 0, message.length) - fieldOf(message));
}

export function checkMobilityChecksum(source: Ipv6Address, destination: Ipv6Address, message: Uint8Array): boolean {
  const sum = mobilityChecksum(source, destination, message);
  const field = fieldOf(message);
  return message.length > CHECKSUM_AT + 1 && (sum === field || (sum === 0 && field === 0xffff));
}

export function setMobilityChecksum(source: Ipv6Address, destination: Ipv6Address, message: Uint8Array): void {
  writeU16(message, CHECKSUM_AT, mobilityChecksum(source, destination, message));
}

function fieldOf(message: Uint8Array): number {
  return message.length > CHECKSUM_AT + 1 ? readU16(message, CHECKSUM_AT) : 0;
}
