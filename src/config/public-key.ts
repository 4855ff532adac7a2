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
