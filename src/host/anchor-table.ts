import { mixWord } from '#base/hash.ts';
import { type EntryWords, emptyWords, type TargetWords } from '#dataplane/anchor-entries.ts';
import type { BindingCounters } from '#dataplane/dataplane.ts';
import type { BpfMap } from './bpf.ts';
import { E2BIG, type Mapping, munmap, SystemCallError } from './posix.ts';

/** Octets of struct anchor_entry; its words are of 32 bits, those of its counters of 64. */
export const ANCHOR_ENTRY = 64;
const WORDS = 16;
const [HIGH, LOW, TAG, COUNTERS, PATH, SEND, RECEIVE_PATH, RECEIVE] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const LONG_WORDS = 8;
const [SENDING, RECEIVING, COUNTED] = [2, 3, 4] as const;
const COUNTED_WORDS = 4;
const FREE = 0;
/** Of the head of the table, in the place of the first entry. */
const [BUCKETS, SEED] = [0, 1] as const;
const IN_BUCKET = 4;
const HASH_BITS = 28;
const SECOND_BUCKET = 0x5bd1e995;
/** Three places for two entries: there is hardly ever one that must move for another, and of packets five in six find theirs in the first bucket. */
const PLACES_PER_ENTRY = 1.5;
const SPARE_PLACES = 32;
/** Entries that move so that another finds room. */
const MOVES = 3;
const NOWHERE = 0;

/** How many entries a table has that is to hold so many of bindings. */
export function anchorPlaces(entries: number): number {
  return IN_BUCKET * (1 + Math.ceil((SPARE_PLACES + entries * PLACES_PER_ENTRY) / IN_BUCKET));
}

/**
 * The entries of anchors, in the memory of a map that the programs look into (`bpf/anchors.h`): a table of buckets, of which each entry may be in one of two. An
 * entry is one line of the processor's cache, with its counters, so that a packet to any of a million mobile nodes waits for memory once. Nothing here
 * is a system call. One thread changes the table at a time, and programs read it meanwhile: the tag of an entry is written last and taken away first, and
 * what of it belongs together is written at once.
 */
export class AnchorTable {
  readonly #mapping: Mapping;
  #words: Int32Array;
  #longWords: BigUint64Array;
  readonly #name: string;
  readonly #buckets: number;
  readonly #seed: number;

  /** `seed`: of the hashes of a new table, which nobody who chooses addresses may know. Throws `SystemCallError`. */
  constructor(map: BpfMap, seed: number) {
    this.#mapping = map.mapMemory();
    const { buffer, byteOffset, length } = this.#mapping.buffer;
    this.#words = new Int32Array(buffer, byteOffset, length / 4);
    this.#longWords = new BigUint64Array(buffer, byteOffset, length / 8);
    this.#name = map.spec.name;
    if (this.#words[BUCKETS] === 0) {
      this.#words[BUCKETS] = map.spec.maximumEntries / IN_BUCKET - 1;
      this.#words[SEED] = seed;
    }
    this.#buckets = this.#words[BUCKETS] as number;
    this.#seed = this.#words[SEED] as number;
  }

  /** The place of an entry; 0 when there is none. */
  find(target: TargetWords): number {
    const hash = this.#hashOf(target);
    return this.#findIn(this.#first(hash), hash, target) || this.#findIn(this.#second(hash), hash, target);
  }

