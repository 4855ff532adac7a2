import { keywords } from './command.ts';
import type { Diagnostic } from './diagnostic.ts';
import { grammarOf } from './grammar.ts';
import type { Mismatch } from './match.ts';
import { type Mode, modes } from './modes.ts';
import { closest } from './suggest.ts';
import { quoted, type Word } from './words.ts';

/** A mode in which a line was tried in vain. */
export interface Failure {
  readonly mode: Mode;
  readonly mismatch: Mismatch;
}

/** Says what is wrong with a line that no mode understands: the mode that understood most of it has the word. */
export function explain(words: readonly Word[], failures: readonly Failure[], line: number): Diagnostic {
  const { mismatch } = failures.reduce((held, next) =>
    next.mismatch.understood > held.mismatch.understood ? next : held,
  );
  const first = words.findIndex((word, i) => i > 0 || word.text.toLowerCase() !== 'no');
  const strange = mismatch.kind === 'unknown' && mismatch.understood <= first;
  const message = strange ? unknownCommand(words[first] as Word, failures) : mismatch.message;
  const expected = strange ? [] : mismatch.expected;
  const { start, end } = mismatch.span;
  return {
    severity: 'error',
    line,
    column: start + 1,
    length: end - start,
    message,
    ...(expected.length > 0 && { expected }),
  };
}

function unknownCommand(word: Word, failures: readonly Failure[]): string {
  const tried = failures.map((failure) => failure.mode);
  const others = modes.filter((mode) => !tried.includes(mode) && grammarOf(mode).keywords.has(word.text.toLowerCase()));
  if (others.length > 0) {
    return `${quoted(word.text)} does not belong here; it is a command of ${others.map(openedBy).join(' and of ')}`;
  }
  const near = closest(
    word.text,
    tried.flatMap((mode) => [...grammarOf(mode).keywords.keys()]),
  );
  return `unknown command ${quoted(word.text)}${near ? `; did you mean "${near}"?` : ''}`;
}

/** How a mode is reached: `"ipv6 mobile pmipv6-lma"`, or `"network" in "ipv6 mobile pmipv6-lma"`. */
function openedBy(mode: Mode): string {
  for (const outer of modes) {
    const opener = outer.commands.find((command) => command.section?.opens === mode.name);
    if (opener) return `"${keywords(opener)}"${outer.name === 'global' ? '' : ` in ${openedBy(outer)}`}`;
  }
  return 'global mode';
}
