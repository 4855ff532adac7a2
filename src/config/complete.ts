import type { Expected } from './argument.ts';
import { type GrammarNode, grammarOf, listedArguments } from './grammar.ts';
import { keywordHelp } from './keyword-help.ts';
import { modeNamed } from './modes.ts';
import { uniquePrefix } from './unique-prefix.ts';
import { splitWords } from './words.ts';

/** One line of `?` help: a keyword or an argument's label, and what it means. */
export interface Help {
  readonly word: string;
  readonly help: string;
}

const CARRIAGE_RETURN = '<cr>';

/** The words that may stand where `line` ends: those that its last word begins, or all after a blank. */
export function complete(line: string, mode: string): string[] {
  const { expected, begun } = walk(line, mode);
  const words = expected.filter(({ literal }) => literal).map(({ word }) => word);
  return [...new Set(words)].filter((word) => word.toLowerCase().startsWith(begun.toLowerCase())).sort();
}

/** What `?` at the end of `line` shows; empty when the line is not understood. */
export function help(line: string, mode: string): Help[] {
  const { expected, begun, ends } = walk(line, mode);
  const fitting = expected.filter(
    ({ word, literal }) => !literal || word.toLowerCase().startsWith(begun.toLowerCase()),
  );
  const words = fitting.filter(({ literal }) => literal).sort((a, b) => (a.word < b.word ? -1 : 1));
  const free = fitting.filter(({ literal }) => !literal);
  const end = ends && begun === '' ? [{ word: CARRIAGE_RETURN, help: '' }] : [];
  return [...[...words, ...free].map(({ word, help: meaning }) => ({ word, help: meaning })), ...end];
}

/** What may stand at a node, which the keywords and arguments in `path` led to. */
function expectedAfter(node: GrammarNode, path: readonly string[]): Expected[] {
  const keywords = [...node.keywords].map(([word, below]) => ({
    word,
    help: helpOf(below, [...path, word]),
    literal: true,
  }));
  const variable = listedArguments(node).flatMap(({ label, help: meaning, choices, free }) => [
    ...(choices ?? []).map((word) => ({ word, help: meaning, literal: true })),
    ...(choices && !free ? [] : [{ word: free ?? label, help: meaning }]),
  ]);
  return [...keywords, ...variable];
}

/** The help of the only command that a keyword leads to, or what the several have in common. */
function helpOf(node: GrammarNode, path: readonly string[]): string {
  const [first, ...others] = [...node.commands].map((command) => command.help);
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
function walk(line: string, modeName: string): Place {
  const words = splitWords(line);
  const begun = /\S$/.test(line) ? (words.pop()?.text ?? '') : '';
  let node: GrammarNode | undefined = grammarOf(modeNamed(modeName));
  const path: string[] = [];
  for (let at = words[0]?.text.toLowerCase() === 'no' ? 1 : 0; node && at < words.length; ) {
    const here: GrammarNode = node;
    const readings = here.arguments.map((edge) => ({ edge, reading: edge.argument.read(words.slice(at), line) }));
    const read = readings.find(({ reading }) => reading.ok);
    const found = uniquePrefix(here.keywords.keys(), words[at]?.text ?? '');
    if (found.length === 1) {
      node = here.keywords.get(found[0] as string);
      path.push(found[0] as string);
      at += 1;
    } else if (read?.reading.ok) {
      node = read.edge.node;
      at += read.reading.used;
    } else {
      const begunArguments = readings.flatMap(({ reading }) =>
        !reading.ok && reading.incomplete ? (reading.expected ?? []) : [],
      );
      return { expected: begunArguments, begun, ends: false };
    }
  }
  return { expected: node ? expectedAfter(node, path) : [], begun, ends: node?.command !== undefined };
}
