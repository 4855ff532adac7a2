import { RecordHeap, wordAt } from './record-heap.ts';

/** Of a part, whose places are found by the last bits of the hash. */
const PLACES = 128;
const MASK = PLACES - 1;
/** Then it is divided. */
const FULL = (PLACES * 3) / 4;
/** With so few it may become one with its neighbour, when both together have no more than `JOINED`. */
const SPARSE = PLACES / 8;
const JOINED = PLACES / 4;
/** A block begins with how many handles are in it, and how many of the first bits of their hashes they have in common for sure; then come its places: in turn the hash and the handle of each. */
const Head = { SIZE: 0, DEPTH: 1, WORDS: 8 } as const;
const PART_WORDS = Head.WORDS + 2 * PLACES;
/** A part is not divided further: more than 2^20 of them are not to be had by good hashes. */
const DEPTH_MAXIMUM = 20;
/** Handles of one hash in a part; what is beyond that, and what finds no room, is kept aside. */
const ALIKE_MAXIMUM = 8;
const NONE = 0;

/** The places of a part while it is divided. */
const former = new Int32Array(2 * PLACES);

/**
 * Handles by hash, eight octets a place. Several may have one hash; which of them is meant, the caller knows: it goes through them (`first`, `next`), without making anything. Handles are
 * numbers from 1 on.
 *
 * An open hash table in parts of one size, by the first bits of the hash (extendible hashing): it grows and shrinks by a part at a time, which never holds anybody up, and leaves nothing behind
 * that would have to be collected.
 */
export class HandleIndex {
  readonly #heap = new RecordHeap();
  /** By the first bits of a hash, the part for it; `NONE`: there is none yet. */
  #parts = new Int32Array(2);
  /** What is left of a hash behind these bits. */
  #shift = 31;
  #size = 0;
  readonly #aside = new Map<number, number[]>();
  /** What `next` goes on with. */
  #sought = 0;
  #at = 0;
  #asideAt = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: number, handle: number): void {
    if (!this.#put(hash, handle)) this.#putAside(hash, handle);
    this.#size++;
  }

  /** Does nothing when it is not there. */
  remove(hash: number, handle: number): void {
    if (this.#take(hash, handle) || this.#takeFromAside(hash, handle)) this.#size--;
  }

  /** One with this hash; 0 when there is none. */
  first(hash: number): number {
    this.#sought = hash;
    this.#at = hash;
    this.#asideAt = 0;
    return this.next();
  }

  /** Another one with the hash that `first` was asked for, in no particular order; 0 when that was all. Nothing may come or go meanwhile. */
  next(): number {
    const hash = this.#sought;
    const part = this.#partFor(hash);
    if (part === NONE) return 0;
    const { words } = this.#heap.page(part);
    const places = placesAt(part);
    let at = this.#at & MASK;
    while (words[places + 2 * at + 1] !== 0 && words[places + 2 * at] !== hash) at = (at + 1) & MASK;
    const handle = words[places + 2 * at + 1] as number;
    this.#at = handle === 0 ? at : at + 1;
    return handle === 0 && this.#aside.size > 0 ? this.#nextAside() : handle;
  }

  #partFor(hash: number): number {
    return this.#parts[hash >>> this.#shift] as number;
  }

