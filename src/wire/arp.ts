import { readU16, writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

/** RFC 826, for IPv4 over Ethernet. */
export interface ArpPacket {
  /** 1: request, 2: reply. */
  readonly operation: number;
  readonly senderMac: MacAddress;
  readonly senderAddress: Ipv4Address;
  readonly targetMac: MacAddress;
  readonly targetAddress: Ipv4Address;
}

export const ArpOperation = { REQUEST: 1, REPLY: 2 } as const;

const LENGTH = 28;
const ETHERNET = 1;
const IPV4 = 0x0800;
const ADDRESS_LENGTHS = 0x0604;

export function decodeArp(bytes: Uint8Array): Decoded<ArpPacket> {
  if (bytes.length < LENGTH) return wireError('truncated', bytes.length, 'ARP packet', '28 octets (RFC 826)');
  if (readU16(bytes, 0) !== ETHERNET) return wireError('bad-value', 0, 'ar$hrd', 'not Ethernet (RFC 826)');
  if (readU16(bytes, 2) !== IPV4) return wireError('bad-value', 2, 'ar$pro', 'not IPv4 (RFC 826)');
  if (readU16(bytes, 4) !== ADDRESS_LENGTHS) return wireError('bad-value', 4, 'ar$hln', 'not 6 and 4 octets (RFC 826)');
  return ok({
    operation: readU16(bytes, 6),
    senderMac: MacAddress.read(bytes, 8),
    senderAddress: Ipv4Address.read(bytes, 14),
    targetMac: MacAddress.read(bytes, 18),
    targetAddress: Ipv4Address.read(bytes, 24),
  });
}

export function encodeArp(packet: ArpPacket): Uint8Array {
  const bytes = new Uint8Array(LENGTH);
  writeU16(bytes, 0, ETHERNET);
  writeU16(bytes, 2, IPV4);
  writeU16(bytes, 4, ADDRESS_LENGTHS);
  writeU16(bytes, 6, packet.operation);
  packet.senderMac.write(bytes, 8);
  packet.senderAddress.write(bytes, 14);
  packet.targetMac.write(bytes, 18);
  packet.targetAddress.write(bytes, 24);
  return bytes;
}
