import type { Diagnostic } from './diagnostic.ts';
import type { Configuration } from './model.ts';
import type { Mode } from './modes.ts';
import { printConfiguration } from './print.ts';
import { Reader } from './reader.ts';
import { review } from './review.ts';

/** What one line that is typed in a configuration mode makes of a configuration. */
export type Edit =
  | {
      readonly ok: true;
      /** The whole configuration as it is now, and as it is printed. */
      readonly configuration: Configuration;
      readonly text: string;
      /** The lines that lead to the mode in which the next line is read. */
      readonly path: readonly string[];
      readonly mode: Mode;
      /** What is doubtful about this line, and because of it: what names something that it took away. */
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly error: Diagnostic };

/**
 * Reads `line` in the mode that the lines of `path` lead to, below the configuration `text`, which has no errors. A line that is wrong
 * changes nothing. `exit` and `end` leave modes; below global mode there is nothing to leave to, and `path` stays empty.
 */
export function editConfiguration(text: string, path: readonly string[], line: string): Edit {
  const { reader, number } = readerAt(text, path);
  const doubts = () => review(reader.configuration, reader.origins);
  const before = REMOVAL.test(line) ? new Set(doubts().map(({ message }) => message)) : undefined;
  reader.readLine(line, number);
  const error = reader.errors[0];
  if (error) return { ok: false, error };
  return {
    ok: true,
    configuration: reader.configuration,
    text: printConfiguration(reader.configuration),
    path: reader.path,
    mode: reader.mode,
    warnings: doubts().filter((doubt) => doubt.line === number || before?.has(doubt.message) === false),
  };
}

const REMOVAL = /^\s*no\s/i;

/** A reader that has read everything before the line `number`. */
function readerAt(text: string, path: readonly string[]): { reader: Reader; number: number } {
  const reader = new Reader();
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) reader.readLine(line, index + 1);
  reader.end();
  for (const [index, line] of path.entries()) reader.readLine(line, lines.length + index + 1);
  return { reader, number: lines.length + path.length + 1 };
}
