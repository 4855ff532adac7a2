import { readU16, writeU16 } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { foldChecksum, pseudoHeaderSum, pseudoHeaderSumIpv4, sumOctets } from '#wire/checksum.ts';
import { type IpHeader, readIpHeader, withHopTaken } from './ip-packet.ts';

const TCP = { protocol: 6, checksumAt: 16 } as const;
const UDP = { protocol: 17, checksumAt: 6 } as const;
const IPV6_HEADER = 40;
const FRAGMENT = 0x3fff;

/**
 * A packet which waited in the daemon, as it goes on: one hop taken, and its transport checksum complete where a virtual link handed it
 * over unfinished. `undefined` when a router would not forward it.
 */
export function heldPacketToForward(packet: Uint8Array): Uint8Array | undefined {
  const header = readIpHeader(packet);
  if (!header || header.hopLimit <= 1) return undefined;
  const forwarded = withHopTaken(packet);
  completeTransportChecksum(forwarded, header);
  return forwarded;
}

/**
 * A sender's kernel that leaves checksums to its network card writes the sum of the pseudo-header alone; over a virtual link no card
 * finishes it. Any other wrong checksum stays wrong.
 */
function completeTransportChecksum(packet: Uint8Array, header: IpHeader): void {
  const start = transportStart(packet, header);
  const protocol = header.version === 4 ? packet[9] : packet[6];
  const transport = [TCP, UDP].find((one) => one.protocol === protocol);
  if (start === undefined || !transport) return;
  const at = start + transport.checksumAt;
  if (at + 2 > packet.length) return;
  const pseudo = pseudoSum(header, packet.length - start, transport.protocol);
  if (readU16(packet, at) !== (~foldChecksum(pseudo) & 0xffff)) return;
  writeU16(packet, at, 0);
  writeU16(packet, at, foldChecksum(pseudo + sumOctets(packet, start, packet.length)) || 0xffff);
}

/** `undefined` for a fragment, which has no whole transport segment. */
function transportStart(packet: Uint8Array, { version }: IpHeader): number | undefined {
  if (version === 6) return IPV6_HEADER;
  return (readU16(packet, 6) & FRAGMENT) === 0 ? ((packet[0] as number) & 15) * 4 : undefined;
}

function pseudoSum({ source, destination }: IpHeader, length: number, protocol: number): number {
  return source instanceof Ipv6Address
    ? pseudoHeaderSum(source, destination as Ipv6Address, length, protocol)
    : pseudoHeaderSumIpv4(source, destination as Ipv4Address, length, protocol);
}
