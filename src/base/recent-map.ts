/** At most so many values by key: what was used longest ago makes room. Using one makes no garbage. */
export class RecentMap<Value> {
  readonly #maximum: number;
  readonly #entries = new Map<string, Entry<Value>>();
  /** They are chained in the order of use: taking one out of a `Map` and putting it in again has the map made anew time and again. */
  #first: Entry<Value> | undefined;
  #last: Entry<Value> | undefined;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Which is used by that. */
  get(key: string): Value | undefined {
    if (this.#last?.key === key) return this.#last.value;
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#unchain(entry);
    this.#chain(entry);
    return entry.value;
  }

  /** One that is not there yet; returns it. */
  add(key: string, value: Value): Value {
    if (this.#entries.size >= this.#maximum && this.#first) {
      this.#entries.delete(this.#first.key);
      this.#unchain(this.#first);
    }
    const entry: Entry<Value> = { key, value, before: undefined, behind: undefined };
    this.#entries.set(key, entry);
    this.#chain(entry);
    return value;
  }

  clear(): void {
    this.#entries.clear();
    this.#first = undefined;
    this.#last = undefined;
  }

  /** In the order in which they were last used. */
  *values(): Iterable<Value> {
    for (let entry = this.#first; entry; entry = entry.behind) yield entry.value;
  }

  #chain(entry: Entry<Value>): void {
    entry.before = this.#last;
    if (this.#last) this.#last.behind = entry;
    else this.#first = entry;
    this.#last = entry;
  }

  #unchain(entry: Entry<Value>): void {
    const { before, behind } = entry;
    if (before) before.behind = behind;
    else this.#first = behind;
    if (behind) behind.before = before;
    else this.#last = before;
    entry.behind = undefined;
  }
}

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  before: Entry<Value> | undefined;
  behind: Entry<Value> | undefined;
}
