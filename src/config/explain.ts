import { type AnyCommand, keywords } from './command.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type GrammarNode, grammarOf } from './grammar.ts';
import type { Mismatch } from './match.ts';
import { type Mode, modes } from './modes.ts';
import { closest } from './suggest.ts';
import { quoted, type Word } from './words.ts';

/** A mode in which a line was tried in vain. */
export interface Failure {
  readonly mode: Mode;
  readonly mismatch: Mismatch<AnyCommand>;
}

export interface Explanation {
  readonly diagnostic: Diagnostic;
  /** The commands that were meant, as far as can be told. */
  readonly meant: readonly AnyCommand[];
}

/** Says what is wrong with a line that no mode understands: the mode that understood most of it has the word. */
export function explain(words: readonly Word[], failures: readonly Failure[], line: number): Explanation {
  const { mismatch } = failures.reduce((held, next) =>
    next.mismatch.understood > held.mismatch.understood ? next : held,
  );
  const first = words.findIndex((word, i) => i > 0 || word.text.toLowerCase() !== 'no');
  const strange = (mismatch.kind === 'unknown' || mismatch.kind === 'bad-argument') && mismatch.understood <= first;
  const { message, meant } = strange ? unknownCommand(words[first] as Word, failures) : mismatch;
  const expected = strange ? [] : mismatch.expected;
  const { start, end } = mismatch.span;
  const place = { line, column: start + 1, length: end - start };
  return {
    diagnostic: {
      severity: 'error',
      ...place,
      message,
      fault: mismatch.kind,
      ...(expected.length > 0 && { expected }),
    },
    meant,
  };
}

function unknownCommand(word: Word, failures: readonly Failure[]): Pick<Mismatch<AnyCommand>, 'message' | 'meant'> {
  const tried = failures.map((failure) => failure.mode);
  const others = modes.flatMap((mode) => {
    const meant = tried.includes(mode) ? [] : commandsThatBegin(grammarOf(mode), word.text.toLowerCase());
    return meant.length > 0 ? [{ mode, meant }] : [];
  });
  if (others.length > 0) {
    const places = others.map(({ mode }) => openedBy(mode)).join(' and of ');
    return {
      message: `${quoted(word.text)} does not belong here; it is a command of ${places}`,
      meant: others.flatMap(({ meant }) => meant),
    };
  }
  const near = closest(
    word.text,
    tried.flatMap((mode) => [...grammarOf(mode).keywords.keys()]),
  );
  return {
    message: `unknown command ${quoted(word.text)}${near ? `; did you mean "${near}"?` : ''}`,
    meant: near ? tried.flatMap((mode) => commandsThatBegin(grammarOf(mode), near)) : [],
  };
}

/** The commands whose first word, keyword or choice, is `word`. */
function commandsThatBegin(root: GrammarNode<AnyCommand>, word: string): AnyCommand[] {
  const chosen = root.arguments.filter(({ argument }) => argument.choices?.includes(word));
  const nodes = [root.keywords.get(word), ...chosen.map(({ node }) => node)];
  return nodes.flatMap((node) => (node ? [...node.commands] : []));
}

/** How a mode is reached: `"ipv6 mobile pmipv6-lma"`, or `"network" in "ipv6 mobile pmipv6-lma"`. */
function openedBy(mode: Mode): string {
  for (const outer of modes) {
    const opener = outer.commands.find((command) => command.section?.opens === mode.name);
    if (opener) return `"${keywords(opener)}"${outer.name === 'global' ? '' : ` in ${openedBy(outer)}`}`;
  }
  return 'global mode';
}
