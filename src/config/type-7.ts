import { fromHex, toHex } from '#base/bytes.ts';

/** The key that IOS uses everywhere; it is public, so that type 7 hides a text from a glance and protects nothing. */
const KEY = new TextEncoder().encode('dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87');
const LARGEST_SALT = 15;

/** A secret as `7 …` prints it: two decimal digits that say where in the key it begins, then hexadecimal. The same for the same text. */
export function encodeType7(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const salt = bytes.reduce((sum, byte) => sum + byte, bytes.length) % (LARGEST_SALT + 1);
  return String(salt).padStart(2, '0') + toHex(masked(bytes, salt)).toUpperCase();
}

/** The text; `undefined` when it is not of type 7, or empty. */
export function decodeType7(encoded: string): string | undefined {
  const salt = Number(encoded.slice(0, 2));
  const bytes = fromHex(encoded.slice(2));
  if (!/^\d\d([0-9a-fA-F]{2})+$/.test(encoded) || salt >= KEY.length || !bytes) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(masked(bytes, salt));
  } catch {
    return undefined;
  }
}

function masked(bytes: Uint8Array, salt: number): Uint8Array {
  return bytes.map((byte, i) => byte ^ (KEY[(salt + i) % KEY.length] as number));
}
