/** Changes that nobody fetched; whoever comes after that begins anew. */
const WAITING_MAXIMUM = 200_000;

const NOTHING: Iterator<string> = [][Symbol.iterator]();

/**
 * Which bindings have changed since they were fetched last, by key, so that whoever keeps an index of a million bindings asks for those
 * alone.
 */
export class BindingJournal {
  /** Of the index that is kept; another index has another one. */
  epoch = 0;
  #active = false;
  #changed = new Set<string>();
  #iterator: SetIterator<string> = this.#changed.values();
  #noted = 0;
  #members = new Set<string>();
  /** Of the beginning. */
  #rest: Iterator<string> = NOTHING;

  /** Whether anybody wants to know. */
  get active(): boolean {
    return this.#active;
  }

  note(key: string): void {
    if (!this.#active) return;
    this.#changed.add(key);
    if (++this.#noted > WAITING_MAXIMUM) this.end();
  }

  /** An index begins, and has nothing yet. `all` is gone through bit by bit, while it may change. */
  begin(all: Iterator<string>): void {
    this.end();
    this.epoch++;
    this.#active = true;
    this.#rest = all;
  }

  end(): void {
    this.#active = false;
    this.#noted = 0;
    this.#rest = NOTHING;
    this.#changed = new Set();
    this.#iterator = this.#changed.values();
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
    while (keys.length < maximum) {
      const key = this.#next();
      if (key === undefined) break;
      keys.push(key);
    }
    return keys;
  }

  /** Changed ones first. A set's iterator goes on over what is added later; a new one would pass over all that was deleted. */
  #next(): string | undefined {
    const changed = this.#iterator.next();
    if (!changed.done) {
      this.#changed.delete(changed.value);
      return changed.value;
    }
    this.#iterator = this.#changed.values();
    const other = this.#rest.next();
    if (!other.done) return other.value;
    this.#rest = NOTHING;
    return undefined;
  }

  /** Whether there may be more to take. */
  get hasMore(): boolean {
    return this.#changed.size > 0 || this.#rest !== NOTHING;
  }
}
