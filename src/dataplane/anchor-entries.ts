import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Path } from './desired.ts';
import type { AnchorEntry, Target } from './part.ts';
import { keysOf } from './tunnel-form.ts';

/** What a binding of an anchor is found by, in signed words of 32 bits. */
export interface TargetWords {
  /** Twice the customer, and one more for a /64. */
  tag: number;
  /** The IPv4 address, or the first half of a /64 in two. */
  high: number;
  low: number;
}

/** All of an anchor's entry. Whoever reads many fills the same one again, so that a million make no garbage. */
export interface EntryWords extends TargetWords {
  /** Indices. */
  path: number;
  counters: number;
  /** Keys of GRE; 0 where the path has none. */
  send: number;
  receive: number;
}

export function emptyWords(): EntryWords {
  return { tag: 0, high: 0, low: 0, path: 0, counters: 0, send: 0, receive: 0 };
}

export function writeTarget(words: TargetWords, customer: number, target: Target): void {
  if (target instanceof Ipv4Address) {
    words.tag = customer * 2;
    words.high = target.word;
    words.low = 0;
  } else {
    words.tag = customer * 2 + 1;
    words.high = target.address.w0;
    words.low = target.address.w1;
  }
}

export function targetOfWords({ tag, high, low }: TargetWords): Target {
  return (tag & 1) === 0 ? new Ipv4Address(high) : new Ipv6Prefix(new Ipv6Address(high, low, 0, 0), 64);
}

export function customerOfWords({ tag }: TargetWords): number {
  return tag >>> 1;
}

/** What the entries of a binding have in common. */
export function writeWay(words: EntryWords, path: Path, index: number, counters: number): void {
  const keys = keysOf(path.encapsulation);
  words.path = index;
  words.counters = counters;
  words.send = (keys?.send ?? 0) | 0;
  words.receive = (keys?.receive ?? 0) | 0;
}

export function writeEntry(words: EntryWords, { customer, target, path, counters, keys }: AnchorEntry): void {
  writeTarget(words, customer, target);
  words.path = path;
  words.counters = counters;
  words.send = (keys?.send ?? 0) | 0;
  words.receive = (keys?.receive ?? 0) | 0;
}

const WORDS = 8;
const [TAG, HIGH, LOW, PATH, COUNTERS, SEND, RECEIVE, LINK] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** In the place of a tag. */
const FREE = -1;
const NONE = -1;
const FIRST_ROWS = 1024;

/** Entries by what they are found by, in rows of one array: 48 octets each, where an object with its key in a map takes some 250. */
export class AnchorEntries {
  #rows = new Int32Array(WORDS * FIRST_ROWS);
  /** Rows in the order of their hashes, each plus one; what collides follows. Two thirds full at most. */
  #hashed = new Int32Array(FIRST_ROWS * 2);
  #end = 0;
  #free = NONE;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The row; -1 when there is none. */
  find(target: TargetWords): number {
    const mask = this.#hashed.length - 1;
    for (let at = hashOf(target.tag, target.high, target.low) & mask; ; at = (at + 1) & mask) {
      const row = this.#word(this.#hashed, at) - 1;
      if (row < 0) return NONE;
      if (
        this.#at(row, HIGH) === target.high &&
        this.#at(row, LOW) === target.low &&
        this.#at(row, TAG) === target.tag
      ) {
        return row;
      }
    }
  }

  /** Adds one, which must not be there; gives its row. */
  add(words: EntryWords): number {
    if ((this.#size + 1) * 3 > this.#hashed.length * 2) this.#rehash();
    const row = this.#takeRow();
    const first = row * WORDS;
    this.#rows[first + TAG] = words.tag;
    this.#rows[first + HIGH] = words.high;
    this.#rows[first + LOW] = words.low;
    this.#rows[first + LINK] = NONE;
    this.direct(row, words);
    this.#insert(row);
    this.#size++;
    return row;
  }

  /** A row directs packets as these words do from now on. */
  direct(row: number, { path, counters, send, receive }: EntryWords): void {
    const first = row * WORDS;
    this.#rows[first + PATH] = path;
    this.#rows[first + COUNTERS] = counters;
    this.#rows[first + SEND] = send;
    this.#rows[first + RECEIVE] = receive;
  }

  remove(row: number): void {
    this.#unhash(row);
    this.#rows[row * WORDS + TAG] = FREE;
    this.#rows[row * WORDS + LINK] = this.#free;
    this.#free = row;
    this.#size--;
  }

  read(row: number, words: EntryWords): void {
    words.tag = this.#at(row, TAG);
    words.high = this.#at(row, HIGH);
    words.low = this.#at(row, LOW);
    words.path = this.#at(row, PATH);
    words.counters = this.#at(row, COUNTERS);
    words.send = this.#at(row, SEND);
    words.receive = this.#at(row, RECEIVE);
  }

  /** Whether a row directs packets as these words do. */
  says(row: number, { path, counters, send, receive }: EntryWords): boolean {
    return (
      this.#at(row, PATH) === path &&
      this.#at(row, COUNTERS) === counters &&
      this.#at(row, SEND) === send &&
      this.#at(row, RECEIVE) === receive
    );
  }

  /** A number that belongs to the row for whoever holds it; -1 at first. */
  link(row: number): number {
    return this.#at(row, LINK);
  }

  setLink(row: number, link: number): void {
    this.#rows[row * WORDS + LINK] = link;
  }

  counters(row: number): number {
    return this.#at(row, COUNTERS);
  }

  /** Those in use; of what is added or removed meanwhile some may be among them. */
  *rows(): Iterable<number> {
    for (let row = 0; row < this.#end; row++) if (this.#at(row, TAG) !== FREE) yield row;
  }

  #takeRow(): number {
    const row = this.#free;
    if (row !== NONE) {
      this.#free = this.#at(row, LINK);
      return row;
    }
    if ((this.#end + 1) * WORDS > this.#rows.length) {
      const larger = new Int32Array(this.#rows.length * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    return this.#end++;
  }

  #insert(row: number): void {
    const mask = this.#hashed.length - 1;
    let at = this.#home(row, mask);
    while (this.#hashed[at] !== 0) at = (at + 1) & mask;
    this.#hashed[at] = row + 1;
  }

  /** What follows without a gap moves up where its hash allows it. */
  #unhash(row: number): void {
    const mask = this.#hashed.length - 1;
    let gap = this.#home(row, mask);
    while (this.#hashed[gap] !== row + 1) gap = (gap + 1) & mask;
    for (let at = (gap + 1) & mask; this.#hashed[at] !== 0; at = (at + 1) & mask) {
      const other = this.#word(this.#hashed, at);
      const distance = (at - this.#home(other - 1, mask)) & mask;
      if (distance < ((at - gap) & mask)) continue;
      this.#hashed[gap] = other;
      gap = at;
    }
    this.#hashed[gap] = 0;
  }

  #rehash(): void {
    this.#hashed = new Int32Array(this.#hashed.length * 2);
    for (const row of this.rows()) this.#insert(row);
  }

  #home(row: number, mask: number): number {
    return hashOf(this.#at(row, TAG), this.#at(row, HIGH), this.#at(row, LOW)) & mask;
  }

  #at(row: number, word: number): number {
    return this.#word(this.#rows, row * WORDS + word);
  }

  #word(words: Int32Array, at: number): number {
    return words[at] as number;
  }
}

/** Every bit of the words changes about half of the hash's. */
function hashOf(tag: number, high: number, low: number): number {
  let hash = Math.imul(tag, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) ^ Math.imul(low, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13), 0x297a2d39);
  return hash ^ (hash >>> 16);
}
