import type { Argument } from './argument.ts';
import type { Configuration } from './model.ts';

/** A syntax: keywords, arguments and parts that may be left out. */
export type Syntax = readonly Part[];
// biome-ignore lint/suspicious/noExplicitAny: an argument both takes and gives its value, so no narrower type holds them all
type Part = string | Argument<any> | Optional<any>;

export interface Optional<Parts extends Syntax> {
  readonly optional: Parts;
}

export function optional<const Parts extends Syntax>(...parts: Parts): Optional<Parts> {
  return { optional: parts };
}

/** The values of a syntax's arguments, in order; that of an argument that was left out is undefined. */
export type Values<Parts extends Syntax> = Parts extends readonly [infer First, ...infer Rest extends Syntax]
  ? First extends Argument<infer Value>
    ? [Value, ...Values<Rest>]
    : First extends Optional<infer Inner>
      ? Rest extends readonly []
        ? MayEnd<Values<Inner>>
        : [...OrUndefined<Values<Inner>>, ...Values<Rest>]
      : Values<Rest>
  : [];
type OrUndefined<List extends unknown[]> = { [Index in keyof List]: List[Index] | undefined };
type MayEnd<List extends unknown[]> = { [Index in keyof List]?: List[Index] | undefined };

/** What is wrong with a command's values; `argument` counts from 0, and without it the whole line is meant. */
export interface Complaint {
  readonly argument?: number;
  readonly message: string;
  /** The command names something that is not defined; a strict check takes that for an error. */
  readonly undefinedReference?: true;
}

/** What a command may look at when the whole configuration has been read. */
export interface Context<Parent> {
  readonly configuration: Configuration;
  /** What the section that holds the command belongs to: the domain of a profile, the MAG of an access interface. */
  readonly parent: Parent;
}

/** What every row of a table of commands has, whatever the command does: how it is written. */
export interface Row {
  readonly syntax: Syntax;
  /** Other spellings with the same arguments; understood, never printed or offered. */
  readonly also: readonly Syntax[];
  readonly help: string;
  /** How many of the first arguments the `no` form needs, because they say which entry is meant; or whether the given ones are enough. */
  readonly keys: number | ((values: readonly unknown[]) => boolean);
}

/** The commands that may be written in one place. */
export interface Table<Of extends Row = Row> {
  readonly commands: readonly Of[];
}

/**
 * A row of the configuration's command table: the one place that says how a command is written, what it does, and how it is printed. The builders in
 * `rows.ts` make the usual kinds.
 */
export interface Command<Target, Args extends unknown[], Parent = unknown> extends Row {
  /** The value that holds when the command is absent, as text for help. */
  readonly default?: string;
  /** What forbids these values; looked at before `set`. */
  readonly refuse?: (target: Target, ...values: Args) => Complaint | undefined;
  readonly set: (target: Target, ...values: Args) => void;
  readonly unset: (target: Target, ...values: Partial<Args>) => void;
  /** The values that print this command; one list for each line. */
  readonly stored: (target: Target) => readonly Args[];
  /** Whether the `no` form is to be printed. */
  readonly negated?: (target: Target) => boolean;
  /** What is doubtful about a stored command: references to something missing, contradictions, no effect. */
  readonly review?: (target: Target, context: Context<Parent>, ...values: Args) => Complaint | undefined;
  readonly section?: Section<Target, Args>;
}

/** A command that opens a mode. */
export interface Section<Target, Args extends unknown[]> {
  /** The mode's name in `modes.ts`. */
  readonly opens: string;
  /** What the mode's commands act on. */
  readonly enter: (target: Target, ...values: Args) => object;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of different targets stand in one table; the mode's name ties target and rows
export type AnyCommand = Command<any, any[], any>;

/** One way to write a syntax: with or without each of its optional parts. */
export interface Variant {
  readonly parts: readonly (string | Argument<unknown>)[];
  /** Where the value of each argument of `parts` stands among the command's values. */
  readonly positions: readonly number[];
}

const held = new WeakMap<Syntax, readonly Variant[]>();

/** Every way to write a syntax, the shortest first. */
export function variants(syntax: Syntax): readonly Variant[] {
  const all = held.get(syntax) ?? grown(syntax, 0);
  held.set(syntax, all);
  return all;
}

/** `from`: how many arguments stand before this part of the syntax. */
function grown(syntax: Syntax, from: number): Variant[] {
  const [first, ...rest] = syntax;
  if (first === undefined) return [{ parts: [], positions: [] }];
  if (typeof first === 'string')
    return grown(rest, from).map((each) => joined({ parts: [first], positions: [] }, each));
  if (!('optional' in first)) {
    return grown(rest, from + 1).map((each) => joined({ parts: [first], positions: [from] }, each));
  }
  const after = grown(rest, from + argumentCount(first.optional));
  const inner = grown(first.optional, from);
  return [...after, ...inner.flatMap((given) => after.map((each) => joined(given, each)))];
}

/** The line that sets `values`. */
export function render(command: Row, values: readonly unknown[]): string {
  const given = values.flatMap((value, position) => (value === undefined ? [] : [position]));
  const variant = variants(command.syntax).find(({ positions }) => String(positions) === String(given));
  if (!variant) throw new Error(`${keywords(command)} has no form with the arguments ${given}`);
  let next = 0;
  const text = (part: string | Argument<unknown>) =>
    typeof part === 'string' ? part : part.format(values[variant.positions[next++] as number]);
  return variant.parts.map(text).join(' ');
}

const signatures = new WeakMap<Syntax, string>();

/** The words of a command with `…` for what the operator chooses: `customer … vrf`. No other row of the mode has the same. */
export function signature({ syntax }: AnyCommand): string {
  const known = signatures.get(syntax);
  if (known !== undefined) return known;
  const words = syntax.map((part) => (typeof part === 'string' ? part : '…')).join(' ');
  const made = words.replace(/(… )*…/g, '…').replace(/(?<=.) …$/, '');
  signatures.set(syntax, made);
  return made;
}

/** The words of a command up to its first argument. */
export function keywords(command: Row): string {
  const end = command.syntax.findIndex((part) => typeof part !== 'string');
  return command.syntax.slice(0, end < 0 ? undefined : end).join(' ');
}

function joined(left: Variant, right: Variant): Variant {
  return { parts: [...left.parts, ...right.parts], positions: [...left.positions, ...right.positions] };
}

function argumentCount(syntax: Syntax): number {
  const counts = syntax.map((part) =>
    typeof part === 'string' ? 0 : 'optional' in part ? argumentCount(part.optional) : 1,
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
