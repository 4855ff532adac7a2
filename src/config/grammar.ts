import type { Argument } from './argument.ts';
import { type AnyCommand, variants } from './command.ts';
import { type Mode, modes } from './modes.ts';

/** One position in the commands of a mode: what may come next. */
export interface GrammarNode {
  readonly keywords: Map<string, GrammarNode>;
  /** Keywords that only other spellings have: understood, not offered. */
  readonly unlisted: Map<string, GrammarNode>;
  readonly arguments: { readonly argument: Argument<unknown>; readonly node: GrammarNode }[];
  /** The command that is complete here. */
  command?: AnyCommand;
  /** All commands that go on from here or end here. */
  readonly commands: Set<AnyCommand>;
}

const roots = new Map(modes.map((mode) => [mode.name, grow(mode)]));

/** Where a line begins in a mode. */
export function grammarOf(mode: Mode): GrammarNode {
  return roots.get(mode.name) as GrammarNode;
}

/** What may stand at a node: keywords, then arguments. */
export function expectedAt(node: GrammarNode): string[] {
  return [...node.keywords.keys(), ...node.arguments.flatMap(({ argument }) => expectedFor(argument))];
}

/** The words to choose from, or `<1-255> (Retransmissions)`. */
export function expectedFor(argument: Argument<unknown>): readonly string[] {
  return argument.choices ?? [`${argument.label} (${argument.help})`];
}

function grow(mode: Mode): GrammarNode {
  const root = emptyNode();
  for (const command of mode.commands) {
    for (const parts of variants(command.syntax)) plant(root, parts, command, true);
  }
  for (const command of mode.commands) {
    for (const parts of command.also.flatMap(variants)) plant(root, parts, command, false);
  }
  return root;
}

function plant(
  root: GrammarNode,
  parts: readonly (string | Argument<unknown>)[],
  command: AnyCommand,
  listed: boolean,
): void {
  let node = root;
  node.commands.add(command);
  for (const part of parts) {
    node = typeof part === 'string' ? keywordBelow(node, part, listed) : argumentBelow(node, part);
    node.commands.add(command);
  }
  if (node.command && node.command !== command) throw new Error('two commands have the same syntax');
  node.command = command;
}

function keywordBelow(node: GrammarNode, keyword: string, listed: boolean): GrammarNode {
  const held = node.keywords.get(keyword) ?? node.unlisted.get(keyword);
  if (held) return held;
  const below = emptyNode();
  (listed ? node.keywords : node.unlisted).set(keyword, below);
  return below;
}

function argumentBelow(node: GrammarNode, argument: Argument<unknown>): GrammarNode {
  const held = node.arguments.find((each) => each.argument === argument);
  if (held) return held.node;
  const below = emptyNode();
  node.arguments.push({ argument, node: below });
  return below;
}

function emptyNode(): GrammarNode {
  return { keywords: new Map(), unlisted: new Map(), arguments: [], commands: new Set() };
}