  /** Puts an entry, or changes what it says; what it has counted stays. Gives its place. Throws `SystemCallError`: E2BIG when there is no room. */
  set(entry: Readonly<EntryWords>): number {
    const there = this.find(entry);
    if (there !== NOWHERE) {
      this.#words[there * WORDS + COUNTERS] = entry.counters;
      Atomics.store(this.#longWords, there * LONG_WORDS + SENDING, directed(entry.path, entry.send));
      Atomics.store(this.#longWords, there * LONG_WORDS + RECEIVING, directed(entry.path, entry.receive));
      return there;
    }
    const place = this.#room(this.#hashOf(entry));
    if (place === NOWHERE) throw new SystemCallError(`map ${this.#name}`, E2BIG);
    const at = place * WORDS;
    this.#words.fill(0, at + COUNTED * 2, at + WORDS);
    this.#words[at + HIGH] = swapped(entry.high);
    this.#words[at + LOW] = swapped(entry.low);
    this.#words[at + COUNTERS] = entry.counters;
    this.#words[at + PATH] = entry.path;
    this.#words[at + SEND] = swapped(entry.send);
    this.#words[at + RECEIVE_PATH] = entry.path;
    this.#words[at + RECEIVE] = swapped(entry.receive);
    Atomics.store(this.#words, at + TAG, entry.tag + 1);
    return place;
  }

  remove(place: number): void {
    Atomics.store(this.#words, place * WORDS + TAG, FREE);
  }

  /** What is said at a place. */
  read(place: number, entry: EntryWords): void {
    const at = place * WORDS;
    entry.tag = this.#at(at + TAG) - 1;
    entry.high = swapped(this.#at(at + HIGH));
    entry.low = swapped(this.#at(at + LOW));
    entry.path = this.#at(at + PATH);
    entry.counters = this.#at(at + COUNTERS);
    entry.send = swapped(this.#at(at + SEND));
    entry.receive = swapped(this.#at(at + RECEIVE));
  }

  /** All that are there, the same object each time, until the table is closed; of what is put or removed meanwhile some may be among them. */
  *entries(): Iterable<Readonly<EntryWords>> {
    const entry = emptyWords();
    for (const place of this.#places()) {
      this.read(place, entry);
      yield entry;
    }
  }

  counted(place: number): BindingCounters {
    const [upPackets, upOctets, downPackets, downOctets] = Array.from({ length: COUNTED_WORDS }, (_, i) =>
      Number(this.#longWords[place * LONG_WORDS + COUNTED + i]),
    ) as [number, number, number, number];
    return { upPackets, upOctets, downPackets, downOctets };
  }

  /** Adds what was counted at a place to some counters, in the order of struct counters, and takes it away here. */
  moveCounted(place: number, to: BigUint64Array, at: number): void {
    for (let i = 0; i < COUNTED_WORDS; i++) {
      const count = Atomics.exchange(this.#longWords, place * LONG_WORDS + COUNTED + i, 0n);
      if (count !== 0n) Atomics.add(to, at + i, count);
    }
  }

  /** Puts all that another table has, with what was counted for it. */
  copyFrom(other: AnchorTable): void {
    const entry = emptyWords();
    for (const place of other.#places()) {
      other.read(place, entry);
      other.moveCounted(place, this.#longWords, this.set(entry) * LONG_WORDS + COUNTED);
    }
  }

  /** Whoever goes through the entries finds no more of them. */
  close(): void {
    munmap(this.#mapping);
    this.#words = new Int32Array();
    this.#longWords = new BigUint64Array();
  }

  *#places(): Iterable<number> {
    for (let place = IN_BUCKET; place * WORDS < this.#words.length; place++)
      if (this.#at(place * WORDS + TAG) !== FREE) yield place;
  }

  /** A free place in one of its buckets; 0 when there is none. */
  #room(hash: number): number {
    const [first, second] = [this.#first(hash), this.#second(hash)];
    const cleared = (way: 'onward' | 'any') =>
      this.#cleared(first, [first, second], way) || this.#cleared(second, [first, second], way);
    return this.#free(first, hash) || this.#free(second, hash) || cleared('onward') || cleared('any');
  }

  /**
   * Makes room in a bucket by moving one of its entries to the other bucket that it may be in, with others that must move for it. Onward is from its first bucket to
   * its second: the other way round a program that is just between the two sees it in neither, and its packet is dropped.
   */
  #cleared(bucket: number, kept: readonly number[], way: 'onward' | 'any'): number {
    const entry = emptyWords();
    for (let place = bucket; place < bucket + IN_BUCKET; place++) {
      this.read(place, entry);
      const hash = this.#hashOf(entry);
      const [first, second] = [this.#first(hash), this.#second(hash)];
      const other = first === bucket ? second : first;
      if ((way === 'onward' && other === first) || kept.includes(other)) continue;
      const more = kept.length < MOVES + 1;
      const to = this.#free(other, hash) || (more ? this.#cleared(other, [...kept, other], way) : NOWHERE);
      if (to === NOWHERE) continue;
      this.#move(place, to);
      return place;
    }
    return NOWHERE;
  }

  #move(from: number, to: number): void {
    const tag = this.#at(from * WORDS + TAG);
    this.#words.copyWithin(to * WORDS + COUNTERS, from * WORDS + COUNTERS, from * WORDS + COUNTED * 2);
    this.#words.copyWithin(to * WORDS + HIGH, from * WORDS + HIGH, from * WORDS + TAG);
    this.#words.fill(0, to * WORDS + COUNTED * 2, to * WORDS + WORDS);
    Atomics.store(this.#words, to * WORDS + TAG, tag);
    this.remove(from);
    this.moveCounted(from, this.#longWords, to * LONG_WORDS + COUNTED);
  }

  #findIn(bucket: number, hash: number, { tag, high, low }: TargetWords): number {
    for (let i = 0; i < IN_BUCKET; i++) {
      const at = (bucket + ((hash + i) & (IN_BUCKET - 1))) * WORDS;
      const isIt =
        this.#at(at + TAG) === tag + 1 && this.#at(at + HIGH) === swapped(high) && this.#at(at + LOW) === swapped(low);
      if (isIt) return at / WORDS;
    }
    return NOWHERE;
  }

  #free(bucket: number, hash: number): number {
    for (let i = 0; i < IN_BUCKET; i++) {
      const place = bucket + ((hash + i) & (IN_BUCKET - 1));
      if (this.#at(place * WORDS + TAG) === FREE) return place;
    }
    return NOWHERE;
  }

  #hashOf({ tag, high, low }: TargetWords): number {
    return mixWord(mixWord(mixWord(this.#seed, tag + 1), high), low);
  }

  /** The first place of a bucket. */
  #first(hash: number): number {
    return IN_BUCKET * (1 + Math.floor(((hash >>> (32 - HASH_BITS)) * this.#buckets) / 2 ** HASH_BITS));
  }

  #second(hash: number): number {
    return this.#first(mixWord(hash, SECOND_BUCKET));
  }

  #at(word: number): number {
    return this.#words[word] as number;
  }
}

/** A path, and above it a key in the order of the network. */
function directed(path: number, key: number): bigint {
  return (BigInt(swapped(key) >>> 0) << 32n) | BigInt(path);
}

/** From the order of the network to that of the processor, or the other way. */
function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
