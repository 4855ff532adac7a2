import { readU32 } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { classicProgram } from './classic-filter.ts';

/** The addresses of one mobile node. Of a prefix the first 64 bits count: no other length is forwarded. */
export interface NodeAddresses {
  readonly ipv4: readonly Ipv4Address[];
  readonly ipv6: readonly Ipv6Prefix[];
}

/** Of each family; what is beyond is not looked for. */
export const FILTERED_ADDRESSES = 8;

type Line = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

const WHOLE_PACKET = 0x40000;
/** SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT. */
const VLAN_TAG_PRESENT = 0xfffff030;
const IPV4 = 4;
const IPV6 = 6;
const PROTOCOLS = { IPIP: 4, UDP: 17, IPV6: 41, GRE: 47, DESTINATION_OPTIONS: 60 };
/** Where the program keeps the protocol that follows the outer header, and the first octet of a GRE header. */
const MEMORY = { PROTOCOL: 0, GRE: 1 };

const loadWord = (at: number): Line => [0x20, 0, 0, at];
const loadByte = (at: number): Line => [0x30, 0, 0, at];
const loadWordBehindX = (at: number): Line => [0x40, 0, 0, at];
const loadByteBehindX = (at: number): Line => [0x50, 0, 0, at];
const loadMemory = (cell: number): Line => [0x60, 0, 0, cell];
const store = (cell: number): Line => [0x02, 0, 0, cell];
const setX = (value: number): Line => [0x01, 0, 0, value];
/** X is the length of the IPv4 header at octet 0. */
const X_IS_IPV4_HEADER: Line = [0xb1, 0, 0, 0];
const X_TO_A: Line = [0x87, 0, 0, 0];
const A_TO_X: Line = [0x07, 0, 0, 0];
const add = (value: number): Line => [0x04, 0, 0, value];
const shiftLeft = (bits: number): Line => [0x64, 0, 0, bits];
const shiftRight = (bits: number): Line => [0x74, 0, 0, bits];
/** Lines to skip when A is the value, and when it is not. */
const ifEqual = (value: number, ifTrue: number, ifFalse: number): Line => [0x15, ifTrue, ifFalse, value];
const ifAnyBit = (bits: number, ifTrue: number, ifFalse: number): Line => [0x45, ifTrue, ifFalse, bits];
const skip = (lines: number): Line => [0x05, 0, 0, lines];
const TAKE: Line = [0x06, 0, 0, WHOLE_PACKET];
const LEAVE: Line = [0x06, 0, 0, 0];

/**
 * A socket filter that takes the packets from and to a mobile node, as they are and in tunnels (RFC 5213 §6.10.2 "Tunneling and Encapsulation Modes", RFC 5844 §4 "IPv4 Transport Support",
 * RFC 5845 §7.2 "TLV-Header Tunneling Negotiation"). It is for sockets without link-layer headers. What passes a VLAN's interface is not taken again with its tag at the one below.
 */
export function mobileNodeFilter(addresses: NodeAddresses): Buffer {
  const here = matching(addresses);
  const gre = behindGre();
  const udp = behindUdp(gre.length);
  // What follows the look at the protocol: UDP, which goes over into GRE, which goes over into the inner packet.
  const protocols: Line[] = [
    loadMemory(MEMORY.PROTOCOL),
    ifEqual(PROTOCOLS.UDP, 4, 0),
    ifEqual(PROTOCOLS.GRE, 4, 0),
    ifEqual(PROTOCOLS.IPIP, 4, 0),
    ifEqual(PROTOCOLS.IPV6, 3, 0),
    LEAVE,
    skip(2),
    skip(1 + udp.length),
    skip(udp.length + gre.length),
  ];
  return classicProgram([
    loadWord(VLAN_TAG_PRESENT),
    ifEqual(0, 1, 0),
    LEAVE,
    setX(0),
    ...here,
    ...behindOuterHeader(),
    ...protocols,
    ...udp,
    ...gre,
    ...here,
    LEAVE,
  ]);
}

/** Takes the packet when the IP header behind X has one of the addresses, and goes on otherwise. */
function matching({ ipv4, ipv6 }: NodeAddresses): Line[] {
  const ofIpv4 = [12, 16].flatMap((at) => [
    loadWordBehindX(at),
    ...ipv4.slice(0, FILTERED_ADDRESSES).flatMap((address) => [ifEqual(readU32(address.toBytes(), 0), 0, 1), TAKE]),
  ]);
  const ofIpv6 = [8, 24].flatMap((at) =>
    ipv6.slice(0, FILTERED_ADDRESSES).flatMap(({ address }) => {
      const octets = address.toBytes();
      return [
        loadWordBehindX(at),
        ifEqual(readU32(octets, 0), 0, 3),
        loadWordBehindX(at + 4),
        ifEqual(readU32(octets, 4), 0, 1),
        TAKE,
      ];
    }),
  );
  return [...ofVersion(IPV4, ipv4.length > 0 ? ofIpv4 : []), ...ofVersion(IPV6, ofIpv6)];
}

function ofVersion(version: number, lines: Line[]): Line[] {
  if (lines.length === 0) return [];
  return [loadByteBehindX(0), shiftRight(4), ifEqual(version, 0, lines.length), ...lines];
}

/** X leads behind the outer header and its destination options, and the protocol there is kept. */
function behindOuterHeader(): Line[] {
  const ipv4: Line[] = [loadByte(9), store(MEMORY.PROTOCOL), X_IS_IPV4_HEADER];
  const options: Line[] = [loadByte(40), store(MEMORY.PROTOCOL), loadByte(41), shiftLeft(3), add(48), A_TO_X];
  const ipv6: Line[] = [
    loadByte(6),
    store(MEMORY.PROTOCOL),
    setX(40),
    ifEqual(PROTOCOLS.DESTINATION_OPTIONS, 0, options.length),
    ...options,
  ];
  return [
    loadByte(0),
    shiftRight(4),
    ifEqual(IPV4, 2, 0),
    ifEqual(IPV6, ipv4.length + 2, 0),
    LEAVE,
    ...ipv4,
    skip(ipv6.length),
    ...ipv6,
  ];
}

/** X leads behind the UDP header and a TLV header. An inner packet that follows is looked at; what is none may be GRE, which comes next. */
function behindUdp(greLines: number): Line[] {
  const tlv: Line[] = [...advance(4), loadByteBehindX(0), shiftRight(4)];
  const toInner = [ifEqual(IPV4, 1, 0), ifEqual(IPV6, 0, 1)];
  const rest: Line[] = [...tlv, ...toInner, skip(greLines)];
  return [...advance(8), loadByteBehindX(0), shiftRight(4), ...toInner, skip(rest.length + greLines), ...rest];
}

/** X leads behind the GRE header. RFC 2890 §2 "Extensions to GRE Header": a checksum, a key and a sequence number may be in it. */
function behindGre(): Line[] {
  const optional = [0x80, 0x20, 0x10].flatMap((bit) => [loadMemory(MEMORY.GRE), ifAnyBit(bit, 0, 3), ...advance(4)]);
  return [loadByteBehindX(0), store(MEMORY.GRE), ...advance(4), ...optional];
}

function advance(octets: number): Line[] {
  return [X_TO_A, add(octets), A_TO_X];
}
