/**
 * Numbers from 0 to `size` - 1 lent to owners, each to one at a time. A returned number rests: its last owner gets it back while it is
 * free, and another owner gets it only when every number has been lent once, the longest rested first.
 */
export class IndexPool {
  readonly size: number;
  readonly #reserved: ReadonlySet<number>;
  readonly #held = new Map<number, string>();
  /** In the order of return. */
  readonly #resting = new Map<number, string>();
  readonly #restingOf = new Map<string, number>();
  /** Every number below was lent or is reserved. */
  #fresh = 0;

  /** `reserved` numbers are never lent. */
  constructor(size: number, reserved: ReadonlySet<number> = new Set()) {
    this.size = size;
    this.#reserved = reserved;
  }

  get held(): number {
    return this.#held.size;
  }

  get available(): number {
    return this.size - this.#reserved.size - this.#held.size;
  }

  /** `undefined` when all are lent. */
  allocate(owner: string): number | undefined {
    const index = this.#restingOf.get(owner) ?? this.#nextFresh() ?? firstKey(this.#resting);
    if (index !== undefined) this.#lend(index, owner);
    return index;
  }

  /** Lends that very number; false when it is outside, reserved or lent. */
  claim(index: number, owner: string): boolean {
    if (index < 0 || index >= this.size || this.#reserved.has(index)) return false;
    if (this.#held.has(index)) return false;
    this.#lend(index, owner);
    return true;
  }

  release(index: number): void {
    const owner = this.#held.get(index);
    if (owner === undefined) return;
    this.#held.delete(index);
    this.#resting.set(index, owner);
    this.#restingOf.set(owner, index);
  }

  #lend(index: number, owner: string): void {
    const rester = this.#resting.get(index);
    if (rester !== undefined) {
      this.#resting.delete(index);
      if (this.#restingOf.get(rester) === index) this.#restingOf.delete(rester);
    }
    this.#held.set(index, owner);
  }

  #nextFresh(): number | undefined {
    for (; this.#fresh < this.size; this.#fresh++) {
      const index = this.#fresh;
      if (!this.#reserved.has(index) && !this.#held.has(index) && !this.#resting.has(index)) return index;
    }
    return undefined;
  }
}

function firstKey(map: ReadonlyMap<number, string>): number | undefined {
  return map.keys().next().value;
}
