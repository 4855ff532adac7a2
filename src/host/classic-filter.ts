/** Socket filters in classic BPF. */
import { addressOf, alloc, check, SO_ATTACH_FILTER, SOL_SOCKET, setsockopt } from './posix.ts';

const INSTRUCTION = 8;

/** `program`: struct sock_filter[]. Throws `SystemCallError`. */
export function attachClassicFilter(fd: number, program: Buffer): void {
  const header = alloc(16); // struct sock_fprog
  header.buffer.writeUInt16LE(program.length / INSTRUCTION, 0);
  header.buffer.writeBigUInt64LE(addressOf(program), 8);
  check('SO_ATTACH_FILTER', setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header.pointer, 16));
}

/** Each line: code, lines to skip when a comparison holds and when not, operand. */
export function classicProgram(lines: readonly (readonly [number, number, number, number])[]): Buffer {
  const block = Buffer.from(new ArrayBuffer(lines.length * INSTRUCTION));
  for (const [i, [code, ifTrue, ifFalse, operand]] of lines.entries()) {
    block.writeUInt16LE(code, i * INSTRUCTION);
    block.writeUInt8(ifTrue, i * INSTRUCTION + 2);
    block.writeUInt8(ifFalse, i * INSTRUCTION + 3);
    block.writeUInt32LE(operand, i * INSTRUCTION + 4);
  }
  return block;
}

/** Of a raw socket: passes UDP to the port of signalling that begins as an IP packet or a TLV header does, and no message begins so. */
export const TUNNEL_PACKETS_AT_SIGNALLING_PORT = classicProgram([
  [0xb1, 0, 0, 0], // X = length of the IP header
  [0x48, 0, 0, 2], // destination port
  [0x15, 0, 6, 5436],
  [0x50, 0, 0, 8], // first octet of the datagram
  [0x54, 0, 0, 0xf0],
  [0x15, 2, 0, 0x40],
  [0x15, 1, 0, 0x60],
  [0x15, 0, 1, 0x00],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
]);

/** Of the socket for signalling: keeps the same away from it, and nothing else. */
export const NO_TUNNEL_PACKETS = classicProgram([
  [0x80, 0, 0, 0], // octets, those of the UDP header too
  [0x35, 0, 5, 9],
  [0x30, 0, 0, 8], // first octet of the datagram
  [0x54, 0, 0, 0xf0],
  [0x15, 3, 0, 0x40],
  [0x15, 2, 0, 0x60],
  [0x15, 1, 0, 0x00],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
]);
