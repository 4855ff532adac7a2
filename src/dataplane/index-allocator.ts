import { NumberSet } from '#base/number-set.ts';

/** Hands out the places of an array, lowest first, and takes them back. */
export class IndexAllocator {
  #size: number;
  readonly #free: number[] = [];
  /** Reserved ones that it has not come to yet. */
  readonly #reserved = new NumberSet();
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** `undefined` when all are taken. */
  take(): number | undefined {
    const index = this.#free.pop();
    if (index !== undefined) return index;
    while (this.#reserved.delete(this.#next)) this.#next++;
    return this.#next < this.#size ? this.#next++ : undefined;
  }

  /** Takes this one, which was not handed out. */
  reserve(index: number): void {
    if (index >= this.#next) this.#reserved.add(index);
  }

  release(index: number): void {
    if (!this.#reserved.delete(index)) this.#free.push(index);
  }

  /** There are more places now. */
  grow(size: number): void {
    this.#size = Math.max(this.#size, size);
  }
}
