import { type ClockReading, type Duration, type Instant, instant, milliseconds } from '#base/time.ts';
import { type StoredChange, StoreError } from './store.ts';

/** Of a store that has taken nothing for long. From then on it lacks changes, and takes no more. */
const WAITING_MAXIMUM = 1 << 22;
/** So many are written without waiting for more: a group of them is no long work. */
const PORTION = 1024;
const TOO_MANY =
  'more changes wait for the store than are kept; what it holds is no longer of use. Move it away and restart the node';

/**
 * Changes that are not durable yet, the latest of each key. A group of them is taken to be written, and others come meanwhile. One that could
 * not be written is put back and is overdue: nothing counts as durable before it is.
 */
export class WaitingChanges {
  /** Another one after each commit: V8 has a cleared map hold on to what was in it until the whole heap is collected. */
  #changes = new Map<string, StoredChange>();
  #taken: ReadonlyMap<string, StoredChange> = this.#changes;
  #window: Duration;
  #oldest: Instant | undefined;
  #overdue = false;

  constructor(window: Duration) {
    this.#window = window;
  }

  get window(): Duration {
    return this.#window;
  }

  set window(window: Duration) {
    this.#window = window;
  }

  get size(): number {
    return this.#changes.size;
  }

  /** What waits should be durable by now. */
  get overdue(): boolean {
    return this.#overdue;
  }

  /** Returns whether all of it must be durable now. */
  add(changes: readonly StoredChange[], now: ClockReading): boolean {
    for (const change of changes) {
      if (this.#changes.size >= WAITING_MAXIMUM) throw new StoreError('unwritable', TOO_MANY);
      this.#changes.set(`${change.table}/${change.key}`, change);
      if (change.urgency !== 'within-window') this.#overdue = true;
    }
    if (changes.length > 0) this.#oldest ??= now.instant;
    return this.#overdue;
  }

  /** Half of the window is for the round that writes them. */
  due(): Instant | undefined {
    if (this.#oldest === undefined || this.#changes.size >= PORTION) return this.#oldest;
    return instant(this.#oldest + milliseconds(this.#window / 2));
  }

  /** All of it, to be written as one group. */
  take(): ReadonlyMap<string, StoredChange> {
    this.#taken = this.#changes;
    this.#clear();
    return this.#taken;
  }

  /** What was taken last is not durable. */
  putBack(now: ClockReading): void {
    const since = this.#changes;
    this.#clear();
    this.#changes = new Map([...this.#taken, ...since]);
    this.#oldest = now.instant;
    this.#overdue = true;
  }

  #clear(): void {
    this.#changes = new Map();
    this.#oldest = undefined;
    this.#overdue = false;
  }
}
