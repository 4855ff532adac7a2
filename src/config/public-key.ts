import { readU32 } from '#base/bytes.ts';
import type { Argument } from './argument.ts';

/** What an operator proves to have the other half of: as in the `.pub` file of OpenSSH, without the comment. */
export interface PublicKey {
  /** `ssh-ed25519 AAAA…` */
  text: string;
}

const TYPES = ['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const LONGEST = 4096;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `TYPE BASE64`, with a comment behind it that is not kept. */
export function publicKey(help: string): Argument<string> {
  return {
    label: 'KEY',
    help: `${help}: a line of a .pub file`,
    read(words) {
      const [type, data] = words.map(({ text }) => text);
      if (!type || !TYPES.includes(type))
        return { ok: false, problem: `is no type of key that is taken; those are: ${TYPES.join(', ')}`, at: 0 };
      if (data === undefined || data.length > LONGEST || !BASE64.test(data) || !data.startsWith(beginOf(type)))
        return { ok: false, problem: `is not followed by a key of type ${type} in base64`, at: 0 };
      return { ok: true, value: `${type} ${data}`, used: words.length };
    },
    format: (text) => text,
  };
}

/** A line of a key that is typed over several: `TYPE`, some of the base64, or both. */
export function partOfPublicKey(help: string): Argument<string> {
  return {
    label: 'LINE',
    help,
    read(words) {
      const texts = words.map(({ text }) => text);
      const data = TYPES.includes(texts[0] as string) ? texts.slice(1) : texts;
      if (data.length > 1 || !data.every((text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text)))
        return { ok: false, problem: 'is no part of a key in base64', at: texts.length - data.length };
      return { ok: true, value: texts.join(' '), used: words.length };
    },
    format: (text) => text,
  };
}

/** The lines of a key, put together. */
export function joinKeyLines(before: string, line: string): string {
  const text = TYPES.includes(before) ? `${before} ${line}` : before + line;
  return text.slice(0, LONGEST + 1);
}

/** What lines put together are. */
export function readKeyLines(text: string): { readonly key?: string; readonly state: 'begun' | 'whole' | 'wrong' } {
  const [first = '', second] = text.split(' ');
  const data = second ?? (TYPES.includes(first) ? '' : first);
  const type = TYPES.find((each) => data.startsWith(beginOf(each)));
  const octets = octetsOf(data);
  if (text.length > LONGEST || !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return { state: 'wrong' };
  if (second !== undefined && type !== undefined && type !== first) return { state: 'wrong' };
  if (!type) return { state: data.length < LONGEST_BEGIN ? 'begun' : 'wrong' };
  const length = lengthOf(octets, type);
  if (length === undefined || octets.length < length) return { state: 'begun' };
  return octets.length === length && BASE64.test(data)
    ? { state: 'whole', key: `${type} ${data}` }
    : { state: 'wrong' };
}

/** In base64, until the type is told. */
const LONGEST_BEGIN = 32;
/** How many fields keys have, 3 where nothing else is said (RFC 4253, RFC 5656, RFC 8709). */
const FIELDS: Readonly<Record<string, number>> = { 'ssh-ed25519': 2 };

/** How many octets the key has; `undefined` while that is not known. */
function lengthOf(octets: Uint8Array, type: string): number | undefined {
  let at = 0;
  for (let field = 0; field < (FIELDS[type] ?? 3); field++) {
    if (at + 4 > octets.length) return undefined;
    at += 4 + readU32(octets, at);
  }
  return at;
}

function octetsOf(base64: string): Uint8Array {
  const digits = [...base64].map((digit) => DIGITS.indexOf(digit)).filter((value) => value >= 0);
  const octets = new Uint8Array(Math.floor((digits.length * 6) / 8));
  for (let at = 0; at < octets.length; at++) {
    const digit = Math.floor((at * 8) / 6);
    const word = ((digits[digit] as number) << 6) | (digits[digit + 1] as number);
    octets[at] = word >> (4 - ((at * 8) % 6));
  }
  return octets;
}

/** A key begins with the length of its type, and that: as much of it in base64 as does not depend on what follows. */
function beginOf(type: string): string {
  const octets = `\0\0\0${String.fromCharCode(type.length)}${type}`;
  return base64OfTriples(octets.slice(0, octets.length - (octets.length % 3)));
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64OfTriples(octets: string): string {
  let text = '';
  for (let at = 0; at < octets.length; at += 3) {
    const word = (octets.charCodeAt(at) << 16) | (octets.charCodeAt(at + 1) << 8) | octets.charCodeAt(at + 2);
    for (const shift of [18, 12, 6, 0]) text += DIGITS[(word >> shift) & 63];
  }
  return text;
}
