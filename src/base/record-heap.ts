const PAGE_OCTETS = 1 << 20;
const UNIT_OCTETS = 32;
const UNIT_BITS = 15;
const UNITS_PER_PAGE = PAGE_OCTETS / UNIT_OCTETS;

/**
 * One page of a heap, in the forms in which its blocks are read and written. Its memory is of the kind that threads may share, though none does: the engine does not take the
 * growth of that for a reason to collect garbage, of which there is none in it.
 */
export class HeapPage {
  readonly octets = new Uint8Array(new SharedArrayBuffer(PAGE_OCTETS));
  readonly words = new Int32Array(this.octets.buffer);
  readonly doubles = new Float64Array(this.octets.buffer);
  /** Units that are taken. */
  used = 0;
}

/**
 * Pages that no heap has any more, so many at most, for the next one that needs some: as the engine does not count them, it would not soon collect those that are gone where mobile nodes come and go by the hundred
 * thousand.
 */
const spare: HeapPage[] = [];
const SPARE_MAXIMUM = 64;

/** The first words of a free block: the handles of the next and the one before of its size, and that size in units. */
const Free = { NEXT: 0, PREVIOUS: 1, UNITS: 2 } as const;

/**
 * Blocks of octets in large pages, each under a handle: a number from 1 on. What would be a million small objects costs so neither their headers
 * nor the work of the garbage collector, which does not look inside. A page of which nothing is taken any more is given back.
 */
export class RecordHeap {
  readonly #pages: (HeapPage | undefined)[] = [];
  /** Numbers of pages that were given back. */
  readonly #gone: number[] = [];
  /** By size in units, the first of the free blocks. */
  readonly #free: number[] = [];
  /** Of the page that blocks are cut from, its number and the first unit that never was one; handle 0 is none. Before the first block there is no page. */
  #current = 0;
  #fresh = UNITS_PER_PAGE;

  /** Octets of its pages. */
  get octets(): number {
    return (this.#pages.length - this.#gone.length) * PAGE_OCTETS;
  }

  /** A block of so many octets, with anything in it. Throws `RangeError` for more than a page has. */
  take(octets: number): number {
    const units = unitsFor(octets);
    const free = this.#free[units] ?? 0;
    if (free !== 0) this.#unlink(free, units);
    const handle = free === 0 ? this.#cut(units) : free;
    this.page(handle).used += units;
    return handle;
  }

  /** `octets`: of this block, as it was taken. */
  give(handle: number, octets: number): void {
    const units = unitsFor(octets);
    this.page(handle).used -= units;
    this.#link(handle, units);
    this.#giveBackIfUnused(handle >>> UNIT_BITS);
  }

  page(handle: number): HeapPage {
    return this.#pages[handle >>> UNIT_BITS] as HeapPage;
  }

  #cut(units: number): number {
    if (units > UNITS_PER_PAGE - 1) throw new RangeError('a record is larger than a page');
    if (units > UNITS_PER_PAGE - this.#fresh) this.#beginPage();
    const handle = (this.#current << UNIT_BITS) | this.#fresh;
    this.#fresh += units;
    return handle;
  }

  #beginPage(): void {
    const former = this.#current;
    const left = UNITS_PER_PAGE - this.#fresh;
    if (left > 0) this.#link((former << UNIT_BITS) | this.#fresh, left);
    this.#current = this.#gone.pop() ?? this.#pages.length;
    this.#pages[this.#current] = spare.pop() ?? new HeapPage();
    this.#fresh = firstUnit(this.#current);
    this.#giveBackIfUnused(former);
  }

  /** Its blocks are all free then, one behind the other. */
  #giveBackIfUnused(number: number): void {
    const page = this.#pages[number] as HeapPage;
    if (page.used > 0 || number === this.#current) return;
    for (let unit = firstUnit(number); unit < UNITS_PER_PAGE; ) {
      const handle = (number << UNIT_BITS) | unit;
      const units = page.words[wordAt(handle) + Free.UNITS] as number;
      this.#unlink(handle, units);
      unit += units;
    }
    this.#pages[number] = undefined;
    this.#gone.push(number);
    if (spare.length < SPARE_MAXIMUM) spare.push(page);
  }

  #link(handle: number, units: number): void {
    const { words } = this.page(handle);
    const next = this.#free[units] ?? 0;
    words[wordAt(handle) + Free.NEXT] = next;
    words[wordAt(handle) + Free.PREVIOUS] = 0;
    words[wordAt(handle) + Free.UNITS] = units;
    if (next !== 0) this.page(next).words[wordAt(next) + Free.PREVIOUS] = handle;
    for (let size = this.#free.length; size < units; size++) this.#free.push(0);
    this.#free[units] = handle;
  }

  #unlink(handle: number, units: number): void {
    const { words } = this.page(handle);
    const next = words[wordAt(handle) + Free.NEXT] as number;
    const previous = words[wordAt(handle) + Free.PREVIOUS] as number;
    if (next !== 0) this.page(next).words[wordAt(next) + Free.PREVIOUS] = previous;
    if (previous !== 0) this.page(previous).words[wordAt(previous) + Free.NEXT] = next;
    else this.#free[units] = next;
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

/** Of a page: handle 0 is none. */
function firstUnit(page: number): number {
  return page === 0 ? 1 : 0;
}
