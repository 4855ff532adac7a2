import { type ClockReading, type Duration, type Instant, milliseconds, type UtcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { createStoreStats, type Store, type StoredChange, type StoredEntry } from './store.ts';
import { WaitingChanges } from './waiting-changes.ts';

/** Keeps entries as long as `medium` lives: another store opened on the same medium is a restarted process. */
export class MemoryStore implements Store {
  readonly gap: StoreGap | undefined;
  readonly stats = createStoreStats();
  readonly durable = 0;
  readonly awaited = 0;
  readonly #medium: MemoryMedium;
  readonly #waiting: WaitingChanges;
  #begun = false;
  #closed = false;

  constructor(medium: MemoryMedium = createMemoryMedium(), window: Duration = milliseconds(1000)) {
    this.#medium = medium;
    this.#waiting = new WaitingChanges(window);
    this.gap = medium.inUseSince;
  }

  load(): StoredEntry[] {
    this.#assertOpen();
    return Array.from(this.#medium.entries.values(), ({ table, key, value }) => ({ table, key, value: value.slice() }));
  }

  begin({ utc }: ClockReading, first: readonly StoredChange[] = []): void {
    this.#assertOpen();
    this.#begun = true;
    this.#medium.inUseSince = { from: utc, window: this.#waiting.window };
    this.#write(first);
  }

  commit(changes: readonly StoredChange[], now: ClockReading): false {
    this.#assertOpen();
    if (this.#waiting.add(changes, now)) this.flush(now);
    return false;
  }

  settle(): void {}

  nextFlush(): Instant | undefined {
    return this.#waiting.due();
  }

  flush({ utc }: Pick<ClockReading, 'utc'>): void {
    this.#assertOpen();
    this.#medium.inUseSince = { from: utc, window: this.#waiting.window };
    if (this.#waiting.size === 0) return;
    const changes = this.#waiting.take();
    this.#write(changes.values());
    this.stats.commits++;
    this.stats.changes += changes.size;
  }

  setWindow(window: Duration): void {
    this.#waiting.window = window;
  }

  close(now: ClockReading): void {
    if (this.#begun) {
      this.flush(now);
      this.#medium.inUseSince = undefined;
    }
    this.#closed = true;
  }

  #write(changes: Iterable<StoredChange>): void {
    for (const { table, key, value } of changes) {
      const place = `${table}/${key}`;
      if (value) this.#medium.entries.set(place, { table, key, value: value.slice() });
      else this.#medium.entries.delete(place);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('the store is closed');
  }
}

export interface MemoryMedium {
  readonly entries: Map<string, StoredEntry>;
  /** The last time at which everything was durable; `undefined` when nobody has it open. */
  inUseSince: { readonly from: UtcTime; readonly window: Duration } | undefined;
}

export function createMemoryMedium(): MemoryMedium {
  return { entries: new Map(), inUseSince: undefined };
}
