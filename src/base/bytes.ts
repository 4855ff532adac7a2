import { characters } from './characters.ts';

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** What the digits of so many octets are put together in. */
const digits = Array.from({ length: 33 }, (_, octets) => new Uint8Array(2 * octets));

/** Lower-case hexadecimal of some octets. Few, as a link-layer address has, make one string at once. */
export function hexBetween(bytes: Uint8Array, start: number, end: number): string {
  const few = digits[end - start];
  if (!few) return toHex(bytes.subarray(start, end));
  for (let i = start, at = 0; i < end; i++) {
    const octet = bytes[i] as number;
    few[at++] = HEX_DIGITS[octet >>> 4] as number;
    few[at++] = HEX_DIGITS[octet & 15] as number;
  }
  return characters(few);
}

/** Lower-case hexadecimal, without separators unless one is given. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  if (separator === '' && bytes.length < digits.length) return hexBetween(bytes, 0, bytes.length);
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    if (i > 0) text += separator;
    text += HEX[bytes[i] as number];
  }
  return text;
}

/** Reads hexadecimal text; white space, colons, dots and dashes between octets are skipped. `undefined` when it is not hexadecimal. */
export function fromHex(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length >> 1);
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const octet = hexOctet(text, at);
    if (octet !== undefined) {
      bytes[length++] = octet;
      at += 2;
    } else if (/[\s:.-]/.test(text[at] as string) && (length > 0 || /\s/.test(text[at] as string))) at++;
    else return undefined;
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}

/** Of the two digits at `at`; `undefined` when they are none. */
export function hexOctet(text: string, at: number): number | undefined {
  return octetOfDigits(text.charCodeAt(at), text.charCodeAt(at + 1));
}

/** Of two digits, by their codes; `undefined` when they are none. */
export function octetOfDigits(highCode: number, lowCode: number): number | undefined {
  const high = hexDigit(highCode);
  const low = hexDigit(lowCode);
  return high < 0 || low < 0 ? undefined : (high << 4) | low;
}

/** -1 for what is none, also for what `charCodeAt` gives beyond the end. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What `characters` was made of. */
export function octetsOf(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) octets[i] = text.charCodeAt(i);
  return octets;
}

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function readU16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

/** As an unsigned number. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset) >>> 0;
}

/** As a signed number, which V8 keeps unboxed. */
export function readI32(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  );
}

export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}
