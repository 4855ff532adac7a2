/** Makes all bits of a hash depend on all of those that went in. */
export function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** `multiplier`: odd; who does not know it cannot choose texts of one hash. */
export function hashOfText(text: string, multiplier: number): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ (hash >>> 15) ^ text.charCodeAt(i), multiplier);
  return mixed(hash);
}

/** Of a whole number up to 2^53. */
export function hashOfNumber(number: number): number {
  return mixed((number | 0) ^ Math.imul(Math.floor(number / 2 ** 32), 0x9e3779b1));
}

export function hashOfWords(w0: number, w1: number, w2: number, w3: number, multiplier: number): number {
  let hash = Math.imul(w0, multiplier);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w1, multiplier);
  hash = Math.imul(hash ^ (hash >>> 15) ^ w2, multiplier);
  return mixed(Math.imul(hash ^ (hash >>> 15) ^ w3, multiplier));
}
