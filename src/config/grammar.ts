import type { Argument } from './argument.ts';
import { type AnyCommand, type Variant, variants } from './command.ts';
import { type Mode, modes } from './modes.ts';

/** One position in the commands of a mode: what may come next. */
export interface GrammarNode {
  readonly keywords: Map<string, GrammarNode>;
  /** Keywords that only other spellings have: understood, not offered. */
  readonly unlisted: Map<string, GrammarNode>;
  readonly arguments: ArgumentEdge[];
  /** Where the values that were read up to here stand among the command's values. */
  readonly positions: readonly number[];
  /** The command that is complete here. */
  command?: AnyCommand;
  /** All commands that go on from here or end here. */
  readonly commands: Set<AnyCommand>;
}

export interface ArgumentEdge {
  readonly argument: Argument<unknown>;
  readonly node: GrammarNode;
  /** Whether it is offered. */
  readonly listed: boolean;
}

const roots = new Map(modes.map((mode) => [mode.name, grow(mode)]));

/** Where a line begins in a mode. */
export function grammarOf(mode: Mode): GrammarNode {
  return roots.get(mode.name) as GrammarNode;
}

/** What may stand at a node: keywords, then arguments. */
export function expectedAt(node: GrammarNode): string[] {
  return [...node.keywords.keys(), ...listedArguments(node).flatMap(expectedFor)];
}

/** The words to choose from, or `<1-255> (Retransmissions)`. */
export function expectedFor({ choices, free, label, help }: Argument<unknown>): readonly string[] {
  const described = `${free ?? label} (${help})`;
  return choices ? [...choices, ...(free ? [described] : [])] : [described];
}

export function listedArguments(node: GrammarNode): Argument<unknown>[] {
  return node.arguments.filter(({ listed }) => listed).map(({ argument }) => argument);
}

function grow(mode: Mode): GrammarNode {
  const root = emptyNode([]);
  for (const command of mode.commands) {
    for (const variant of variants(command.syntax)) plant(root, variant, command, true);
  }
  for (const command of mode.commands) {
    for (const variant of command.also.flatMap((syntax) => variants(syntax))) plant(root, variant, command, false);
  }
  return root;
}

function plant(root: GrammarNode, { parts, positions }: Variant, command: AnyCommand, listed: boolean): void {
  let node = root;
  let read = 0;
  node.commands.add(command);
  for (const part of parts) {
    if (typeof part === 'string') node = keywordBelow(node, part, listed);
    else node = argumentBelow(node, part, positions.slice(0, ++read), listed);
    node.commands.add(command);
  }
  if (node.command && node.command !== command) throw new Error('two commands have the same syntax');
  node.command = command;
}

function keywordBelow(node: GrammarNode, keyword: string, listed: boolean): GrammarNode {
  const held = node.keywords.get(keyword) ?? node.unlisted.get(keyword);
  if (held) return held;
  const below = emptyNode(node.positions);
  (listed ? node.keywords : node.unlisted).set(keyword, below);
  return below;
}

function argumentBelow(
  node: GrammarNode,
  argument: Argument<unknown>,
  positions: readonly number[],
  listed: boolean,
): GrammarNode {
  const held = node.arguments.find((each) => each.argument === argument);
  if (held && String(held.node.positions) !== String(positions)) throw new Error('one argument gives two values');
  if (held) return held.node;
  const below = emptyNode(positions);
  node.arguments.push({ argument, node: below, listed });
  return below;
}

function emptyNode(positions: readonly number[]): GrammarNode {
  return { keywords: new Map(), unlisted: new Map(), arguments: [], positions, commands: new Set() };
}
