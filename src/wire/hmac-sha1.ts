import { finishSha1, SHA1_BLOCK_LENGTH, SHA1_LENGTH, type Sha1State, sha1, stateAfter } from './sha1.ts';

const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * RFC 2104 §2 "Definition of HMAC" with SHA-1. The hash of each padded key is kept, so that a message costs its own blocks and one more
 * (RFC 2104 §4 "Implementation Note").
 */
export class HmacSha1 {
  readonly #inner: Sha1State;
  readonly #outer: Sha1State;
  readonly #digest = new Uint8Array(SHA1_LENGTH);

  constructor(key: Uint8Array) {
    const block = new Uint8Array(SHA1_BLOCK_LENGTH);
    block.set(key.length > SHA1_BLOCK_LENGTH ? sha1(key) : key);
    this.#inner = padded(block, INNER_PAD);
    this.#outer = padded(block, OUTER_PAD);
  }

  /** The 20 octets of the code. */
  sign(bytes: Uint8Array): Uint8Array {
    const code = new Uint8Array(SHA1_LENGTH);
    this.signInto(code, bytes, bytes.length);
    return code;
  }

  /** Of the first `length` octets; nothing is allocated. */
  signInto(code: Uint8Array, bytes: Uint8Array, length: number): void {
    finishSha1(this.#inner, bytes, length, SHA1_BLOCK_LENGTH, this.#digest);
    finishSha1(this.#outer, this.#digest, SHA1_LENGTH, SHA1_BLOCK_LENGTH, code);
  }
}

/** Takes as long wherever the first difference is; lengths are not secret. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && startsInConstantTime(a, 0, b, b.length);
}

/** Whether `bytes` have at `at` the first `length` octets of `code`. */
export function startsInConstantTime(bytes: Uint8Array, at: number, code: Uint8Array, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= (bytes[at + i] as number) ^ (code[i] as number);
  return difference === 0;
}

function padded(block: Uint8Array, pad: number): Sha1State {
  return stateAfter(block.map((octet) => octet ^ pad));
}
