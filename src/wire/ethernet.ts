import { readU16, writeU16 } from '#base/bytes.ts';
import { MacAddress } from '#base/mac-address.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from './error.ts';
import { wireError } from './error.ts';

/** An Ethernet frame without its frame check sequence. */
export interface EthernetFrame {
  readonly destination: MacAddress;
  readonly source: MacAddress;
  /** 802.1Q tag control information, the outermost first. */
  readonly tags: readonly number[];
  /** Absent in an 802.3 frame, whose payload starts with an LLC header. */
  readonly etherType: number | undefined;
  /** When decoded, a view of the frame; without the padding where the frame states a length. */
  readonly payload: Uint8Array;
}

export const EtherType = { IPV4: 0x0800, ARP: 0x0806, VLAN: 0x8100, IPV6: 0x86dd, SERVICE_VLAN: 0x88a8 } as const;

const HEADER_LENGTH = 14;
const TYPE_AT = 12;
const SMALLEST_TYPE = 0x0600;
const TAG_LENGTH = 4;
const NO_TAGS: readonly number[] = [];

export function decodeEthernet(bytes: Uint8Array): Decoded<EthernetFrame> {
  if (bytes.length < HEADER_LENGTH) {
    return wireError('truncated', bytes.length, 'Ethernet header', 'at least 14 octets (IEEE 802.3)');
  }
  let at = TYPE_AT;
  let type = readU16(bytes, at);
  let tags = NO_TAGS;
  while (type === EtherType.VLAN || type === EtherType.SERVICE_VLAN) {
    if (at + 2 + TAG_LENGTH > bytes.length) {
      return wireError('truncated', bytes.length, '802.1Q tag', 'no EtherType after the tag (IEEE 802.1Q)');
    }
    tags = [...tags, readU16(bytes, at + 2)];
    at += TAG_LENGTH;
    type = readU16(bytes, at);
  }
  const start = at + 2;
  let end = bytes.length;
  if (type < SMALLEST_TYPE) {
    end = start + type;
    if (end > bytes.length) return wireError('truncated', at, 'Length', `${type} octets of payload (IEEE 802.3)`);
  }
  return ok({
    destination: MacAddress.read(bytes, 0),
    source: MacAddress.read(bytes, 6),
    tags,
    etherType: type < SMALLEST_TYPE ? undefined : type,
    payload: bytes.subarray(start, end),
  });
}

/** Not padded to the 60 octets of the medium, which the device does. */
export function encodeEthernet(frame: EthernetFrame): Uint8Array {
  const start = HEADER_LENGTH + TAG_LENGTH * frame.tags.length;
  const bytes = new Uint8Array(start + frame.payload.length);
  frame.destination.write(bytes, 0);
  frame.source.write(bytes, 6);
  let at = TYPE_AT;
  for (const tag of frame.tags) {
    writeU16(bytes, at, EtherType.VLAN);
    writeU16(bytes, at + 2, tag);
    at += TAG_LENGTH;
  }
  writeU16(bytes, at, frame.etherType ?? frame.payload.length);
  bytes.set(frame.payload, start);
  return bytes;
}
