import type { Unreadable } from './argument.ts';
import type { Row, Table } from './command.ts';
import type { Fault } from './fault.ts';
import {
  type ArgumentEdge,
  expectedAt,
  expectedFor,
  type GrammarNode,
  grammarOf,
  keywordAt,
  keywordsBegunWith,
} from './grammar.ts';
import { closest } from './suggest.ts';
import { quoted, type Word } from './words.ts';

/** The part of a line that gave a value. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Match<Of extends Row = Row> {
  readonly ok: true;
  readonly command: Of;
  readonly negated: boolean;
  readonly values: readonly unknown[];
  /** Where each of `values` stands in the line. */
  readonly spans: readonly (Span | undefined)[];
}

export interface Mismatch<Of extends Row = Row> {
  readonly ok: false;
  readonly kind: Fault;
  /** Words that were understood. */
  readonly understood: number;
  readonly span: Span;
  readonly message: string;
  readonly expected: readonly string[];
  /** The commands that were meant, as far as can be told. */
  readonly meant: readonly Of[];
}

/** Matches a line, already split, against the commands of one table. There is at least one word. */
export function matchLine<Of extends Row>(
  words: readonly Word[],
  line: string,
  table: Table<Of>,
): Match<Of> | Mismatch<Of> {
  const negated = words.length > 1 && words[0]?.text.toLowerCase() === 'no';
  const walk: Walk = { words, line, negated };
  return step(walk, grammarOf(table), negated ? 1 : 0, [], []);
}

interface Walk {
  readonly words: readonly Word[];
  readonly line: string;
  readonly negated: boolean;
}

function step<Of extends Row>(
  walk: Walk,
  node: GrammarNode<Of>,
  at: number,
  values: readonly unknown[],
  spans: readonly Span[],
): Match<Of> | Mismatch<Of> {
  const word = walk.words[at];
  if (!word) return finish(walk, node, values, spans);
  const exact = keywordAt(node, word.text);
  if (exact) return step(walk, exact, at + 1, values, spans);

  let worst: Mismatch<Of> | undefined;
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
  if (found.length === 1)
    return step(walk, keywordAt(node, found[0] as string) as GrammarNode<Of>, at + 1, values, spans);
  if (found.length > 1) return ambiguous(word, at, found, node);
  return worst ?? unknown(word, at, node);
}

function finish<Of extends Row>(
  walk: Walk,
  node: GrammarNode<Of>,
  values: readonly unknown[],
  spans: readonly Span[],
): Match<Of> | Mismatch<Of> {
  const { negated, words } = walk;
  const only = negated && node.commands.size === 1 ? ([...node.commands][0] as Of) : undefined;
  const command = node.command ?? (only && namesEntry(only, values) ? only : undefined);
  if (command) {
    return { ok: true, command, negated, values: placed(values, node), spans: placed(spans, node) };
  }
  return incomplete(words, expectedAt(node), node);
}

/** Whether the values say which entry a `no` form removes. */
function namesEntry({ keys }: Row, values: readonly unknown[]): boolean {
  return typeof keys === 'number' ? values.length >= keys : keys(values);
}

/** The values that were read, each at its place among the command's values. */
function placed<Value>(read: readonly Value[], { positions }: Pick<GrammarNode, 'positions'>): (Value | undefined)[] {
  const all: (Value | undefined)[] = new Array((positions.at(-1) ?? -1) + 1).fill(undefined);
  for (const [index, position] of positions.entries()) all[position] = read[index];
  return all;
}

function further<Of extends Row>(held: Mismatch<Of> | undefined, next: Mismatch<Of>): Mismatch<Of> {
  return held && held.understood >= next.understood ? held : next;
}

function unreadable<Of extends Row>(
  walk: Walk,
  at: number,
  { argument, node }: ArgumentEdge<Of>,
  reading: Unreadable,
): Mismatch<Of> {
  const expected = reading.expected?.map(({ word, help, literal }) => (literal ? word : `${word} (${help})`));
  if (reading.incomplete) return incomplete(walk.words, expected ?? [], node);
  const wrong = at + (reading.at ?? 0);
  const word = walk.words[wrong] as Word;
  const message = `${quoted(word.text)} ${reading.problem}`;
  return mismatch('bad-argument', word, wrong, message, expected ?? expectedFor(argument), [...node.commands]);
}

function incomplete<Of extends Row>(
  words: readonly Word[],
  expected: readonly string[],
  node: GrammarNode<Of>,
): Mismatch<Of> {
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

function ambiguous<Of extends Row>(
  word: Word,
  at: number,
  candidates: readonly string[],
  node: GrammarNode<Of>,
): Mismatch<Of> {
  const meant = candidates.flatMap((candidate) => [...(keywordAt(node, candidate)?.commands ?? [])]);
  return mismatch('ambiguous', word, at, `${quoted(word.text)} is ambiguous`, candidates, meant);
}

function unknown<Of extends Row>(word: Word, at: number, node: GrammarNode<Of>): Mismatch<Of> {
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

function mismatch<Of extends Row>(
  kind: Mismatch['kind'],
  word: Word,
  understood: number,
  message: string,
  expected: readonly string[],
  meant: readonly Of[],
): Mismatch<Of> {
  return { ok: false, kind, understood, span: { start: word.start, end: endOf(word) }, message, expected, meant };
}

function endOf(word: Word): number {
  return word.start + word.text.length;
}
