import type { Unreadable } from './argument.ts';
import type { AnyCommand } from './command.ts';
import {
  type ArgumentEdge,
  expectedAt,
  expectedFor,
  type GrammarNode,
  grammarOf,
  keywordAt,
  keywordsBegunWith,
} from './grammar.ts';
import type { Mode } from './modes.ts';
import { closest } from './suggest.ts';
import { quoted, type Word } from './words.ts';

/** The part of a line that gave a value. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Match {
  readonly ok: true;
  readonly command: AnyCommand;
  readonly negated: boolean;
  readonly values: readonly unknown[];
  /** Where each of `values` stands in the line. */
  readonly spans: readonly (Span | undefined)[];
}

export interface Mismatch {
  readonly ok: false;
  readonly kind: 'unknown' | 'ambiguous' | 'incomplete' | 'bad-argument';
  /** Words that were understood. */
  readonly understood: number;
  readonly span: Span;
  readonly message: string;
  readonly expected: readonly string[];
  /** The commands that were meant, as far as can be told. */
  readonly meant: readonly AnyCommand[];
}

/** Matches a line, already split, against the commands of one mode. There is at least one word. */
export function matchLine(words: readonly Word[], line: string, mode: Mode): Match | Mismatch {
  const negated = words.length > 1 && words[0]?.text.toLowerCase() === 'no';
  const walk: Walk = { words, line, negated };
  return step(walk, grammarOf(mode), negated ? 1 : 0, [], []);
}

interface Walk {
  readonly words: readonly Word[];
  readonly line: string;
  readonly negated: boolean;
}

function step(
  walk: Walk,
  node: GrammarNode,
  at: number,
  values: readonly unknown[],
  spans: readonly Span[],
): Match | Mismatch {
  const word = walk.words[at];
  if (!word) return finish(walk, node, values, spans);
  const exact = keywordAt(node, word.text);
  if (exact) return step(walk, exact, at + 1, values, spans);

  let worst: Mismatch | undefined;
  for (const edge of node.arguments) {
    const reading = edge.argument.read(walk.words.slice(at), walk.line);
    if (!reading.ok) {
      if (edge.listed) worst = further(worst, unreadable(walk, at, edge, reading));
      continue;
    }
    const span = { start: word.start, end: endOf(walk.words[at + reading.used - 1] as Word) };
    const result = step(walk, edge.node, at + reading.used, [...values, reading.value], [...spans, span]);
    if (result.ok) return result;
    worst = further(worst, result);
  }

  const found = keywordsBegunWith(node, word.text);
  if (found.length === 1) return step(walk, keywordAt(node, found[0] as string) as GrammarNode, at + 1, values, spans);
  if (found.length > 1) return ambiguous(word, at, found, node);
  return worst ?? unknown(word, at, node);
}

function finish(walk: Walk, node: GrammarNode, values: readonly unknown[], spans: readonly Span[]): Match | Mismatch {
  const { negated, words } = walk;
  const only = negated && node.commands.size === 1 ? ([...node.commands][0] as AnyCommand) : undefined;
  const command = node.command ?? (only && namesEntry(only, values) ? only : undefined);
  if (command) {
    return { ok: true, command, negated, values: placed(values, node), spans: placed(spans, node) };
  }
  return incomplete(words, expectedAt(node), node);
}

/** Whether the values say which entry a `no` form removes. */
function namesEntry({ keys }: AnyCommand, values: readonly unknown[]): boolean {
  return typeof keys === 'number' ? values.length >= keys : keys(values);
}

/** The values that were read, each at its place among the command's values. */
function placed<Value>(read: readonly Value[], { positions }: GrammarNode): (Value | undefined)[] {
  const all: (Value | undefined)[] = new Array((positions.at(-1) ?? -1) + 1).fill(undefined);
  for (const [index, position] of positions.entries()) all[position] = read[index];
  return all;
}

function further(held: Mismatch | undefined, next: Mismatch): Mismatch {
  return held && held.understood >= next.understood ? held : next;
}

function unreadable(walk: Walk, at: number, { argument, node }: ArgumentEdge, reading: Unreadable): Mismatch {
  const expected = reading.expected?.map(({ word, help, literal }) => (literal ? word : `${word} (${help})`));
  if (reading.incomplete) return incomplete(walk.words, expected ?? [], node);
  const wrong = at + (reading.at ?? 0);
  const word = walk.words[wrong] as Word;
  const message = `${quoted(word.text)} ${reading.problem}`;
  return mismatch('bad-argument', word, wrong, message, expected ?? expectedFor(argument), [...node.commands]);
}

function incomplete(words: readonly Word[], expected: readonly string[], node: GrammarNode): Mismatch {
  const end = endOf(words.at(-1) as Word);
  return {
    ok: false,
    kind: 'incomplete',
    understood: words.length,
    span: { start: end + 1, end: end + 2 },
    message: 'incomplete command',
    expected,
    meant: [...node.commands],
  };
}

function ambiguous(word: Word, at: number, candidates: readonly string[], node: GrammarNode): Mismatch {
  const meant = candidates.flatMap((candidate) => [...(keywordAt(node, candidate)?.commands ?? [])]);
  return mismatch('ambiguous', word, at, `${quoted(word.text)} is ambiguous`, candidates, meant);
}

function unknown(word: Word, at: number, node: GrammarNode): Mismatch {
  const expected = expectedAt(node);
  if (expected.length === 0) {
    const message = `${quoted(word.text)} is one word too many`;
    return mismatch('unknown', word, at, message, ['end of line'], [...node.commands]);
  }
  const near = closest(word.text, node.keywords.keys());
  const hint = near ? `; did you mean "${near}"?` : '';
  const meant = near ? node.keywords.get(near)?.commands : at > 0 ? node.commands : undefined;
  return mismatch('unknown', word, at, `${quoted(word.text)} is not known here${hint}`, expected, [...(meant ?? [])]);
}

function mismatch(
  kind: Mismatch['kind'],
  word: Word,
  understood: number,
  message: string,
  expected: readonly string[],
  meant: readonly AnyCommand[],
): Mismatch {
  return { ok: false, kind, understood, span: { start: word.start, end: endOf(word) }, message, expected, meant };
}

function endOf(word: Word): number {
  return word.start + word.text.length;
}
