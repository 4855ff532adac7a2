import { HandleIndex } from '#base/handle-index.ts';
import { farOf, hashOfWords, near } from '#base/hash.ts';
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
/** Known to all: addresses are those of the pools of an anchor, too few of which share a place to matter. */
const HASH_MULTIPLIER = 0x9e3779b1;

/** Entries by what they are found by, in rows of one array: about 50 octets each, where an object with its key in a map takes some 250. */
export class AnchorEntries {
  #rows = new Int32Array(WORDS * FIRST_ROWS);
  /** Rows plus one. */
  readonly #index = new HandleIndex();
  #end = 0;
  #free = NONE;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The row; -1 when there is none. */
  find({ tag, high, low }: TargetWords): number {
    let handle = this.#index.first(hashOf(tag, high, low));
    while (handle !== 0 && !this.#isAt(handle - 1, tag, high, low)) handle = this.#index.next();
    return handle - 1;
  }

  /** Adds one, which must not be there; gives its row. */
  add(words: EntryWords): number {
    const row = this.#takeRow();
    const first = row * WORDS;
    this.#rows[first + TAG] = words.tag;
    this.#rows[first + HIGH] = words.high;
    this.#rows[first + LOW] = words.low;
    this.#rows[first + LINK] = NONE;
    this.direct(row, words);
    this.#index.add(hashOf(words.tag, words.high, words.low), row + 1);
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
    this.#index.remove(hashOf(this.#at(row, TAG), this.#at(row, HIGH), this.#at(row, LOW)), row + 1);
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

  #isAt(row: number, tag: number, high: number, low: number): boolean {
    return this.#at(row, HIGH) === high && this.#at(row, LOW) === low && this.#at(row, TAG) === tag;
  }

  #at(row: number, word: number): number {
    return this.#rows[row * WORDS + word] as number;
  }
}

function hashOf(tag: number, high: number, low: number): number {
  return (tag & 1) === 0
    ? near(high, hashOfWords(tag, farOf(high), low, 0, HASH_MULTIPLIER))
    : near(low, hashOfWords(tag, high, farOf(low), 0, HASH_MULTIPLIER));
}
