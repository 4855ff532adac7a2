import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } from './posix-constants.ts';

/** Lengths of the structures in octets. */
export const SOCKADDR_IN_LENGTH = 16;
export const SOCKADDR_IN6_LENGTH = 28;
export const SOCKADDR_LL_LENGTH = 20;
export const SOCKADDR_NL_LENGTH = 12;

/** struct sockaddr_in6. `scope` is the interface index, for link-local addresses. */
export function sockaddrIn6(address: Ipv6Address, port = 0, scope = 0): Buffer {
  const block = Buffer.alloc(SOCKADDR_IN6_LENGTH);
  writeSockaddrIn6(block, 0, address, port, scope);
  return block;
}

export function writeSockaddrIn6(block: Buffer, offset: number, address: Ipv6Address, port = 0, scope = 0): void {
  block.writeUInt16LE(AF_INET6, offset);
  block.writeUInt16BE(port, offset + 2);
  block.writeUInt32LE(0, offset + 4);
  address.write(block, offset + 8);
  block.writeUInt32LE(scope, offset + 24);
}

/** struct sockaddr_in. */
export function sockaddrIn(address: Ipv4Address, port = 0): Buffer {
  const block = Buffer.alloc(SOCKADDR_IN_LENGTH);
  block.writeUInt16LE(AF_INET, 0);
  block.writeUInt16BE(port, 2);
  address.write(block, 4);
  return block;
}

/** struct sockaddr_ll. `protocol` is an EtherType in host order. */
export function sockaddrLl(interfaceIndex: number, protocol: number, mac?: MacAddress): Buffer {
  const block = Buffer.alloc(SOCKADDR_LL_LENGTH);
  block.writeUInt16LE(AF_PACKET, 0);
  block.writeUInt16BE(protocol, 2);
  block.writeInt32LE(interfaceIndex, 4);
  if (mac) {
    block[11] = 6;
    mac.write(block, 12);
  }
  return block;
}

/** struct sockaddr_nl. `groups` is the mask of multicast groups 1 to 32; `portId` 0 lets the kernel choose. */
export function sockaddrNl(groups = 0, portId = 0): Buffer {
  const block = Buffer.alloc(SOCKADDR_NL_LENGTH);
  block.writeUInt16LE(AF_NETLINK, 0);
  block.writeUInt32LE(portId, 4);
  block.writeUInt32LE(groups >>> 0, 8);
  return block;
}

/** struct sockaddr_un for a path of at most 107 octets. One that begins with `@` is a name that is not in the file system. */
export function sockaddrUn(path: string): Buffer {
  const name = Buffer.from(path);
  if (name.length > 107) throw new RangeError(`socket path longer than 107 octets: ${path}`);
  const isAbstract = path.startsWith('@');
  const block = Buffer.alloc(2 + name.length + (isAbstract ? 0 : 1));
  block.writeUInt16LE(AF_UNIX, 0);
  name.copy(block, 2);
  if (isAbstract) block[2] = 0;
  return block;
}

export function readSockaddrIn6(
  block: Uint8Array,
  offset: number,
): { address: Ipv6Address; port: number; scope: number } {
  const port = ((block[offset + 2] as number) << 8) | (block[offset + 3] as number);
  const scope = new DataView(block.buffer, block.byteOffset + offset + 24, 4).getUint32(0, true);
  return { address: Ipv6Address.read(block, offset + 8), port, scope };
}

export function readSockaddrIn(block: Uint8Array, offset: number): { address: Ipv4Address; port: number } {
  const port = ((block[offset + 2] as number) << 8) | (block[offset + 3] as number);
  return { address: Ipv4Address.read(block, offset + 4), port };
}
