import type { Expected } from './argument.ts';
import type { Row, Table } from './command.ts';
import { type GrammarNode, grammarOf, keywordAt, keywordsBegunWith, listedArguments } from './grammar.ts';
import { keywordHelp } from './keyword-help.ts';
import { modeNamed } from './modes.ts';
import { splitWords, type Word } from './words.ts';

/** One line of `?` help: a keyword or an argument's label, and what it means. */
export interface Help {
  readonly word: string;
  readonly help: string;
}

const CARRIAGE_RETURN = '<cr>';

/** The words that may stand where `line` ends, in a table or in the configuration mode of that name: those that its last word begins, or all after a blank. */
export function complete(line: string, where: string | Table): string[] {
  const { expected, begun } = walk(line, tableOf(where));
  const words = expected.filter(({ literal }) => literal).map(({ word }) => word);
  return [...new Set(words)].filter((word) => word.toLowerCase().startsWith(begun.toLowerCase())).sort();
}

/** What `?` at the end of `line` shows; empty when the line is not understood. */
export function help(line: string, where: string | Table): Help[] {
  const { expected, begun, ends } = walk(line, tableOf(where));
  const fitting = expected.filter(
    ({ word, literal }) => !literal || word.toLowerCase().startsWith(begun.toLowerCase()),
  );
  const words = fitting.filter(({ literal }) => literal).sort((a, b) => (a.word < b.word ? -1 : 1));
  const free = fitting.filter(({ literal }) => !literal);
  const end = ends && begun === '' ? [{ word: CARRIAGE_RETURN, help: '' }] : [];
  return [...[...words, ...free].map(({ word, help: meaning }) => ({ word, help: meaning })), ...end];
}

function tableOf(where: string | Table): Table {
  return typeof where === 'string' ? modeNamed(where) : where;
}

/** What may stand at a node, which the keywords and arguments in `path` led to. */
function expectedAfter(node: GrammarNode, path: readonly string[]): Expected[] {
  const keywords = [...node.keywords].map(([word, below]) => ({
    word,
    help: helpOf(below, [...path, word], node.command),
    literal: true,
  }));
  const variable = listedArguments(node).flatMap(({ label, help: meaning, choices, free }) => [
    ...(choices ?? []).map((word) => ({ word, help: meaning, literal: true })),
    ...(choices && !free ? [] : [{ word: free ?? label, help: meaning }]),
  ]);
  return [...keywords, ...variable];
}

/** The help of the only command that a keyword leads to, or what the several have in common; where the command is `complete` without, that of its argument. */
function helpOf(node: GrammarNode, path: readonly string[], complete: Row | undefined): string {
  const [first, ...others] = [...node.commands].map((command) => command.help);
  const [argument] = listedArguments(node);
  if (complete && argument && node.commands.size === 1 && node.commands.has(complete)) return argument.help;
  return others.length === 0 ? (first ?? '') : (keywordHelp(path) ?? [first, ...others].join('; '));
}

interface Place {
  readonly expected: readonly Expected[];
  /** The word that is still being written. */
  readonly begun: string;
  /** Whether a command is complete before that word. */
  readonly ends: boolean;
}

/** Follows all words of `line` but the one that is still being written. */
function walk(line: string, table: Table): Place {
  const words = splitWords(line);
  const begun = /\S$/.test(line) ? (words.pop()?.text ?? '') : '';
  const path: string[] = [];
  let node = grammarOf(table);
  for (let at = words[0]?.text.toLowerCase() === 'no' ? 1 : 0; at < words.length; ) {
    const next = step(node, words.slice(at), line);
    if ('expected' in next) return { expected: next.expected, begun, ends: false };
    if (next.keyword !== undefined) path.push(next.keyword);
    node = next.node;
    at += next.used;
  }
  return { expected: expectedAfter(node, path), begun, ends: node.command !== undefined };
}

type Step =
  | { readonly node: GrammarNode; readonly used: number; readonly keyword?: string }
  /** Not understood, or the beginning of an argument of several words. */
  | { readonly expected: readonly Expected[] };

/** As `matchLine` does: a keyword in full, then arguments, then the beginning of a keyword. */
function step(node: GrammarNode, words: readonly Word[], line: string): Step {
  const text = words[0]?.text ?? '';
  const exact = keywordAt(node, text);
  if (exact) return { node: exact, used: 1, keyword: text.toLowerCase() };
  const unfinished: Expected[] = [];
  for (const { argument, node: below } of node.arguments) {
    const reading = argument.read(words, line);
    if (reading.ok) return { node: below, used: reading.used };
    if (reading.incomplete) unfinished.push(...(reading.expected ?? []));
  }
  const [keyword, other] = keywordsBegunWith(node, text);
  const found = keyword !== undefined && other === undefined ? keywordAt(node, keyword) : undefined;
  return found && keyword !== undefined ? { node: found, used: 1, keyword } : { expected: unfinished };
}
