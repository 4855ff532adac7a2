/**
 * SHA-1 in plain TypeScript, since a call of a native one costs more than hashing the few blocks of a signalling message.
 * Only for what a protocol prescribes: keyed, as HMAC, it still holds; bare, it does not resist collisions.
 */
import { readI32, writeU32 } from '#base/bytes.ts';

export const SHA1_LENGTH = 20;
export const SHA1_BLOCK_LENGTH = 64;

/** The five words of the state. */
export type Sha1State = Int32Array;

const INITIAL: Sha1State = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0);
const working: Sha1State = INITIAL.slice();
const schedule = new Int32Array(80);
const tail = new Uint8Array(2 * SHA1_BLOCK_LENGTH);

export function initialSha1State(): Sha1State {
  return INITIAL.slice();
}

export function sha1(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(SHA1_LENGTH);
  sha1Into(digest, bytes, bytes.length);
  return digest;
}

/** Of the first `length` octets; nothing is allocated. */
export function sha1Into(digest: Uint8Array, bytes: Uint8Array, length: number): void {
  working.set(INITIAL);
  finishSha1(working, bytes, length, 0);
  writeState(working, digest);
}

/** Hashes the first `length` octets after `before` octets (whole blocks) that the state has seen, and the closing blocks. */
export function finishSha1(state: Sha1State, bytes: Uint8Array, length: number, before: number): void {
  const whole = length - (length % SHA1_BLOCK_LENGTH);
  for (let at = 0; at < whole; at += SHA1_BLOCK_LENGTH) hashBlock(state, bytes, at);
  const rest = length - whole;
  const end = rest < SHA1_BLOCK_LENGTH - 8 ? SHA1_BLOCK_LENGTH : 2 * SHA1_BLOCK_LENGTH;
  for (let i = 0; i < rest; i++) tail[i] = bytes[whole + i] as number;
  for (let i = rest; i < end; i++) tail[i] = 0;
  tail[rest] = 0x80;
  const octets = before + length;
  writeU32(tail, end - 8, Math.floor(octets / 0x2000_0000));
  writeU32(tail, end - 4, (octets * 8) % 0x1_0000_0000);
  for (let at = 0; at < end; at += SHA1_BLOCK_LENGTH) hashBlock(state, tail, at);
}

export function copyState(from: Sha1State, to: Sha1State): void {
  for (let i = 0; i < 5; i++) to[i] = from[i] as number;
}

export function writeState(state: Sha1State, out: Uint8Array): void {
  for (let i = 0; i < 5; i++) writeU32(out, 4 * i, state[i] as number);
}

/** Its four loops differ in one function and one constant each; kept apart they run twice as fast. */
export function hashBlock(state: Sha1State, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let t = 0; t < 16; t++) w[t] = readI32(bytes, at + 4 * t);
  for (let t = 16; t < 80; t++) {
    const x = (w[t - 3] as number) ^ (w[t - 8] as number) ^ (w[t - 14] as number) ^ (w[t - 16] as number);
    w[t] = (x << 1) | (x >>> 31);
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  for (let t = 0; t < 20; t++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + 0x5a827999 + (w[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 20; t < 40; t++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + (w[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 40; t < 60; t++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + 0x8f1bbcdc + (w[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let t = 60; t < 80; t++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0xca62c1d6 + (w[t] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
}
