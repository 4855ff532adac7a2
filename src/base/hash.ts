/** Makes all bits of a hash depend on all of those that went in. */
export function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A hash with one more word, in the fewest steps: the programs of the kernel do the same (`bpf/mix.h`). */
export function mixWord(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1);
  return product ^ (product >>> 15);
}

/** `multiplier`: odd; who does not know it cannot choose texts of one hash. */
export function hashOfText(text: string, multiplier: number): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ (hash >>> 15) ^ text.charCodeAt(i), multiplier);
  return mixed(hash);
}

/** Of the octets from `start` to before `end`; `hash` is that of what comes before them. */
export function hashOfOctets(octets: Uint8Array, start: number, end: number, hash: number, multiplier: number): number {
  let bits = hash;
  for (let at = start; at < end; at++) bits = Math.imul(bits ^ (bits >>> 15) ^ (octets[at] as number), multiplier);
  return mixed(bits);
}

/** Neighbours that stay neighbours. */
const NEAR = 7;

/** What eight numbers that follow each other have in common, of which a hash is made for all of them; `near` tells them apart. */
export function farOf(number: number): number {
  return number & ~NEAR;
}

/**
 * A hash of `farOf(number)` with the last bits of the number: those that follow each other do so as hashes too. What is asked for in the order of the numbers is then found in memory
 * that was just read, which counts more than anything else where there are a million.
 */
export function near(number: number, hash: number): number {
  return (hash & ~NEAR) | (number & NEAR);
}

/** Of a whole number up to 2^53, which nobody chooses who means ill. */
export function hashOfNumber(number: number): number {
  return near(number, mixed(farOf(number) ^ Math.imul(Math.floor(number / 2 ** 32), 0x9e3779b1)));
}

export function hashOfWords(w0: number, w1: number, w2: number, w3: number, multiplier: number): number {
  let hash = Math.imul(w0, multiplier);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w1, multiplier);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w2, multiplier);
  return mixed(Math.imul(hash ^ (hash >>> 15) ^ w3, multiplier));
}
