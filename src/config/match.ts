import type { AnyCommand } from './command.ts';
import { expectedAt, expectedFor, type GrammarNode, grammarOf } from './grammar.ts';
import type { Mode } from './modes.ts';
import { closest } from './suggest.ts';
import { uniquePrefix } from './unique-prefix.ts';
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
  readonly spans: readonly Span[];
}

export interface Mismatch {
  readonly ok: false;
  readonly kind: 'unknown' | 'ambiguous' | 'incomplete' | 'bad-argument';
  /** Words that were understood. */
  readonly understood: number;
  readonly span: Span;
  readonly message: string;
  readonly expected: readonly string[];
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
  const exact = keywordAt(node, word.text.toLowerCase());
  if (exact) return step(walk, exact, at + 1, values, spans);

  let worst: Mismatch | undefined;
  for (const { argument, node: below } of node.arguments) {
    const reading = argument.read(walk.words.slice(at), walk.line);
    if (!reading.ok) {
      worst = further(worst, badArgument(word, at, reading.problem, expectedFor(argument)));
      continue;
    }
    const span = { start: word.start, end: endOf(walk.words[at + reading.used - 1] as Word) };
    const result = step(walk, below, at + reading.used, [...values, reading.value], [...spans, span]);
    if (result.ok) return result;
    worst = further(worst, result);
  }

  const listed = uniquePrefix(node.keywords.keys(), word.text);
  const found = listed.length > 0 ? listed : uniquePrefix(node.unlisted.keys(), word.text);
  if (found.length === 1) return step(walk, keywordAt(node, found[0] as string) as GrammarNode, at + 1, values, spans);
  if (found.length > 1) return ambiguous(word, at, found);
  return worst ?? unknown(word, at, node);
}

function finish(walk: Walk, node: GrammarNode, values: readonly unknown[], spans: readonly Span[]): Match | Mismatch {
  const { negated, words } = walk;
  if (node.command) return { ok: true, command: node.command, negated, values, spans };
  const only = negated && node.commands.size === 1 ? ([...node.commands][0] as AnyCommand) : undefined;
  if (only && values.length >= only.keys) return { ok: true, command: only, negated, values, spans };
  const end = endOf(words.at(-1) as Word);
  return {
    ok: false,
    kind: 'incomplete',
    understood: words.length,
    span: { start: end + 1, end: end + 2 },
    message: 'incomplete command',
    expected: expectedAt(node),
  };
}

function keywordAt(node: GrammarNode, keyword: string): GrammarNode | undefined {
  const exact = node.keywords.get(keyword) ?? node.unlisted.get(keyword);
  if (exact) return exact;
  for (const each of [node.keywords, node.unlisted]) {
    for (const [candidate, below] of each) if (candidate.toLowerCase() === keyword) return below;
  }
  return undefined;
}

function further(held: Mismatch | undefined, next: Mismatch): Mismatch {
  return held && held.understood >= next.understood ? held : next;
}

function badArgument(word: Word, at: number, problem: string, expected: readonly string[]): Mismatch {
  return mismatch('bad-argument', word, at, `${quoted(word.text)} ${problem}`, expected);
}

function ambiguous(word: Word, at: number, candidates: readonly string[]): Mismatch {
  return mismatch('ambiguous', word, at, `${quoted(word.text)} is ambiguous`, candidates);
}

function unknown(word: Word, at: number, node: GrammarNode): Mismatch {
  const expected = expectedAt(node);
  if (expected.length === 0)
    return mismatch('unknown', word, at, `${quoted(word.text)} is one word too many`, ['end of line']);
  const near = closest(word.text, node.keywords.keys());
  const hint = near ? `; did you mean "${near}"?` : '';
  return mismatch('unknown', word, at, `${quoted(word.text)} is not known here${hint}`, expected);
}

function mismatch(
  kind: Mismatch['kind'],
  word: Word,
  understood: number,
  message: string,
  expected: readonly string[],
): Mismatch {
  return { ok: false, kind, understood, span: { start: word.start, end: endOf(word) }, message, expected };
}

function endOf(word: Word): number {
  return word.start + word.text.length;
}
