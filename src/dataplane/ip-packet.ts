/** The few fields of an IP packet that forwarding looks at and changes, in place. */
import { readU16, writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Path } from './desired.ts';
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
const NEXT_HEADER_IPV4 = 4;
const NEXT_HEADER_IPV6 = 41;
const NEXT_HEADER_DESTINATION_OPTIONS = 60;
const HOP_LIMIT = 64;
const ECN_MASK = 3;
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

/** The packet in the tunnel of a path (RFC 2473 §3.1 "IPv6 Encapsulation"); traffic class and ECN are copied. */
export function encapsulate(packet: Uint8Array, header: IpHeader, path: Path): Uint8Array {
  const outer = new Uint8Array(IPV6_HEADER + packet.length);
  outer[0] = 0x60 | (header.trafficClass >>> 4);
  outer[1] = (header.trafficClass << 4) & 0xf0;
  writeU16(outer, 4, packet.length);
  outer[6] = header.version === 4 ? NEXT_HEADER_IPV4 : NEXT_HEADER_IPV6;
  outer[7] = HOP_LIMIT;
  path.local.write(outer, 8);
  path.remote.write(outer, 24);
  outer.set(packet, IPV6_HEADER);
  return outer;
}

export interface TunnelPacket {
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
  /** A copy of what is inside, marked when the tunnel was congested. */
  readonly inner: Uint8Array;
  readonly version: 4 | 6;
}

/** `undefined` when it is no packet of an IPv6 tunnel. */
export function decapsulate(packet: Uint8Array): TunnelPacket | undefined {
  if (packet.length < IPV6_HEADER || (packet[0] as number) >>> 4 !== 6) return undefined;
  const hasOptions = packet[6] === NEXT_HEADER_DESTINATION_OPTIONS && packet[IPV6_HEADER + 1] === 0;
  const next = hasOptions ? packet[IPV6_HEADER] : packet[6];
  if (next !== NEXT_HEADER_IPV4 && next !== NEXT_HEADER_IPV6) return undefined;
  const inner = packet.slice(IPV6_HEADER + (hasOptions ? 8 : 0));
  if ((trafficClass6(packet) & ECN_MASK) === ECN_CE) markCongestion(inner);
  return {
    source: Ipv6Address.read(packet, 8),
    destination: Ipv6Address.read(packet, 24),
    inner,
    version: next === NEXT_HEADER_IPV4 ? 4 : 6,
  };
}

function markCongestion(packet: Uint8Array): void {
  const header = readIpHeader(packet);
  const ecn = (header?.trafficClass ?? 0) & ECN_MASK;
  if (!header || ecn === 0 || ecn === ECN_CE) return;
  if (header.version === 6) packet[1] = (packet[1] as number) | (ECN_CE << 4);
  else changeIpv4Word(packet, 0, readU16(packet, 0) | ECN_CE);
}

/** Changes a 16-bit word of an IPv4 header and its checksum with it. */
function changeIpv4Word(packet: Uint8Array, at: number, value: number): void {
  const sum = (~readU16(packet, 10) & 0xffff) + (~readU16(packet, at) & 0xffff) + value;
  writeU16(packet, at, value);
  const folded = (sum & 0xffff) + (sum >>> 16);
  writeU16(packet, 10, ~((folded & 0xffff) + (folded >>> 16)) & 0xffff);
}

function trafficClass6(packet: Uint8Array): number {
  return (readU16(packet, 0) >>> 4) & 0xff;
}
