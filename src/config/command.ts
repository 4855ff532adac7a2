import type { Argument } from './argument.ts';
import type { Configuration } from './model.ts';

/** A syntax: keywords, arguments and, last, parts that may be left out. */
export type Syntax = readonly Part[];
// biome-ignore lint/suspicious/noExplicitAny: an argument both takes and gives its value, so no narrower type holds them all
type Part = string | Argument<any> | Optional<any>;

export interface Optional<Parts extends Syntax> {
  readonly optional: Parts;
}

export function optional<const Parts extends Syntax>(...parts: Parts): Optional<Parts> {
  return { optional: parts };
}

/** The values of a syntax's arguments, in order. */
export type Values<Parts extends Syntax> = Parts extends readonly [infer First, ...infer Rest extends Syntax]
  ? First extends Argument<infer Value>
    ? [Value, ...Values<Rest>]
    : First extends Optional<infer Inner>
      ? Partial<Values<Inner>>
      : Values<Rest>
  : [];

/** What is wrong with a command's values; `argument` counts from 0, and without it the whole line is meant. */
export interface Complaint {
  readonly argument?: number;
  readonly message: string;
}

/** What a command may look at when the whole configuration has been read. */
export interface Context<Parent> {
  readonly configuration: Configuration;
  /** What the section that holds the command belongs to: the domain of a profile, the MAG of an access interface. */
  readonly parent: Parent;
}

/**
 * A row of the command table: the one place that says how a command is written, what it does, and how it is printed. The builders in
 * `rows.ts` make the usual kinds.
 */
export interface Command<Target, Args extends unknown[], Parent = unknown> {
  readonly syntax: Syntax;
  /** Other spellings with the same arguments; understood, never printed or offered. */
  readonly also: readonly Syntax[];
  readonly help: string;
  /** The value that holds when the command is absent, as text for help. */
  readonly default?: string;
  /** How many of the first arguments the `no` form needs, because they say which entry is meant. */
  readonly keys: number;
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
  /** What keeps the entry from being run. */
  readonly obstacle?: (entered: object, configuration: Configuration) => Complaint | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of different targets stand in one table; the mode's name ties target and rows
export type AnyCommand = Command<any, any[], any>;

/** The syntax without and with its optional part. */
export function variants(syntax: Syntax): Array<readonly (string | Argument<unknown>)[]> {
  const last = syntax.at(-1);
  if (typeof last !== 'object' || !('optional' in last)) return [syntax as readonly (string | Argument<unknown>)[]];
  const short = syntax.slice(0, -1) as readonly (string | Argument<unknown>)[];
  return [short, ...variants(last.optional as Syntax).map((rest) => [...short, ...rest])];
}

/** The line that sets `values`. */
export function render(command: AnyCommand, values: readonly unknown[]): string {
  const given = values.filter((value) => value !== undefined);
  const syntax = variants(command.syntax).find((parts) => argumentsOf(parts).length === given.length);
  if (!syntax) throw new Error(`${keywords(command)} has no form with ${given.length} arguments`);
  let next = 0;
  return syntax.map((part) => (typeof part === 'string' ? part : part.format(given[next++]))).join(' ');
}

/** The words of a command up to its first argument. */
export function keywords(command: AnyCommand): string {
  const end = command.syntax.findIndex((part) => typeof part !== 'string');
  return command.syntax.slice(0, end < 0 ? undefined : end).join(' ');
}

function argumentsOf(parts: readonly (string | Argument<unknown>)[]): Argument<unknown>[] {
  return parts.filter((part) => typeof part !== 'string');
}
