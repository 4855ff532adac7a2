import type { Argument, Reading } from './argument.ts';
import type { Secret } from './secret.ts';
import { decodeType7, encodeType7 } from './type-7.ts';
import type { Word } from './words.ts';

const LENGTH_LIMIT = 125;

/** A secret of one word, or of the rest of the line: `TEXT`, `0 TEXT`, or `7 TEXT` as type 7. */
export function secret(help: string, extent: 'word' | 'line'): Argument<Secret> {
  return {
    label: extent === 'word' ? 'WORD' : 'LINE',
    help: `${help}, or 7 and the key as service password-encryption prints it`,
    read(words, line) {
      const [first, second] = words as [Word, Word?];
      const type = second && (first.text === '0' || first.text === '7') ? first.text : undefined;
      const begin = type && second ? second : first;
      const used = extent === 'line' ? words.length : type ? 2 : 1;
      const text = extent === 'line' ? line.slice(begin.start).trimEnd() : begin.text;
      return type === '7' ? type7(text, used) : plain(text, used, type ? 1 : 0);
    },
    format: ({ text, encrypted }) => {
      if (encrypted) return `7 ${encodeType7(text)}`;
      return /^[07]\s/.test(text) ? `0 ${text}` : text;
    },
  };
}

function plain(text: string, used: number, at: number): Reading<Secret> {
  if (text.length > LENGTH_LIMIT) return { ok: false, problem: `is longer than ${LENGTH_LIMIT} characters`, at };
  return { ok: true, value: { text }, used };
}

function type7(encoded: string, used: number): Reading<Secret> {
  const text = decodeType7(encoded);
  if (text === undefined || text.length > LENGTH_LIMIT) return { ok: false, problem: 'is not a key of type 7', at: 1 };
  return { ok: true, value: { text, encrypted: true }, used };
}
