import { matchLine, splitWords, type Table } from '#config/index.ts';
import type { Action, ExecCommand } from './exec-command.ts';
import { iosError } from './ios-error.ts';
import { type OutputFilter, splitFilter } from './output-filter.ts';

/** A line of EXEC mode, understood or not; `error` is what IOS prints below it. */
export type ExecLine =
  | { readonly ok: true; readonly action: Action; readonly filter: OutputFilter | undefined }
  | { readonly ok: false; readonly error: string };

/** `offset`: the column of the terminal at which the line begins. There is at least one word. */
export function readExecLine(line: string, table: Table<ExecCommand>, offset: number): ExecLine {
  const split = splitFilter(line);
  if ('error' in split) return { ok: false, error: `% ${split.error}\n` };
  const { command: text, filter } = split;
  const words = splitWords(text);
  const [first] = words;
  if (!first) return { ok: false, error: '% Incomplete command.\n' };
  const match = matchLine<ExecCommand>(words, text, table);
  if (!match.ok) return { ok: false, error: iosError({ ...match, start: match.span.start }, text, offset) };
  const { command, negated, values } = match;
  if (negated && !command.negatable) {
    const fault = { kind: 'unknown', start: first.start, message: '', expected: [] } as const;
    return { ok: false, error: iosError(fault, text, offset) };
  }
  return { ok: true, action: command.action(values, negated), filter };
}
