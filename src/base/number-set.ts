const BITS_PER_PAGE = 1 << 13;

/** Whole numbers from 0 to 2^32 - 1, a bit for each of a page of neighbours: for many that lie close together. */
export class NumberSet {
  #pages = new Map<number, Page>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(number: number): boolean {
    const page = this.#pages.get(pageOf(number));
    return page?.has(number % BITS_PER_PAGE) ?? false;
  }

  add(number: number): void {
    const at = pageOf(number);
    let page = this.#pages.get(at);
    if (!page) {
      page = new Page();
      this.#pages.set(at, page);
    }
    if (page.set(number % BITS_PER_PAGE, true)) this.#size++;
  }

  /** Returns whether it was there. */
  delete(number: number): boolean {
    const at = pageOf(number);
    const page = this.#pages.get(at);
    if (!page?.set(number % BITS_PER_PAGE, false)) return false;
    this.#size--;
    if (page.size === 0) this.#pages.delete(at);
    return true;
  }

  clear(): void {
    this.#pages = new Map();
    this.#size = 0;
  }

  /** Lowest first. */
  *[Symbol.iterator](): Iterator<number> {
    for (const at of [...this.#pages.keys()].sort((a, b) => a - b))
      for (const bit of this.#pages.get(at)?.bits() ?? []) yield at * BITS_PER_PAGE + bit;
  }
}

class Page {
  size = 0;
  readonly #words = new Uint32Array(BITS_PER_PAGE / 32);

  has(bit: number): boolean {
    return (((this.#words[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  /** Returns whether that changes it. */
  set(bit: number, value: boolean): boolean {
    if (this.has(bit) === value) return false;
    const word = bit >>> 5;
    this.#words[word] = (this.#words[word] as number) ^ (1 << (bit & 31));
    this.size += value ? 1 : -1;
    return true;
  }

  /** Those that are set, lowest first. */
  *bits(): Iterable<number> {
    for (const [at, word] of this.#words.entries())
      for (let rest = word; rest !== 0; rest &= rest - 1) yield at * 32 + 31 - Math.clz32(rest & -rest);
  }
}

function pageOf(number: number): number {
  return Math.floor(number / BITS_PER_PAGE);
}
