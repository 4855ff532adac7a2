/** Changes that nobody fetched; whoever comes after that begins anew. */
const WAITING_MAXIMUM = 200_000;

/**
 * Which bindings have changed since they were fetched last, by key, so that whoever keeps an index of a million bindings asks for those
 * alone. Until somebody begins, a change costs nothing.
 */
export class BindingJournal {
  /** Of the index that is kept; another index has another one. */
  epoch = 0;
  #active = false;
  #changed = new Set<string>();
  #noted = 0;
  #members = new Set<string>();

  note(key: () => string): void {
    if (!this.#active) return;
    this.#changed.add(key());
    if (++this.#noted > WAITING_MAXIMUM) this.end();
  }

  /** An index begins, and has nothing yet. */
  begin(all: Iterable<string>): void {
    this.epoch++;
    this.#active = true;
    this.#noted = 0;
    this.#changed = new Set(all);
  }

  end(): void {
    this.#active = false;
    this.#changed.clear();
    this.#members.clear();
  }

  /** Of a table whose comings and goings nobody notes: notes what is there and was not the last time, and the other way round. */
  compare(present: Iterable<string>): void {
    if (!this.#active) return;
    const members = new Set(present);
    for (const key of members.symmetricDifference(this.#members)) this.#changed.add(key);
    this.#members = members;
  }

  /** Whether it has noted every change since `begin`. */
  isOf(epoch: number): boolean {
    return this.#active && epoch === this.epoch;
  }

  /** At most `maximum` of the changed keys, the earliest first. */
  take(maximum: number): string[] {
    this.#noted = 0;
    const keys: string[] = [];
    for (const key of this.#changed) {
      if (keys.length === maximum) break;
      keys.push(key);
    }
    for (const key of keys) this.#changed.delete(key);
    return keys;
  }

  get waiting(): number {
    return this.#changed.size;
  }
}
