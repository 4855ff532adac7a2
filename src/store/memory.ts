import { after, type ClockReading, type Duration, type Instant, milliseconds, type UtcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { createStoreStats, type Store, type StoredChange, type StoredEntry } from './store.ts';

/** Keeps entries as long as `medium` lives: another store opened on the same medium is a restarted process. */
export class MemoryStore implements Store {
  readonly gap: StoreGap | undefined;
  readonly stats = createStoreStats();
  readonly durable = 0;
  readonly awaited = 0;
  readonly #medium: MemoryMedium;
  #window: Duration;
  /** Not durable yet, since when. */
  #waiting: StoredChange[] = [];
  #oldest: Instant | undefined;
  /** Something is to be written as soon as there is time. */
  #isDue = false;
  #begun = false;
  #closed = false;

  constructor(medium: MemoryMedium = createMemoryMedium(), window: Duration = milliseconds(1000)) {
    this.#medium = medium;
    this.#window = window;
    this.gap = medium.inUseSince;
  }

  load(): StoredEntry[] {
    this.#assertOpen();
    return Array.from(this.#medium.entries.values(), ({ table, key, value }) => ({ table, key, value: value.slice() }));
  }

  begin({ utc }: ClockReading, first: readonly StoredChange[] = []): void {
    this.#assertOpen();
    this.#begun = true;
    this.#medium.inUseSince = { from: utc, window: this.#window };
    this.#write(first);
  }

  commit(changes: readonly StoredChange[], now: ClockReading): false {
    this.#assertOpen();
    if (changes.length > 0) this.#oldest ??= now.instant;
    for (const { table, key, value, urgency } of changes) {
      this.#waiting.push({ table, key, value: value?.slice(), urgency });
      this.#isDue ||= urgency === 'after-reply';
    }
    if (changes.some(({ urgency }) => urgency === 'before-reply')) this.flush(now);
    return false;
  }

  settle(): void {}

  nextFlush(): Instant | undefined {
    if (this.#oldest === undefined || this.#isDue) return this.#oldest;
    return after(this.#oldest, milliseconds(this.#window / 2));
  }

  nextGroup(): undefined {}

  flush({ utc }: Pick<ClockReading, 'utc'>): void {
    this.#assertOpen();
    this.#medium.inUseSince = { from: utc, window: this.#window };
    if (this.#waiting.length === 0) return;
    this.#write(this.#waiting);
    this.stats.commits++;
    this.stats.changes += this.#waiting.length;
    this.#waiting = [];
    this.#oldest = undefined;
    this.#isDue = false;
  }

  setWindow(window: Duration): void {
    this.#window = window;
  }

  close(now: ClockReading): void {
    if (this.#begun) {
      this.flush(now);
      this.#medium.inUseSince = undefined;
    }
    this.#closed = true;
  }

  #write(changes: readonly StoredChange[]): void {
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
