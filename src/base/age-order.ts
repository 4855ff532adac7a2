/** Deleted places that are kept before there is reason to close up. */
const GAPS_MINIMUM = 64;
const CAPACITY_MINIMUM = 64;

/**
 * Handles in the order in which they came, for many: numbers in two blocks of memory, where a `Map` keeps its entries in places that the processor has to fetch one after the
 * other. Each has a serial number, which its owner keeps. Handles are numbers from 1 on.
 */
export class AgeOrder {
  /** Ascending; the handle of one that is gone is 0. */
  #serials = new Float64Array(CAPACITY_MINIMUM);
  #handles = new Int32Array(CAPACITY_MINIMUM);
  #end = 0;
  #size = 0;
  #latest = 0;
  /** How often places have moved. */
  #moves = 0;

  get size(): number {
    return this.#size;
  }

  /** Comes last; returns its serial number. */
  add(handle: number): number {
    if (this.#end === this.#handles.length) this.#makeRoom();
    this.#serials[this.#end] = ++this.#latest;
    this.#handles[this.#end++] = handle;
    this.#size++;
    return this.#latest;
  }

  /** Another handle in the place of the one with this serial number. */
  replace(serial: number, handle: number): void {
    this.#handles[this.#placeOf(serial)] = handle;
  }

  remove(serial: number): void {
    this.#handles[this.#placeOf(serial)] = 0;
    this.#size--;
    if (this.#end > GAPS_MINIMUM && this.#size < this.#end / 2) this.#closeUp(this.#serials, this.#handles);
  }

  /** Oldest first; others may come and go meanwhile. */
  *values(): Iterable<number> {
    let moves = this.#moves;
    for (let place = 0; place < this.#end; place++) {
      const handle = this.#handles[place] as number;
      if (handle === 0) continue;
      const serial = this.#serials[place] as number;
      yield handle;
      if (moves === this.#moves) continue;
      moves = this.#moves;
      place = this.#placeOf(serial + 1) - 1;
    }
  }

  /** Of the first whose serial number is not less. */
  #placeOf(serial: number): number {
    let [low, high] = [0, this.#end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#serials[middle] as number) < serial) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #makeRoom(): void {
    const capacity = Math.max(CAPACITY_MINIMUM, 2 * this.#size);
    this.#closeUp(new Float64Array(capacity), new Int32Array(capacity));
  }

  #closeUp(serials: Float64Array<ArrayBuffer>, handles: Int32Array<ArrayBuffer>): void {
    let end = 0;
    for (let place = 0; place < this.#end; place++) {
      const handle = this.#handles[place] as number;
      if (handle === 0) continue;
      serials[end] = this.#serials[place] as number;
      handles[end++] = handle;
    }
    this.#serials = serials;
    this.#handles = handles;
    this.#end = end;
    this.#moves++;
  }
}
