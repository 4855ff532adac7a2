import type { EntryWords } from './anchor-entries.ts';
import type { Part, PathPart } from './part.ts';
import type { TableChange } from './plan.ts';
import type { TranslatedPort } from './translated-port.ts';

/** The tables in which forwarding really happens. */
export interface Tables {
  /** Makes the changes in order up to the first that fails. */
  execute(changes: readonly TableChange[]): Execution;
  /** Puts the entry of an anchor for an address that surely has none; false when it could not be put. */
  addAnchor(entry: Readonly<EntryWords>, path: PathPart): boolean;
  /** Sets the counters of a new binding to 0. */
  resetCounters(index: number): void;
  /** How many bindings of both kinds can be counted. */
  readonly counterSlots: number;
  /** All that is there but the entries of anchors, paths first. */
  parts(): Iterable<Part>;
  /** The entries of anchors that are there; each is valid until the next. */
  anchorEntries(): Iterable<Readonly<EntryWords>>;
  /** What the NAT in front of a translated path's remote gives it; `undefined` before the first packet from there, and of other paths. */
  translatedPort(path: number): TranslatedPort | undefined;
  /** What is there in the place of a part. */
  find(part: Part): Part | undefined;
}

export interface Execution {
  /** What was changed. */
  readonly done: readonly TableChange[];
  /** Why the rest was not. */
  readonly failure?: string;
}
