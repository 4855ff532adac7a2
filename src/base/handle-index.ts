const CAPACITY_MINIMUM = 16;
/** A part is made of the hashes that have the highest bits in common. */
const PART_BITS = 8;
const PART_SHIFT = 32 - PART_BITS;

/**
 * Handles by hash: open hash tables, each in one block of memory, eight octets a place. Several may have one hash; which of them is meant, the
 * caller knows: it goes through them (`first`, `next`), without making anything. Handles are numbers from 1 on.
 *
 * There are many tables, so that growing, which has all handles of one take other places, never holds anybody up.
 */
export class HandleIndex {
  readonly #parts: (Part | undefined)[] = new Array(1 << PART_BITS).fill(undefined);
  #size = 0;
  /** What `next` goes on with. */
  #sought = 0;
  #at = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: number, handle: number): void {
    const number = hash >>> PART_SHIFT;
    let part = this.#parts[number];
    if (!part) {
      part = new Part();
      this.#parts[number] = part;
    }
    part.add(hash, handle);
    this.#size++;
  }

  /** Does nothing when it is not there. */
  remove(hash: number, handle: number): void {
    if (this.#parts[hash >>> PART_SHIFT]?.remove(hash, handle)) this.#size--;
  }

  /** One with this hash; 0 when there is none. */
  first(hash: number): number {
    this.#sought = hash;
    this.#at = hash;
    return this.next();
  }

  /** Another one with the hash that `first` was asked for, in no particular order; 0 when that was all. Nothing may come or go meanwhile. */
  next(): number {
    const part = this.#parts[this.#sought >>> PART_SHIFT];
    if (!part) return 0;
    const at = part.find(this.#sought, this.#at);
    this.#at = at + 1;
    return part.handleAt(at);
  }
}

class Part {
  /** In turn the hash and the handle of each place; no handle: it is free. */
  #places = new Int32Array(2 * CAPACITY_MINIMUM);
  #mask = CAPACITY_MINIMUM - 1;
  #size = 0;

  add(hash: number, handle: number): void {
    if (++this.#size * 4 > (this.#mask + 1) * 3) this.#resize(2 * (this.#mask + 1));
    this.#put(hash, handle);
  }

  /** Whether it was there. */
  remove(hash: number, handle: number): boolean {
    const places = this.#places;
    let at = hash & this.#mask;
    for (; places[2 * at + 1] !== handle || places[2 * at] !== hash; at = (at + 1) & this.#mask)
      if (places[2 * at + 1] === 0) return false;
    this.#close(at);
    this.#size--;
    if (this.#mask >= 2 * CAPACITY_MINIMUM && this.#size * 8 < this.#mask) this.#resize((this.#mask + 1) / 2);
    return true;
  }

  /** The first place from `from` on that has this hash or is free. */
  find(hash: number, from: number): number {
    const places = this.#places;
    let at = from & this.#mask;
    while (places[2 * at + 1] !== 0 && places[2 * at] !== hash) at = (at + 1) & this.#mask;
    return at;
  }

  /** 0 where the place is free. */
  handleAt(at: number): number {
    return this.#places[2 * at + 1] as number;
  }

  #put(hash: number, handle: number): void {
    const places = this.#places;
    let at = hash & this.#mask;
    while (places[2 * at + 1] !== 0) at = (at + 1) & this.#mask;
    places[2 * at] = hash;
    places[2 * at + 1] = handle;
  }

  /** Frees a place, and moves those up that are further from where they belong because of it. */
  #close(free: number): void {
    const places = this.#places;
    let gap = free;
    for (let at = (gap + 1) & this.#mask; places[2 * at + 1] !== 0; at = (at + 1) & this.#mask) {
      const home = (places[2 * at] as number) & this.#mask;
      if (((at - home) & this.#mask) < ((at - gap) & this.#mask)) continue;
      places[2 * gap] = places[2 * at] as number;
      places[2 * gap + 1] = places[2 * at + 1] as number;
      gap = at;
    }
    places[2 * gap + 1] = 0;
  }

  #resize(capacity: number): void {
    const former = this.#places;
    this.#places = new Int32Array(2 * capacity);
    this.#mask = capacity - 1;
    for (let at = 0; at < former.length; at += 2) {
      const handle = former[at + 1] as number;
      if (handle !== 0) this.#put(former[at] as number, handle);
    }
  }
}
