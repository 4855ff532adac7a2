/** Segments of TCP put together, as the stack hands them to a network card that cuts them itself. */
import { concatBytes, writeU16, writeU32 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import {
  AF_INET,
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  ETH_P_ALL,
  ifNameToIndex,
  ioctl,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  send,
  setIntegerOption,
  sockaddrLl,
  socket,
} from '#host/posix.ts';
import { pseudoHeaderSum, pseudoHeaderSumIpv4 } from '#wire/checksum.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { UDP_PROTOCOL } from '#wire/udp.ts';
import { MARK } from './packets.ts';

type Address = Ipv4Address | Ipv6Address;

const TCP = 6;
const TCP_HEADER = 20;
const UDP_HEADER = 8;
const ACK = 0x10;
/** Flags of the first segment of a large one, of those between, and of the last. */
export const FIRST_AND_LAST = { all: 0x99, first: 0x90, middle: ACK, last: 0x19 } as const;
const PACKET_VNET_HDR = 15;
/** struct virtio_net_hdr. */
const NEEDS_CHECKSUM = 1;
const GSO = { 4: 1, 6: 4 } as const;
const SIOCETHTOOL = 0x8946;
/** ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO of struct ethtool_value. */
const OFFLOADS = [0x17, 0x1f, 0x24];

/** `octets` of data, and flags of TCP. The checksum is as it is when the rest is left to a network card. */
export function largeSegment(source: Address, destination: Address, octets: number, flags = ACK): Uint8Array {
  const tcp = new Uint8Array(TCP_HEADER + octets);
  writeU16(tcp, 0, 5000);
  writeU16(tcp, 2, 80);
  writeU32(tcp, 4, 1);
  tcp[12] = (TCP_HEADER / 4) << 4;
  tcp[13] = flags;
  fillIn(tcp, TCP_HEADER);
  return packetOf(source, destination, tcp, { protocol: TCP, checksumAt: 16 });
}

/** Datagrams of UDP, put together in the same way. */
export function largeDatagram(source: Address, destination: Address, octets: number): Uint8Array {
  const udp = new Uint8Array(UDP_HEADER + octets);
  writeU16(udp, 0, 5000);
  writeU16(udp, 2, 80);
  writeU16(udp, 4, udp.length);
  fillIn(udp, UDP_HEADER);
  return packetOf(source, destination, udp, { protocol: UDP_PROTOCOL, checksumAt: 6 });
}

function fillIn(octets: Uint8Array, from: number): void {
  for (let at = from; at < octets.length; at += MARK.length) octets.set(MARK.subarray(0, octets.length - at), at);
}

function packetOf(
  source: Address,
  destination: Address,
  payload: Uint8Array,
  { protocol, checksumAt }: { protocol: number; checksumAt: number },
): Uint8Array {
  const isIpv4 = source instanceof Ipv4Address;
  const sum = isIpv4
    ? pseudoHeaderSumIpv4(source, destination as Ipv4Address, payload.length, protocol)
    : pseudoHeaderSum(source, destination as Ipv6Address, payload.length, protocol);
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  writeU16(payload, checksumAt, folded);
  return isIpv4
    ? encodeIpv4({ source, destination: destination as Ipv4Address, ttl: 64, protocol, payload })
    : encodeIpv6({ source, destination: destination as Ipv6Address, hopLimit: 64, nextHeader: protocol, payload });
}

/** Sends a frame with such a segment, which may have a VLAN tag, in one piece, to be cut into segments of so many octets of data. Throws `SystemCallError`. */
export function sendLarge(namespace: string, link: string, frame: Uint8Array, size: number): void {
  const ip = frame[12] === 0x81 ? 18 : 14;
  const version = ((frame[ip] as number) >>> 4) as 4 | 6;
  const start = ip + (version === 4 ? 20 : 40);
  const header = Buffer.alloc(10);
  header.writeUInt8(NEEDS_CHECKSUM, 0);
  header.writeUInt8(GSO[version], 1);
  header.writeUInt16LE(start + TCP_HEADER, 2);
  header.writeUInt16LE(size, 4);
  header.writeUInt16LE(start, 6);
  header.writeUInt16LE(16, 8);
  const octets = concatBytes(header, frame);
  inNetworkNamespace(`/run/netns/${namespace}`, () => {
    const fd = check('socket', socket(AF_PACKET, SOCK_RAW, 0));
    try {
      setIntegerOption(fd, SOL_PACKET, PACKET_VNET_HDR, 1);
      check('bind', bind(fd, sockaddrLl(ifNameToIndex(link), ETH_P_ALL), SOCKADDR_LL_LENGTH));
      check('send', send(fd, octets, octets.length, 0));
    } finally {
      close(fd);
    }
  });
}

/** From now on the kernel does what the card of this link would: it cuts segments and fills checksums in. Throws `SystemCallError`. */
export function withoutOffloads(namespace: string, link: string): void {
  inNetworkNamespace(`/run/netns/${namespace}`, () => {
    const fd = check('socket', socket(AF_INET, SOCK_DGRAM, 0));
    try {
      for (const command of OFFLOADS) {
        const value = alloc(8);
        value.buffer.writeUInt32LE(command, 0);
        const request = alloc(40);
        request.buffer.write(link, 'latin1');
        request.buffer.writeBigUInt64LE(value.address, 16);
        check('SIOCETHTOOL', ioctl(fd, SIOCETHTOOL, request.pointer));
      }
    } finally {
      close(fd);
    }
  });
}
