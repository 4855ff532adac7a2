import type { ClockReading, Duration, Instant } from '#base/time.ts';
import type { StoreGap, StoreUrgency } from '#proto/record-change.ts';

/** Where a node's state outlives its process: octets by table and key. One owner at a time; not called concurrently. */
export interface Store {
  /** Every entry, in no particular order; before `begin`. One holds until the next is asked for. Throws `StoreError`. */
  load(): Iterable<StoredEntry>;
  /** What the run before may have lost; `undefined` when it closed the store, or there was none. */
  readonly gap: StoreGap | undefined;
  /**
   * From now on there are changes, and what happens to them is this run's doing. Until then nothing is written; with that it begins, `first` become
   * durable. Throws `StoreError`.
   */
  begin(now: ClockReading, first?: readonly StoredChange[]): void;
  /**
   * Takes the changes in their order. When one of them is `before-reply`, answers wait until they are durable, and what earlier groups could not
   * make so: until `durable` is what `awaited` is now. Others become so by `flush`, which an `after-reply` one makes due at once, or by `close`. Deleting an unknown key is no error.
   * Returns whether answers have to wait for a `within-window` one, too: when the disk has been at work for longer than that window.
   * Throws `StoreError`: then nothing that is awaited becomes durable, and the store will try again with the next group.
   */
  commit(changes: readonly StoredChange[], now: ClockReading): boolean;
  /** The number of the latest group that is durable, and of the latest that answers wait for: groups are durable one after the other. */
  readonly durable: number;
  readonly awaited: number;
  /** Goes on from what the disk has done meanwhile; with `wait`, until nothing is awaited. Throws as `commit`. */
  settle(now: ClockReading, wait: boolean): void;
  /** When `flush` is due: within the window of the oldest change that waits; `undefined` when none does. */
  nextFlush(): Instant | undefined;
  /** While answers wait: when the group after the latest one may begin, at the earliest. `undefined` when none do. */
  nextGroup(): Instant | undefined;
  /** Makes everything durable, which is not waited for. Throws `StoreError`. */
  flush(now: ClockReading): void;
  /** Other changes than `before-reply` may wait this long from now on. */
  setWindow(window: Duration): void;
  readonly stats: Readonly<StoreStats>;
  /** Makes everything durable, and tells the next run so, if this one has begun. Nothing may be called afterwards. Throws `StoreError`, closed nonetheless. */
  close(now: ClockReading): void;
}

export interface StoredEntry {
  readonly table: number;
  readonly key: string;
  readonly value: Uint8Array;
}

/** Without `value` the entry is deleted. */
export interface StoredChange {
  readonly table: number;
  /** At most 65535 octets of UTF-8. */
  readonly key: string;
  /** Holds until the value of another change is asked for. */
  readonly value: Uint8Array | undefined;
  readonly urgency: StoreUrgency;
}

export interface StoreStats {
  /** Groups that were made durable, the changes in them and the octets written for it. */
  commits: number;
  changes: number;
  octets: number;
  failures: number;
  compactions: number;
  compactionFailures: number;
  /** Why the last of these failed; `null` when none did. */
  compactionProblem: string | null;
}

export function createStoreStats(): StoreStats {
  return {
    commits: 0,
    changes: 0,
    octets: 0,
    failures: 0,
    compactions: 0,
    compactionFailures: 0,
    compactionProblem: null,
  };
}

export type StoreErrorCode =
  /** Another process has it. */
  | 'locked'
  /** It is not what was written. */
  | 'corrupt'
  /** Of a later version of the program. */
  | 'newer'
  /** The file system does not take it: full, read-only, no permission, broken. */
  | 'unwritable';

/** The message is for the operator: what is wrong and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
