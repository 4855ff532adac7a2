import type { Word } from './words.ts';

/** One variable word (or several) of a command's syntax. */
export interface Argument<Value> {
  /** As IOS help shows it: `<1-255>`, `A.B.C.D`, `WORD`. */
  readonly label: string;
  readonly help: string;
  /** The words to choose from, where it is a choice. */
  readonly choices?: readonly string[];
  /** What may stand there instead of one of `choices`: `A.B.C.D`. */
  readonly free?: string;
  /** Reads from the first of `words`, of which there is at least one. `line` is the whole line. */
  read(words: readonly Word[], line: string): Reading<Value>;
  /** The text that `read` turns into `value`. */
  format(value: Value): string;
}

export type Reading<Value> =
  | { readonly ok: true; readonly value: Value /** Words taken. */; readonly used: number }
  | Unreadable;

export interface Unreadable {
  readonly ok: false;
  /** Follows the quoted word: `is not …`. */
  readonly problem: string;
  /** The word that is wrong, counted from the argument's first. */
  readonly at?: number;
  /** What may stand there, where that is not what the argument may begin with. */
  readonly expected?: readonly Expected[];
  /** The line ends before the argument does; `expected` says what is missing. */
  readonly incomplete?: true;
}

/** A word, or the label of what may be chosen freely, and what it means. */
export interface Expected {
  readonly word: string;
  readonly help: string;
  /** Whether `word` is to be written as it stands. */
  readonly literal?: boolean;
}

/** An argument of exactly one word. `parse` gives the value or what is wrong with the word. */
export function oneWord<Value>(options: {
  label: string;
  help: string;
  choices?: readonly string[];
  free?: string;
  parse: (text: string) => { value: Value } | string;
  format: (value: Value) => string;
}): Argument<Value> {
  const { label, help, choices, free, parse, format } = options;
  return {
    label,
    help,
    ...(choices && { choices }),
    ...(free && { free }),
    format,
    read(words) {
      const result = parse((words[0] as Word).text);
      return typeof result === 'string' ? { ok: false, problem: result } : { ok: true, value: result.value, used: 1 };
    },
  };
}
