/** Frames between the daemon and the programs on the pmip device, whose addresses say what packets do not: `bpf/hand-over.h`, `bpf/member.h`. */
import { MacAddress } from '#base/mac-address.ts';
import { PMIP_MAC } from './tap.ts';

export const ETHERNET_HEADER = 14;
const HANDED_OVER = 0x06;
const FOR_MEMBER = 0x0a;
const CUSTOMER_AT = 2;
const SOURCE_AT = 6;
const FITS_AT = 7;
const DEVICE_AT = 8;
const PROTOCOL_AT = 12;
const ETHERTYPES = { 4: 0x0800, 6: 0x86dd } as const;

/** Where a packet that leaves through the device had come in. */
export interface FrameArrival {
  /** Interface index; 0 for nowhere. */
  readonly device: number;
  readonly customer: number;
}

/** Of a frame that the programs hand over; `undefined` when it is none. */
export function readArrival(frame: Buffer): FrameArrival | undefined {
  if (frame[SOURCE_AT] !== HANDED_OVER) return undefined;
  return { device: frame.readUInt32LE(DEVICE_AT), customer: frame.readUInt32LE(CUSTOMER_AT) };
}

/** Whether a frame that the programs handed over is a segment that they only wanted cut. */
export function isFittingSegment(frame: Buffer): boolean {
  return frame[SOURCE_AT] === HANDED_OVER && frame[FITS_AT] === 1;
}

/** The header of a frame that is to leave through the device. */
export function writeArrival(frame: Buffer, { device, customer }: FrameArrival, version: 4 | 6): void {
  frame.fill(0, 0, ETHERNET_HEADER);
  frame.writeUInt32LE(customer, CUSTOMER_AT);
  frame[SOURCE_AT] = HANDED_OVER;
  frame.writeUInt32LE(device, DEVICE_AT);
  frame.writeUInt16BE(ETHERTYPES[version], PROTOCOL_AT);
}

/** The header of a frame that is to appear on the device, with a packet of a customer that was in a tunnel. */
export function writeTakenIn(frame: Buffer, customer: number, version: 4 | 6): void {
  frame.fill(0, 0, ETHERNET_HEADER);
  PMIP_MAC.write(frame, 0);
  frame[SOURCE_AT] = HANDED_OVER;
  frame.writeUInt32LE(customer, DEVICE_AT);
  frame.writeUInt16BE(ETHERTYPES[version], PROTOCOL_AT);
}

/** A mobile node of an access link. */
export interface FrameMember {
  readonly mac: MacAddress;
  /** Interface index of the link. */
  readonly device: number;
}

/** Of a frame with a packet that is longer than the link of the mobile node carries which it is for; `undefined` when it is none. */
export function readForMember(frame: Buffer): FrameMember | undefined {
  if (frame[SOURCE_AT] !== FOR_MEMBER) return undefined;
  return { mac: MacAddress.read(frame), device: frame.readUInt32LE(DEVICE_AT) };
}

/** The header of a frame that is to appear on the device and to go on to one mobile node, with a packet for a group that was in a tunnel. */
export function writeForMember(frame: Buffer, { mac, device }: FrameMember, version: 4 | 6): void {
  mac.write(frame, 0);
  frame[SOURCE_AT] = FOR_MEMBER;
  frame[FITS_AT] = 0;
  frame.writeUInt32LE(device, DEVICE_AT);
  frame.writeUInt16BE(ETHERTYPES[version], PROTOCOL_AT);
}
