import { type GrammarNode, grammarOf } from './grammar.ts';
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
  const { node, begun } = walk(line, mode);
  if (!node) return [];
  const choices = node.arguments.flatMap(({ argument }) => argument.choices ?? []);
  const words = [...node.keywords.keys(), ...choices];
  return words.filter((word) => word.toLowerCase().startsWith(begun.toLowerCase())).sort();
}

/** What `?` at the end of `line` shows; empty when the line is not understood. */
export function help(line: string, mode: string): Help[] {
  const { node, begun } = walk(line, mode);
  if (!node) return [];
  const keywords = [...node.keywords]
    .filter(([word]) => word.toLowerCase().startsWith(begun.toLowerCase()))
    .map(([word, below]) => ({ word, help: helpOf(below) }));
  const variable = node.arguments.map(({ argument }) => ({ word: argument.label, help: argument.help }));
  const end = node.command && begun === '' ? [{ word: CARRIAGE_RETURN, help: '' }] : [];
  return [...keywords.sort((a, b) => (a.word < b.word ? -1 : 1)), ...variable, ...end];
}

/** The help of the only command that a keyword leads to, or what the several have in common. */
function helpOf(node: GrammarNode): string {
  const helps = [...node.commands].map((command) => command.help);
  return helps.length === 1 ? (helps[0] as string) : `${helps.length} commands`;
}

/** Follows all words of `line` but the one that is still being written. */
function walk(line: string, modeName: string): { node: GrammarNode | undefined; begun: string } {
  const words = splitWords(line);
  const begun = /\S$/.test(line) ? (words.pop()?.text ?? '') : '';
  const root = grammarOf(modeNamed(modeName));
  let node: GrammarNode | undefined = root;
  for (let at = words[0]?.text.toLowerCase() === 'no' ? 1 : 0; node && at < words.length; ) {
    const here: GrammarNode = node;
    const found = uniquePrefix(here.keywords.keys(), (words[at] as { text: string }).text);
    if (found.length === 1) {
      node = here.keywords.get(found[0] as string);
      at += 1;
      continue;
    }
    const read = here.arguments
      .map(({ argument, node: below }) => ({ below, reading: argument.read(words.slice(at), line) }))
      .find(({ reading }) => reading.ok);
    node = read?.below;
    at += read?.reading.ok ? read.reading.used : 1;
  }
  return { node, begun };
}
