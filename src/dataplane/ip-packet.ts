/** The few fields of an IP packet that forwarding looks at and changes, in place. */
import { readU16, writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';
import type { Target } from './part.ts';

export interface IpHeader {
  readonly version: 4 | 6;
  readonly source: Ipv4Address | Ipv6Address;
  readonly destination: Ipv4Address | Ipv6Address;
  readonly hopLimit: number;
  readonly trafficClass: number;
}

const IPV6_HEADER = 40;
const IPV4_HEADER = 20;
export const ECN_MASK = 3;
const ECN_ECT_1 = 1;
const ECN_ECT_0 = 2;
const ECN_CE = 3;

/** `undefined` when it is no IP packet or its header is cut. */
export function readIpHeader(packet: Uint8Array): IpHeader | undefined {
  const version = (packet[0] ?? 0) >>> 4;
  if (version === 6 && packet.length >= IPV6_HEADER) {
    const source = Ipv6Address.read(packet, 8);
    const destination = Ipv6Address.read(packet, 24);
    return { version, source, destination, hopLimit: packet[7] as number, trafficClass: trafficClass6(packet) };
  }
  if (version === 4 && packet.length >= IPV4_HEADER) {
    const source = Ipv4Address.read(packet, 12);
    const destination = Ipv4Address.read(packet, 16);
    return { version, source, destination, hopLimit: packet[8] as number, trafficClass: packet[1] as number };
  }
  return undefined;
}

/** Whether a router may forward it: what its header says is there, and the checksum of an IPv4 header is right. */
export function isIntact(packet: Uint8Array): boolean {
  const version = (packet[0] ?? 0) >>> 4;
  if (version === 6) return packet.length >= IPV6_HEADER && IPV6_HEADER + readU16(packet, 4) <= packet.length;
  const headerLength = ((packet[0] ?? 0) & 15) * 4;
  if (version !== 4 || headerLength < IPV4_HEADER || packet.length < headerLength) return false;
  const length = readU16(packet, 2);
  return length >= headerLength && length <= packet.length && foldChecksum(sumOctets(packet, 0, headerLength)) === 0;
}

/** Of more than one node. */
export function isMulticast(address: Ipv4Address | Ipv6Address): boolean {
  return address.isMulticast || (address instanceof Ipv4Address && address.equals(Ipv4Address.broadcast));
}

/** Of a group that does not go beyond its link. */
export function isMulticastOfLink(address: Ipv4Address | Ipv6Address): boolean {
  if (address instanceof Ipv4Address) return address.word >>> 8 === 0xe00000;
  return address.isMulticast && ((address.w0 >>> 16) & 0xf) <= 2;
}

/** No node has such an address: multicast, broadcast, loopback, and IPv4 addresses mapped into IPv6. */
export function isNobodys(address: Ipv4Address | Ipv6Address): boolean {
  if (isMulticast(address)) return true;
  if (address instanceof Ipv4Address) return address.word >>> 24 === 127;
  const { w0, w1, w2, w3 } = address;
  return w0 === 0 && w1 === 0 && ((w2 === 0 && w3 === 1) || w2 === 0xffff);
}

/** What a binding would name to mean this address. */
export function targetOf(address: Ipv4Address | Ipv6Address): Target {
  return address instanceof Ipv4Address ? address : new Ipv6Prefix(address, 64);
}

/** A copy that has passed one router. */
export function withHopTaken(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  if ((copy[0] as number) >>> 4 === 6) copy[7] = (copy[7] as number) - 1;
  else changeIpv4Word(copy, 8, readU16(copy, 8) - 0x100);
  return copy;
}

/**
 * A copy of what came out of a tunnel whose outer header had `outerEcn`; `undefined` when it must be dropped.
 *
 * RFC 6040 §4.2 "Default Tunnel Egress Behaviour", Figure 4. RFC 5844 §3.1.4 "ECN and Payload Fragmentation Considerations": "The mobility agents at the tunnel entry and exit points MUST handle ECN
 * information", of IPv4 packets too, and §4.1.4.2 "ECN and Payload Fragmentation Considerations" in IPv4 tunnels; the packet sizes that both go on to are those of oversize.ts.
 * RFC 5213 §5.6.3(2) "Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels": "if the ECN field in the outer header is set to Congestion Experienced (CE), then the ECN field
 * in the inner header MUST be set to CE."
 */
export function withOuterEcn(packet: Uint8Array, header: IpHeader, outerEcn: number): Uint8Array | undefined {
  const copy = packet.slice();
  const ecn = header.trafficClass & ECN_MASK;
  if (outerEcn === ECN_CE && ecn === 0) return undefined;
  if (outerEcn === ECN_CE || (outerEcn === ECN_ECT_1 && ecn === ECN_ECT_0)) setEcn(copy, header.version, outerEcn);
  return copy;
}

function setEcn(packet: Uint8Array, version: 4 | 6, ecn: number): void {
  if (version === 6) packet[1] = ((packet[1] as number) & ~(ECN_MASK << 4)) | (ecn << 4);
  else changeIpv4Word(packet, 0, (readU16(packet, 0) & ~ECN_MASK) | ecn);
}

/** Changes a 16-bit word of an IPv4 header and its checksum with it. */
function changeIpv4Word(packet: Uint8Array, at: number, value: number): void {
  const sum = (~readU16(packet, 10) & 0xffff) + (~readU16(packet, at) & 0xffff) + value;
  writeU16(packet, at, value);
  const folded = (sum & 0xffff) + (sum >>> 16);
  writeU16(packet, 10, ~((folded & 0xffff) + (folded >>> 16)) & 0xffff);
}

export function trafficClass6(packet: Uint8Array): number {
  return (readU16(packet, 0) >>> 4) & 0xff;
}