  /** Returns whether there is room for it. */
  #put(hash: number, handle: number): boolean {
    for (;;) {
      const part = this.#partFor(hash) || this.#firstPart();
      const { words } = this.#heap.page(part);
      const at = wordAt(part);
      const size = words[at + Head.SIZE] as number;
      if (size < FULL) {
        if (countAlike(words, placesAt(part), hash) === ALIKE_MAXIMUM) return false;
        putAt(words, placesAt(part), hash, handle);
        words[at + Head.SIZE] = size + 1;
        return true;
      }
      if (words[at + Head.DEPTH] === DEPTH_MAXIMUM) return false;
      this.#divide(hash, part);
    }
  }

  /** Returns whether it was there. */
  #take(hash: number, handle: number): boolean {
    const part = this.#partFor(hash);
    if (part === NONE) return false;
    const { words } = this.#heap.page(part);
    const places = placesAt(part);
    let at = hash & MASK;
    for (; words[places + 2 * at + 1] !== handle || words[places + 2 * at] !== hash; at = (at + 1) & MASK)
      if (words[places + 2 * at + 1] === 0) return false;
    closeGap(words, places, at);
    const size = (words[wordAt(part) + Head.SIZE] as number) - 1;
    words[wordAt(part) + Head.SIZE] = size;
    if (size <= SPARSE) this.#join(hash, part);
    return true;
  }

  #firstPart(): number {
    const part = this.#newPart(0);
    this.#parts.fill(part);
    return part;
  }

  #newPart(depth: number): number {
    const part = this.#heap.take(4 * PART_WORDS);
    const { words } = this.#heap.page(part);
    const at = wordAt(part);
    words.fill(0, at, at + PART_WORDS);
    words[at + Head.DEPTH] = depth;
    return part;
  }

  /** Gives half of a part, in which this hash belongs, to another. */
  #divide(hash: number, part: number): void {
    const { words } = this.#heap.page(part);
    const [at, places] = [wordAt(part), placesAt(part)];
    const depth = (words[at + Head.DEPTH] as number) + 1;
    if (depth > 32 - this.#shift) this.#doubleParts();
    const other = this.#newPart(depth);
    const { words: others } = this.#heap.page(other);
    former.set(words.subarray(places, places + former.length));
    words.fill(0, places, places + former.length);
    let size = 0;
    for (let i = 0; i < former.length; i += 2) {
      const [one, handle] = [former[i] as number, former[i + 1] as number];
      if (handle === 0) continue;
      const isOthers = ((one >>> (32 - depth)) & 1) === 1;
      if (isOthers) putAt(others, placesAt(other), one, handle);
      else putAt(words, places, one, handle);
      size += isOthers ? 0 : 1;
    }
    others[wordAt(other) + Head.SIZE] = (words[at + Head.SIZE] as number) - size;
    words[at + Head.SIZE] = size;
    words[at + Head.DEPTH] = depth;
    const count = this.#countOf(depth);
    const from = ((hash >>> this.#shift) & ~(2 * count - 1)) + count;
    this.#parts.fill(other, from, from + count);
  }

  /** Puts the handles of its neighbour into a part, in which this hash belongs, when they are few. */
  #join(hash: number, part: number): void {
    const { words } = this.#heap.page(part);
    const at = wordAt(part);
    const depth = words[at + Head.DEPTH] as number;
    if (depth === 0) return;
    const count = this.#countOf(depth);
    const from = (hash >>> this.#shift) & ~(count - 1);
    const other = this.#parts[from ^ count] as number;
    const { words: others } = this.#heap.page(other);
    const size = (words[at + Head.SIZE] as number) + (others[wordAt(other) + Head.SIZE] as number);
    if (others[wordAt(other) + Head.DEPTH] !== depth || size > JOINED) return;
    for (let i = 0, place = placesAt(other); i < PLACES; i++, place += 2)
      if (others[place + 1] !== 0) putAt(words, placesAt(part), others[place] as number, others[place + 1] as number);
    words[at + Head.SIZE] = size;
    words[at + Head.DEPTH] = depth - 1;
    this.#parts.fill(part, from & ~count, (from & ~count) + 2 * count);
    this.#heap.give(other, 4 * PART_WORDS);
  }

  /** In how many places of `#parts` a part of this depth is. */
  #countOf(depth: number): number {
    return this.#parts.length >>> depth;
  }

  #doubleParts(): void {
    const parts = this.#parts;
    this.#parts = new Int32Array(2 * parts.length);
    for (let i = 0; i < parts.length; i++) this.#parts.fill(parts[i] as number, 2 * i, 2 * i + 2);
    this.#shift--;
  }

  #putAside(hash: number, handle: number): void {
    const handles = this.#aside.get(hash);
    if (handles) handles.push(handle);
    else this.#aside.set(hash, [handle]);
  }

  /** Returns whether it was there. */
  #takeFromAside(hash: number, handle: number): boolean {
    const handles = this.#aside.get(hash);
    const at = handles?.indexOf(handle) ?? -1;
    if (!handles || at < 0) return false;
    const last = handles.pop() as number;
    if (at < handles.length) handles[at] = last;
    if (handles.length === 0) this.#aside.delete(hash);
    return true;
  }

  #nextAside(): number {
    return this.#aside.get(this.#sought)?.[this.#asideAt++] ?? 0;
  }
}

function placesAt(part: number): number {
  return wordAt(part) + Head.WORDS;
}

function countAlike(words: Int32Array, places: number, hash: number): number {
  let count = 0;
  for (let at = hash & MASK; words[places + 2 * at + 1] !== 0; at = (at + 1) & MASK)
    if (words[places + 2 * at] === hash) count++;
  return count;
}

function putAt(words: Int32Array, places: number, hash: number, handle: number): void {
  let at = hash & MASK;
  while (words[places + 2 * at + 1] !== 0) at = (at + 1) & MASK;
  words[places + 2 * at] = hash;
  words[places + 2 * at + 1] = handle;
}

/** Frees a place, and moves those up that are further from where they belong because of it. */
function closeGap(words: Int32Array, places: number, free: number): void {
  let gap = free;
  for (let at = (gap + 1) & MASK; words[places + 2 * at + 1] !== 0; at = (at + 1) & MASK) {
    const home = (words[places + 2 * at] as number) & MASK;
    if (((at - home) & MASK) < ((at - gap) & MASK)) continue;
    words[places + 2 * gap] = words[places + 2 * at] as number;
    words[places + 2 * gap + 1] = words[places + 2 * at + 1] as number;
    gap = at;
  }
  words[places + 2 * gap + 1] = 0;
}
