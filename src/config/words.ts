/** One word of a line. */
export interface Word {
  readonly text: string;
  /** Offset of its first character in the line. */
  readonly start: number;
}

/** Splits a line at white space. */
export function splitWords(line: string): Word[] {
  return Array.from(line.matchAll(/\S+/g), (match) => ({ text: match[0], start: match.index }));
}

/** An empty line or one that begins with `!`. */
export function isComment(line: string): boolean {
  return /^\s*(!|$)/.test(line);
}

/** A line that holds only `!`: what follows is looked up in global mode first. */
export function isSeparator(line: string): boolean {
  return line.trim() === '!';
}

const QUOTED_LIMIT = 60;

/** A word as messages show it. */
export function quoted(text: string): string {
  return text.length > QUOTED_LIMIT ? `"${text.slice(0, QUOTED_LIMIT)}…"` : `"${text}"`;
}
