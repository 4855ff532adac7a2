import type { MacAddress } from '#base/mac-address.ts';

/** Which frames of a link a tap keeps. */
export type FrameFilter =
  | { readonly kind: 'everything' }
  /** IPv6 packets with a Mobility Header. */
  | { readonly kind: 'signalling' }
  /** What the station sends, and what is sent to it or to everybody. */
  | { readonly kind: 'station'; readonly mac: MacAddress }
  /** What is sent to stations whose link-layer addresses begin with these four octets, or to everybody. */
  | { readonly kind: 'to-stations'; readonly prefix: number };

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const IF_EQUAL = 0x15;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;

type Instruction = readonly [code: number, operand: number, ifTrue?: number, ifFalse?: number];

/** The filter as classic BPF (struct sock_filter[]); `keep` is how many octets of a matching frame are kept. */
export function captureFilter(filter: FrameFilter, keep: number): Buffer {
  const program = instructions(filter, keep);
  const block = Buffer.from(new ArrayBuffer(program.length * 8));
  for (const [i, [code, operand, ifTrue = 0, ifFalse = 0]] of program.entries()) {
    block.writeUInt16LE(code, i * 8);
    block.writeUInt8(ifTrue, i * 8 + 2);
    block.writeUInt8(ifFalse, i * 8 + 3);
    block.writeUInt32LE(operand, i * 8 + 4);
  }
  return block;
}

function instructions(filter: FrameFilter, keep: number): readonly Instruction[] {
  switch (filter.kind) {
    case 'everything':
      return [[RETURN, keep]];
    case 'signalling':
      return [
        [LOAD_HALF, 12],
        [IF_EQUAL, 0x86dd, 0, 3],
        [LOAD_BYTE, 20],
        [IF_EQUAL, 135, 0, 1],
        [RETURN, keep],
        [RETURN, 0],
      ];
    case 'to-stations':
      return [
        [LOAD_BYTE, 0],
        [IF_ANY_BIT, 1, 2],
        [LOAD_WORD, 0],
        [IF_EQUAL, filter.prefix, 0, 1],
        [RETURN, keep],
        [RETURN, 0],
      ];
    case 'station':
      return [
        [LOAD_BYTE, 0],
        [IF_ANY_BIT, 1, 8], // to a group
        [LOAD_WORD, 2],
        [IF_EQUAL, filter.mac.low >>> 0, 0, 2],
        [LOAD_HALF, 0],
        [IF_EQUAL, filter.mac.high, 4],
        [LOAD_WORD, 8],
        [IF_EQUAL, filter.mac.low >>> 0, 0, 3],
        [LOAD_HALF, 6],
        [IF_EQUAL, filter.mac.high, 0, 1],
        [RETURN, keep],
        [RETURN, 0],
      ];
  }
}
