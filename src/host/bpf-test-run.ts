import { alloc, bpf, check } from './posix.ts';

const PROGRAM_TEST_RUN = 10;
const ATTRIBUTES = 80;
const CONTEXT = 192; // struct __sk_buff
const LONGEST = 4096;

/** What a program did with a packet. */
export interface ProgramResult {
  /** As it returned it. */
  readonly verdict: number;
  /** The frame as it left it. */
  readonly frame: Buffer;
}

/** What programs of tc return; PASS is TC_ACT_UNSPEC. */
export const Verdict = { DROP: 2, REDIRECT: 7, PASS: 0xffffffff } as const;

/** What the kernel would know of a packet beside its octets. */
export interface Surroundings {
  /** Where the program runs; the loopback interface when absent. */
  readonly ifindex?: number;
  readonly mark?: number;
  /** Of TCP segments put together, of which the packet is then; 0 for others. */
  readonly gsoSize?: number;
}

const attributes = alloc(ATTRIBUTES);
const input = alloc(LONGEST);
const output = alloc(LONGEST);
const context = alloc(CONTEXT);

/** Runs a loaded program on a frame (BPF_PROG_TEST_RUN), in the network namespace of the calling thread. Throws `SystemCallError`. */
export function runProgram(
  program: number,
  frame: Uint8Array,
  { ifindex = 0, mark = 0, gsoSize = 0 }: Surroundings = {},
): ProgramResult {
  input.buffer.set(frame);
  context.buffer.fill(0);
  context.buffer.writeUInt32LE(mark, 8);
  context.buffer.writeUInt32LE(ifindex, 40);
  context.buffer.writeUInt32LE(gsoSize, 176);
  const { buffer } = attributes;
  buffer.fill(0);
  buffer.writeUInt32LE(program, 0);
  buffer.writeUInt32LE(frame.length, 8);
  buffer.writeUInt32LE(LONGEST, 12);
  buffer.writeBigUInt64LE(input.address, 16);
  buffer.writeBigUInt64LE(output.address, 24);
  buffer.writeUInt32LE(1, 32);
  buffer.writeUInt32LE(CONTEXT, 40);
  buffer.writeBigUInt64LE(context.address, 48);
  check('BPF_PROG_TEST_RUN', bpf(PROGRAM_TEST_RUN, buffer, ATTRIBUTES));
  return { verdict: buffer.readUInt32LE(4), frame: output.buffer.subarray(0, buffer.readUInt32LE(12)) };
}
