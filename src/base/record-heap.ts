const PAGE_OCTETS = 1 << 20;
const UNIT_OCTETS = 32;
const UNIT_BITS = 15;
const UNITS_PER_PAGE = PAGE_OCTETS / UNIT_OCTETS;

/** One page of a heap, in the forms in which its blocks are read and written. */
export class HeapPage {
  readonly octets = new Uint8Array(PAGE_OCTETS);
  readonly words = new Int32Array(this.octets.buffer);
  readonly doubles = new Float64Array(this.octets.buffer);
}

/**
 * Blocks of octets in large pages, each under a handle: a number from 1 on. What would be a million small objects costs so neither their headers
 * nor the work of the garbage collector, which does not look inside.
 */
export class RecordHeap {
  readonly #pages: HeapPage[] = [];
  /** By size in units, the first of the free blocks; the first word of each is the next one's handle. */
  readonly #free: number[] = [];
  /** All units from there on were never taken; handle 0 is none. */
  #fresh = 1;

  /** A block of so many octets, with anything in it. Throws `RangeError` for more than a page has. */
  take(octets: number): number {
    const units = unitsFor(octets);
    const free = this.#free[units] ?? 0;
    if (free === 0) return this.#takeFresh(units);
    this.#free[units] = this.page(free).words[wordAt(free)] as number;
    return free;
  }

  /** `octets`: of this block, as it was taken. */
  give(handle: number, octets: number): void {
    this.#giveUnits(handle, unitsFor(octets));
  }

  page(handle: number): HeapPage {
    return this.#pages[handle >>> UNIT_BITS] as HeapPage;
  }

  #takeFresh(units: number): number {
    if (units > UNITS_PER_PAGE - 1) throw new RangeError('a record is larger than a page');
    const left = UNITS_PER_PAGE - (this.#fresh & (UNITS_PER_PAGE - 1));
    if (units > left) {
      this.#giveUnits(this.#fresh, left);
      this.#fresh += left;
    }
    const handle = this.#fresh;
    this.#fresh += units;
    if (handle >>> UNIT_BITS >= this.#pages.length) this.#pages.push(new HeapPage());
    return handle;
  }

  #giveUnits(handle: number, units: number): void {
    this.page(handle).words[wordAt(handle)] = this.#free[units] ?? 0;
    for (let size = this.#free.length; size < units; size++) this.#free.push(0);
    this.#free[units] = handle;
  }
}

/** Whether a block of one size serves for the other. */
export function sameBlock(octets: number, others: number): boolean {
  return unitsFor(octets) === unitsFor(others);
}

/** Where a block begins in the octets, words and doubles of its page. */
export function octetAt(handle: number): number {
  return (handle & (UNITS_PER_PAGE - 1)) * UNIT_OCTETS;
}

export function wordAt(handle: number): number {
  return (handle & (UNITS_PER_PAGE - 1)) * (UNIT_OCTETS / 4);
}

export function doubleAt(handle: number): number {
  return (handle & (UNITS_PER_PAGE - 1)) * (UNIT_OCTETS / 8);
}

function unitsFor(octets: number): number {
  return Math.ceil(octets / UNIT_OCTETS);
}
