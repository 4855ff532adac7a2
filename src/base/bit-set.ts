/** A set of small non-negative integers, one bit each. */
export class BitSet {
  #words = new Uint32Array(32);

  has(index: number): boolean {
    return (((this.#words[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
  }

  add(index: number): void {
    const at = index >>> 5;
    if (at >= this.#words.length) {
      const larger = new Uint32Array(Math.max(at + 1, this.#words.length * 2));
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[at] = (this.#words[at] ?? 0) | (1 << (index & 31));
  }

  /** Whether it was there. */
  delete(index: number): boolean {
    const was = this.has(index);
    if (was) this.#words[index >>> 5] = (this.#words[index >>> 5] ?? 0) & ~(1 << (index & 31));
    return was;
  }

  /** Lowest first. */
  *[Symbol.iterator](): Iterator<number> {
    for (const [at, word] of this.#words.entries())
      for (let rest = word; rest !== 0; rest &= rest - 1) yield at * 32 + 31 - Math.clz32(rest & -rest);
  }

  clear(): void {
    this.#words = new Uint32Array(32);
  }
}
