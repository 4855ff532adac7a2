import { readU16, writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { ok } from '#base/result.ts';
import { foldChecksum, pseudoHeaderSum, pseudoHeaderSumIpv4, sumOctets } from './checksum.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** When decoded, a view of the datagram. */
  readonly payload: Uint8Array;
}

/** The addresses go into the checksum; both are of one family. */
export interface UdpFields extends UdpDatagram {
  readonly source: Ipv4Address | Ipv6Address;
  readonly destination: Ipv4Address | Ipv6Address;
}

export const UDP_PROTOCOL = 17;
const HEADER_LENGTH = 8;

/** `bytes` is the payload of an IP packet between the two addresses. */
export function decodeUdp(
  bytes: Uint8Array,
  source: Ipv4Address | Ipv6Address,
  destination: Ipv4Address | Ipv6Address,
): Decoded<UdpDatagram> {
  if (bytes.length < HEADER_LENGTH) return wireError('truncated', bytes.length, 'UDP header', '8 octets (RFC 768)');
  const length = readU16(bytes, 4);
  if (length < HEADER_LENGTH) return wireError('bad-length', 4, 'Length', 'less than the header (RFC 768)');
  if (length > bytes.length) {
    return wireError('truncated', 4, 'Length', `${length} octets, of which ${bytes.length} are there (RFC 768)`);
  }
  if (!checksumIsRight(bytes, length, source, destination)) {
    return wireError('bad-checksum', 6, 'Checksum', 'does not fit the datagram (RFC 768)');
  }
  return ok({
    sourcePort: readU16(bytes, 0),
    destinationPort: readU16(bytes, 2),
    payload: bytes.subarray(HEADER_LENGTH, length),
  });
}

export function encodeUdp(fields: UdpFields): Uint8Array {
  const length = HEADER_LENGTH + fields.payload.length;
  const bytes = new Uint8Array(length);
  writeU16(bytes, 0, fields.sourcePort);
  writeU16(bytes, 2, fields.destinationPort);
  writeU16(bytes, 4, length);
  bytes.set(fields.payload, HEADER_LENGTH);
  const sum = pseudoSum(fields.source, fields.destination, length) + sumOctets(bytes, 0, length);
  // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
  writeU16(bytes, 6, foldChecksum(sum) || 0xffff);
  return bytes;
}

/**
 * Over IPv4 a field of zero says that there is none.
 * Chooses: a field that holds the sum of the pseudo-header alone is right too: that is what a virtual link hands over when the sender's
 * kernel left the rest to a network card.
 */
function checksumIsRight(
  bytes: Uint8Array,
  length: number,
  source: Ipv4Address | Ipv6Address,
  destination: Ipv4Address | Ipv6Address,
): boolean {
  const field = readU16(bytes, 6);
  if (field === 0 && source instanceof Ipv4Address) return true;
  const pseudo = pseudoSum(source, destination, length);
  return foldChecksum(pseudo + sumOctets(bytes, 0, length)) === 0 || (~foldChecksum(pseudo) & 0xffff) === field;
}

function pseudoSum(source: Ipv4Address | Ipv6Address, destination: Ipv4Address | Ipv6Address, length: number): number {
  if (source instanceof Ipv6Address && destination instanceof Ipv6Address) {
    return pseudoHeaderSum(source, destination, length, UDP_PROTOCOL);
  }
  if (source instanceof Ipv4Address && destination instanceof Ipv4Address) {
    return pseudoHeaderSumIpv4(source, destination, length, UDP_PROTOCOL);
  }
  throw new TypeError('addresses of two families');
}
