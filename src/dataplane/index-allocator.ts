/** Hands out the places of an array, lowest first, and takes them back. */
export class IndexAllocator {
  readonly #size: number;
  readonly #free: number[] = [];
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** `undefined` when all are taken. */
  take(): number | undefined {
    const index = this.#free.pop();
    if (index !== undefined) return index;
    return this.#next < this.#size ? this.#next++ : undefined;
  }

  release(index: number): void {
    this.#free.push(index);
  }
}
