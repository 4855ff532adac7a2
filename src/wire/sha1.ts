/**
 * SHA-1 in this process, since a call of a native one costs more than hashing the few blocks of a signalling message.
 * Only for what a protocol prescribes: keyed, as HMAC, it still holds; bare, it does not resist collisions.
 */
import { writeU32 } from '#base/bytes.ts';
import { sha1Module } from './sha1-module.ts';

export const SHA1_LENGTH = 20;
export const SHA1_BLOCK_LENGTH = 64;

/** The five words of the state. */
export type Sha1State = Int32Array;

const INITIAL: Sha1State = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0);
const { memory, hash } = sha1Module();
const current: Sha1State = new Int32Array(memory.buffer, 0, 5);
const octets = new Uint8Array(memory.buffer);
/** What is hashed is put here, so much at once. */
const AT = SHA1_BLOCK_LENGTH;
const PORTION = 1 << 15;

/** Whoever puts together here what is to be hashed next spares it being copied; hashing overwrites it. */
export const sha1Workspace = new Uint8Array(memory.buffer, AT, PORTION);

export function sha1(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(SHA1_LENGTH);
  sha1Into(digest, bytes, bytes.length);
  return digest;
}

/** Of the first `length` octets; nothing is allocated. */
export function sha1Into(digest: Uint8Array, bytes: Uint8Array, length: number): void {
  finishSha1(INITIAL, bytes, length, 0, digest);
}

/** The state after one block has been seen in the initial one. */
export function stateAfter(block: Uint8Array): Sha1State {
  copyState(INITIAL, current);
  octets.set(block, AT);
  hash(AT, AT + SHA1_BLOCK_LENGTH);
  return current.slice();
}

/** Writes the hash of the first `length` octets, after `before` octets (whole blocks) that the state has seen. `digest` may be `bytes`, which, when they are the workspace, are less than all of it. */
export function finishSha1(
  state: Sha1State,
  bytes: Uint8Array,
  length: number,
  before: number,
  digest: Uint8Array,
): void {
  copyState(state, current);
  let from = 0;
  for (; length - from >= PORTION; from += PORTION) {
    octets.set(bytes.subarray(from, from + PORTION), AT);
    hash(AT, AT + PORTION);
  }
  const rest = length - from;
  if (bytes !== sha1Workspace) for (let i = 0; i < rest; i++) octets[AT + i] = bytes[from + i] as number;
  octets[AT + rest] = 0x80;
  const end = AT + Math.ceil((rest + 9) / SHA1_BLOCK_LENGTH) * SHA1_BLOCK_LENGTH;
  for (let at = AT + rest + 1; at < end - 8; at++) octets[at] = 0;
  const all = before + length;
  writeU32(octets, end - 8, Math.floor(all / 0x2000_0000));
  writeU32(octets, end - 4, (all * 8) % 0x1_0000_0000);
  hash(AT, end);
  for (let i = 0; i < 5; i++) writeU32(digest, 4 * i, current[i] as number);
}

function copyState(from: Sha1State, to: Sha1State): void {
  for (let i = 0; i < 5; i++) to[i] = from[i] as number;
}
