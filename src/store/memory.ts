import type { BindingRecord, StoreChange } from '#proto/lma/record.ts';
import type { BindingStore } from './store.ts';

/** Keeps records as long as `medium` lives: another store opened on the same medium is a restarted process. */
export class MemoryBindingStore implements BindingStore {
  readonly #medium: MemoryMedium;
  #closed = false;

  constructor(medium: MemoryMedium = createMemoryMedium()) {
    this.#medium = medium;
  }

  load(): BindingRecord[] {
    this.#assertOpen();
    return Array.from(this.#medium.values(), (text) => JSON.parse(text) as BindingRecord);
  }

  commit(changes: readonly StoreChange[]): void {
    this.#assertOpen();
    for (const change of changes) {
      if (change.kind === 'put') this.#medium.set(change.record.id, JSON.stringify(change.record));
      else this.#medium.delete(change.id);
    }
  }

  close(): void {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('the binding store is closed');
  }
}

/** Records as text by id, so that what was stored cannot be changed from outside. */
export type MemoryMedium = Map<string, string>;

export function createMemoryMedium(): MemoryMedium {
  return new Map();
}
