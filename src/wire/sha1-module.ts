/**
 * The compression function of FIPS 180-4, 6.1.2 "SHA-1 Hash Computation" as a WebAssembly module, put together here: its words are in registers there, while
 * a JavaScript engine keeps them in memory and looks at every index (`docs/decisions/0047-sha1-in-webassembly.md`).
 */

/** WebAssembly Core Specification, 5.4 "Instructions" */
const Op = {
  LOOP: 0x03,
  END: 0x0b,
  BR_IF: 0x0d,
  LOCAL_GET: 0x20,
  LOCAL_SET: 0x21,
  LOCAL_TEE: 0x22,
  I32_LOAD: 0x28,
  I32_STORE: 0x36,
  I32_CONST: 0x41,
  I32_LT_U: 0x49,
  I32_ADD: 0x6a,
  I32_AND: 0x71,
  I32_OR: 0x72,
  I32_XOR: 0x73,
  I32_ROTL: 0x77,
} as const;
const I32 = 0x7f;
const FUNCTION = 0x60;
const NO_VALUE = 0x40;
const Section = { TYPE: 1, FUNCTION: 3, MEMORY: 5, EXPORT: 7, CODE: 10 } as const;
const Exported = { FUNCTION: 0, MEMORY: 2 } as const;
/** A module begins with `\0asm` and version 1. */
const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const BLOCK_LENGTH = 64;
const ROUNDS = 80;
/** FIPS 180-4, 4.2.1 "SHA-1 Constants", each for twenty rounds. */
const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

/** Locals: the two parameters, the variables a to e, and sixteen words of the message schedule. */
const Local = { AT: 0, END: 1, A: 2, W: 7, COUNT: 23 } as const;
const PARAMETERS = 2;

/** What the module exports. */
export interface Sha1Module {
  /** One page of 64 KiB. It begins with the five words of the state. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Has the state see the blocks from `at` to before `end`, at least one. */
  readonly hash: (at: number, end: number) => void;
}

/** Of the engine; TypeScript has it among what only browsers have. */
declare const WebAssembly: {
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

export function sha1Module(): Sha1Module {
  const module = new WebAssembly.Module(Uint8Array.from(moduleOctets()));
  return new WebAssembly.Instance(module).exports as Sha1Module;
}

function moduleOctets(): number[] {
  const body = [1, Local.COUNT - PARAMETERS, I32, ...hashFunction(), Op.END];
  return [
    ...PREAMBLE,
    ...section(Section.TYPE, [1, FUNCTION, PARAMETERS, I32, I32, 0]),
    ...section(Section.FUNCTION, [1, 0]),
    ...section(Section.MEMORY, [1, 0, 1]),
    ...section(Section.EXPORT, [2, ...name('memory'), Exported.MEMORY, 0, ...name('hash'), Exported.FUNCTION, 0]),
    ...section(Section.CODE, [1, ...unsigned(body.length), ...body]),
  ];
}

function hashFunction(): number[] {
  const variables = [0, 1, 2, 3, 4].map((i) => Local.A + i);
  return [
    ...variables.flatMap((variable, i) => [...constant(0), ...load(4 * i), Op.LOCAL_SET, variable]),
    ...[Op.LOOP, NO_VALUE],
    ...Array.from({ length: 16 }, (_, t) => readWord(t)).flat(),
    ...Array.from({ length: ROUNDS }, (_, t) => round(t)).flat(),
    ...variables.flatMap((variable, i) => [
      ...[...constant(0), ...get(variable), ...constant(0), ...load(4 * i), Op.I32_ADD, Op.LOCAL_TEE, variable],
      ...[Op.I32_STORE, 2, ...unsigned(4 * i)],
    ]),
    ...[...get(Local.AT), ...constant(BLOCK_LENGTH), Op.I32_ADD, Op.LOCAL_TEE, Local.AT],
    ...[...get(Local.END), Op.I32_LT_U, Op.BR_IF, 0],
    Op.END,
  ];
}

/** The message has its most significant octet first, WebAssembly its least: each half of the octets turns the other way. */
function readWord(t: number): number[] {
  const word = Local.W + t;
  return [
    ...[...get(Local.AT), ...load(4 * t), Op.LOCAL_TEE, word, ...rotated(8), ...constant(0x00ff00ff), Op.I32_AND],
    ...[...get(word), ...rotated(24), ...constant(0xff00ff00), Op.I32_AND, Op.I32_OR, Op.LOCAL_SET, word],
  ];
}

/** The variables change places from round to round, instead of their values. */
function round(t: number): number[] {
  const variable = (i: number) => Local.A + ((((i - t) % 5) + 5) % 5);
  const [a, b, c, d, e] = [0, 1, 2, 3, 4].map(variable) as [number, number, number, number, number];
  const word = (back: number) => Local.W + ((t - back) & 15);
  const stage = Math.floor(t / 20);
  const nextWord = [
    ...[...get(word(3)), ...get(word(8)), Op.I32_XOR, ...get(word(14)), Op.I32_XOR, ...get(word(16)), Op.I32_XOR],
    ...[...rotated(1), Op.LOCAL_SET, word(16)],
  ];
  return [
    ...(t < 16 ? [] : nextWord),
    ...[...get(e), ...get(word(0)), Op.I32_ADD, ...constant(CONSTANTS[stage] as number), Op.I32_ADD],
    ...[...mixture(stage, b, c, d), Op.I32_ADD, ...get(a), ...rotated(5), Op.I32_ADD, Op.LOCAL_SET, e],
    ...[...get(b), ...rotated(30), Op.LOCAL_SET, b],
  ];
}

/** FIPS 180-4, 4.1.1 "SHA-1 Functions": Ch, Parity, Maj, Parity. */
function mixture(stage: number, b: number, c: number, d: number): number[] {
  if (stage === 0) return [...get(d), ...get(b), ...get(c), ...get(d), Op.I32_XOR, Op.I32_AND, Op.I32_XOR];
  if (stage !== 2) return [...get(b), ...get(c), Op.I32_XOR, ...get(d), Op.I32_XOR];
  return [...get(b), ...get(c), Op.I32_AND, ...get(d), ...get(b), ...get(c), Op.I32_OR, Op.I32_AND, Op.I32_OR];
}

function get(local: number): number[] {
  return [Op.LOCAL_GET, local];
}

/** Of the address on the stack, with an offset; aligned as the octet that it may be. */
function load(offset: number): number[] {
  return [Op.I32_LOAD, 0, ...unsigned(offset)];
}

function rotated(bits: number): number[] {
  return [...constant(bits), Op.I32_ROTL];
}

function constant(value: number): number[] {
  return [Op.I32_CONST, ...signed(value | 0)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Array.from(text, (character) => character.charCodeAt(0))];
}

/** LEB128: WebAssembly Core Specification, 5.2.2 "Integers" */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
