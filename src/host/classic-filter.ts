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
