import type { Argument, Reading } from './argument.ts';
import type { Word } from './words.ts';

/**
 * What an operator logs in with. Type 0 is the password itself, as it was typed; 8 and 9 are IOS's hashes of one, by PBKDF2 and by
 * scrypt: `$8$salt$hash`. A node that runs keeps none of type 0.
 */
export interface Password {
  type: 0 | 8 | 9;
  text: string;
}

const LENGTH_LIMIT = 125;
const HASH = /^\$([89])\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}$/;

/** A password of one word, or its hash: `TEXT`, `0 TEXT`, `8 HASH`, `9 HASH`. */
export function password(help: string): Argument<Password> {
  return {
    label: 'WORD',
    help: `${help}, or 8 or 9 and its hash`,
    read(words) {
      const [first, second] = words as [Word, Word?];
      if (!second || !/^\d$/.test(first.text)) return plain(first.text, 1, 0);
      if (first.text === '0') return plain(second.text, 2, 1);
      if (first.text !== '8' && first.text !== '9')
        return {
          ok: false,
          problem: 'is no type of secret that is taken; type the password, or a hash of type 8 or 9',
          at: 0,
        };
      if (HASH.exec(second.text)?.[1] !== first.text)
        return { ok: false, problem: `is no hash of type ${first.text}`, at: 1 };
      return { ok: true, value: { type: first.text === '8' ? 8 : 9, text: second.text }, used: 2 };
    },
    format: ({ type, text }) => `${type} ${text}`,
  };
}

function plain(text: string, used: number, at: number): Reading<Password> {
  if (text.length > LENGTH_LIMIT) return { ok: false, problem: `is longer than ${LENGTH_LIMIT} characters`, at };
  return { ok: true, value: { type: 0, text }, used };
}
