import { elapsed, milliseconds, type UtcTime, utcTime } from '#base/time.ts';
import type { RestartGap } from '#proto/record-change.ts';
import { createMemoryMedium, type MemoryMedium, MemoryStore } from '#store/memory.ts';
import { readRecords, restartGapChange, type StoredRecords, Table } from '#store/records.ts';
import { gapAtStart } from '#store/restart-gap.ts';
import type { StoredChange } from '#store/store.ts';
import type { NodeClock } from './node-clock.ts';
import type { Scheduler } from './scheduler.ts';

/** The store of a node, on a medium that outlives the node unless it is lost with it. */
export class NodeStore {
  readonly #scheduler: Scheduler;
  readonly #clock: NodeClock;
  #medium: MemoryMedium = createMemoryMedium();
  #store: MemoryStore;
  #cancelFlush: (() => void) | undefined;
  #crashedAt: UtcTime = utcTime(0);

  constructor(scheduler: Scheduler, clock: NodeClock) {
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#store = new MemoryStore(this.#medium);
    this.#store.begin(clock.read());
  }

  /** How many bindings or sessions are durable. */
  get size(): number {
    let size = 0;
    for (const { table } of this.#medium.entries.values()) if (table !== Table.NODE) size++;
    return size;
  }

  commit(change: StoredChange): void {
    this.#store.commit([change], this.#clock.read());
    const due = this.#store.nextFlush();
    if (due === undefined || this.#cancelFlush) return;
    const delay = milliseconds(Math.max(0, elapsed(this.#scheduler.now, due)));
    this.#cancelFlush = this.#scheduler.schedule(delay, () => {
      this.#cancelFlush = undefined;
      this.#store.flush(this.#clock.read());
    });
  }

  /** The process is killed: what only waited to be stored is gone. */
  crash(): void {
    this.#crashedAt = this.#clock.read().utc;
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
  }

  /** The machine is gone, and another stands in its place. */
  lose(): void {
    this.#medium = createMemoryMedium();
  }

  /** What a new process finds. */
  open(): { readonly records: StoredRecords; readonly gap?: RestartGap } {
    this.#store = new MemoryStore(this.#medium);
    const records = readRecords(this.#store.load());
    const now = this.#clock.read();
    const gap = gapAtStart(records.restartGap, this.#store.gap, this.#crashedAt, now.utc);
    this.#store.begin(now, [restartGapChange(gap)]);
    return { records, ...(gap && { gap }) };
  }
}
