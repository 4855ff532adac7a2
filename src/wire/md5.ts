/** MD5 and HMAC-MD5, which RADIUS prescribes (RFC 2865 §3 "Packet Format", RFC 3579 §3.2 "Message-Authenticator"); for nothing else. */
const BLOCK_LENGTH = 64;
export const MD5_LENGTH = 16;

/** For each round, how far its four kinds of steps rotate. */
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 0x1_0000_0000));

export function md5(...parts: readonly Uint8Array[]): Uint8Array {
  const view = padded(parts);
  const state = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476);
  const words = new Int32Array(BLOCK_LENGTH / 4);
  for (let at = 0; at < view.byteLength; at += BLOCK_LENGTH) {
    for (let i = 0; i < words.length; i++) words[i] = view.getInt32(at + 4 * i, true);
    hashBlock(state, words);
  }
  const digest = new Uint8Array(MD5_LENGTH);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < state.length; i++) out.setInt32(4 * i, state[i] as number, true);
  return digest;
}

/** RFC 2104 §2 "Definition of HMAC". */
export function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const short = key.length > BLOCK_LENGTH ? md5(key) : key;
  const inner = new Uint8Array(BLOCK_LENGTH).fill(0x36);
  const outer = new Uint8Array(BLOCK_LENGTH).fill(0x5c);
  for (let i = 0; i < short.length; i++) {
    inner[i] = (short[i] as number) ^ 0x36;
    outer[i] = (short[i] as number) ^ 0x5c;
  }
  return md5(outer, md5(inner, ...parts));
}

function padded(parts: readonly Uint8Array[]): DataView {
  let octets = 0;
  for (const part of parts) octets += part.length;
  const length = Math.ceil((octets + 9) / BLOCK_LENGTH) * BLOCK_LENGTH;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  all[octets] = 0x80;
  const view = new DataView(all.buffer);
  view.setUint32(length - 8, (octets * 8) % 0x1_0000_0000, true);
  view.setUint32(length - 4, Math.floor(octets / 0x2000_0000), true);
  return view;
}

function hashBlock(state: Int32Array, words: Int32Array): void {
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  for (let i = 0; i < 64; i++) {
    const round = i >>> 4;
    const shift = SHIFTS[4 * round + (i & 3)] as number;
    const sum = (a + mix(round, b, c, d) + (words[wordOf(round, i)] as number) + (SINES[i] as number)) | 0;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
}

function mix(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (d & b) | (~d & c);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

function wordOf(round: number, i: number): number {
  if (round === 0) return i;
  if (round === 1) return (5 * i + 1) & 15;
  return round === 2 ? (3 * i + 5) & 15 : (7 * i) & 15;
}
