import { type ClockReading, type Duration, type Instant, instant, milliseconds } from '#base/time.ts';
import { type StoredChange, StoreError } from './store.ts';

/** Of a store that has taken nothing for long: so many changes, and so many octets as `octetsOf` has them. */
const WAITING_MAXIMUM = 1 << 22;
export const GROUP_OCTETS_MAXIMUM = 1 << 28;
/** So many are written without waiting for more: a group of them is no long work. */
const PORTION = 1024;

/**
 * Changes that are not durable yet, the latest of each key. A group of them is taken to be written, and others come meanwhile. One that could
 * not be written is put back and is overdue: nothing counts as durable before it is.
 *
 * When there are more than are kept, the store lacks one, and gets no other any more: it would be whole to look at, and have bindings that are over.
 */
export class WaitingChanges {
  /** Another one after each commit: V8 has a cleared map hold on to what was in it until the whole heap is collected. */
  #changes = new Map<string, StoredChange>();
  #window: Duration;
  #oldest: Instant | undefined;
  #overdue = false;
  /** Of what waits. */
  #octets = 0;
  #isLacking = false;

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

  /** Until when what waits is to be durable. */
  get deadline(): Instant | undefined {
    return this.#oldest === undefined ? undefined : instant(this.#oldest + this.#window);
  }

  /** Returns whether all of it must be durable now, as it must when it `isLate`. Throws `StoreError` when there are too many. */
  add(changes: readonly StoredChange[], now: ClockReading, isLate = false): boolean {
    if (this.#isLacking) throw tooMany();
    for (const change of changes) {
      const name = `${change.table}/${change.key}`;
      const former = this.#changes.get(name);
      this.#octets += octetsOf(change) - (former ? octetsOf(former) : 0);
      this.#changes.set(name, change);
      if (change.urgency !== 'within-window') this.#overdue = true;
    }
    if (this.#isTooMuch) {
      this.#giveUp();
      throw tooMany();
    }
    if (changes.length > 0) this.#oldest ??= now.instant;
    if (isLate) this.#overdue = true;
    return this.#overdue;
  }

  /** Half of the window is for the round that writes them. */
  due(): Instant | undefined {
    if (this.#oldest === undefined || this.#changes.size >= PORTION) return this.#oldest;
    return instant(this.#oldest + milliseconds(this.#window / 2));
  }

  /** All of it, to be written as one group. Throws `StoreError` when there were too many. */
  take(): ReadonlyMap<string, StoredChange> {
    if (this.#isLacking) throw tooMany();
    const taken = this.#changes;
    this.#clear();
    return taken;
  }

  /** What was `taken` is not durable. */
  putBack(taken: ReadonlyMap<string, StoredChange>, now: ClockReading): void {
    if (this.#isLacking) return;
    const since = this.#changes;
    this.#clear();
    this.#changes = new Map([...taken, ...since]);
    for (const change of this.#changes.values()) this.#octets += octetsOf(change);
    this.#oldest = now.instant;
    this.#overdue = true;
    if (this.#isTooMuch) this.#giveUp();
  }

  get #isTooMuch(): boolean {
    return this.#changes.size > WAITING_MAXIMUM || this.#octets > GROUP_OCTETS_MAXIMUM;
  }

  #giveUp(): void {
    this.#clear();
    this.#overdue = true;
    this.#isLacking = true;
  }

  #clear(): void {
    this.#changes = new Map();
    this.#octets = 0;
    this.#oldest = undefined;
    this.#overdue = false;
  }
}

/** What it takes in a file at most. */
function octetsOf({ key, value }: StoredChange): number {
  return 8 + 3 * key.length + (value?.length ?? 0);
}

function tooMany(): StoreError {
  const text =
    'more changes wait for the store than are kept; what it holds is no longer of use. Move it away and restart the node';
  return new StoreError('unwritable', text);
}
