import type { Argument } from './argument.ts';
import { type Row, type Table, type Variant, variants } from './command.ts';
import { uniquePrefix } from './unique-prefix.ts';

/** One position in the commands of a table: what may come next. */
export interface GrammarNode<Of extends Row = Row> {
  readonly keywords: Map<string, GrammarNode<Of>>;
  /** Keywords that only other spellings have: understood, not offered. */
  readonly unlisted: Map<string, GrammarNode<Of>>;
  readonly arguments: ArgumentEdge<Of>[];
  /** Where the values that were read up to here stand among the command's values. */
  readonly positions: readonly number[];
  /** The command that is complete here. */
  command?: Of;
  /** All commands that go on from here or end here. */
  readonly commands: Set<Of>;
}

export interface ArgumentEdge<Of extends Row = Row> {
  readonly argument: Argument<unknown>;
  readonly node: GrammarNode<Of>;
  /** Whether it is offered. */
  readonly listed: boolean;
}

const roots = new WeakMap<Table, GrammarNode>();

/** Where a line begins. */
export function grammarOf<Of extends Row>(table: Table<Of>): GrammarNode<Of> {
  const root = (roots.get(table) as GrammarNode<Of> | undefined) ?? grow(table);
  roots.set(table, root);
  return root;
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

/** The node below a keyword, written in full in any case. */
export function keywordAt<Of extends Row>(node: GrammarNode<Of>, word: string): GrammarNode<Of> | undefined {
  const exact = node.keywords.get(word) ?? node.unlisted.get(word);
  if (exact) return exact;
  const wanted = word.toLowerCase();
  for (const each of [node.keywords, node.unlisted]) {
    for (const [candidate, below] of each) if (candidate.toLowerCase() === wanted) return below;
  }
  return undefined;
}

/** The keywords that `text` may stand for; those of other spellings only when no other fits. */
export function keywordsBegunWith(node: GrammarNode, text: string): string[] {
  const listed = uniquePrefix(node.keywords.keys(), text);
  return listed.length > 0 ? listed : uniquePrefix(node.unlisted.keys(), text);
}

function grow<Of extends Row>({ commands }: Table<Of>): GrammarNode<Of> {
  const root = emptyNode<Of>([]);
  for (const command of commands) {
    for (const variant of variants(command.syntax)) plant(root, variant, command, true);
  }
  for (const command of commands) {
    for (const variant of command.also.flatMap((syntax) => variants(syntax))) plant(root, variant, command, false);
  }
  return root;
}

/** Only the word in which another spelling departs from the listed ones is not offered; whoever wrote it gets help with the rest. */
function plant<Of extends Row>(
  root: GrammarNode<Of>,
  { parts, positions }: Variant,
  command: Of,
  listed: boolean,
): void {
  let node = root;
  let read = 0;
  let offered = listed;
  node.commands.add(command);
  for (const part of parts) {
    const above = node;
    if (typeof part === 'string') {
      node = keywordBelow(above, part, offered);
      offered ||= above.unlisted.has(part);
    } else {
      const edge = argumentBelow(above, part, positions.slice(0, ++read), offered);
      node = edge.node;
      offered ||= !edge.listed;
    }
    node.commands.add(command);
  }
  if (node.command && node.command !== command) throw new Error('two commands have the same syntax');
  node.command = command;
}

function keywordBelow<Of extends Row>(node: GrammarNode<Of>, keyword: string, listed: boolean): GrammarNode<Of> {
  const held = node.keywords.get(keyword) ?? node.unlisted.get(keyword);
  if (held) return held;
  const below = emptyNode<Of>(node.positions);
  (listed ? node.keywords : node.unlisted).set(keyword, below);
  return below;
}

function argumentBelow<Of extends Row>(
  node: GrammarNode<Of>,
  argument: Argument<unknown>,
  positions: readonly number[],
  listed: boolean,
): ArgumentEdge<Of> {
  const held = node.arguments.find((each) => each.argument === argument);
  if (held && String(held.node.positions) !== String(positions)) throw new Error('one argument gives two values');
  if (held) return held;
  const edge = { argument, node: emptyNode<Of>(positions), listed };
  node.arguments.push(edge);
  return edge;
}

function emptyNode<Of extends Row>(positions: readonly number[]): GrammarNode<Of> {
  return { keywords: new Map(), unlisted: new Map(), arguments: [], positions, commands: new Set() };
}
