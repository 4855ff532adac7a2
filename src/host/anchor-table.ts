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
/** Of the change that is being made, in the next place: programs read the first for every packet. Sums are words of 64 bits. */
const [CHANGING, INTO, SUMMED] = [WORDS, WORDS + 1, WORDS + 2] as const;
const SUMS = LONG_WORDS + 2;
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
 * what of it belongs together is written at once. What takes more than one store is noted before it begins, so that whoever opens the table after a process that was
 * killed completes it.
 */
export class AnchorTable {
  readonly #mapping: Mapping;
  #words: Int32Array;
  #longWords: BigUint64Array;
  readonly #counterWords: BigUint64Array;
  readonly #name: string;
  readonly #buckets: number;
  readonly #seed: number;

  /**
   * `counterWords` has struct counters of bindings, which get what was counted in places that entries leave; nothing but this process changes those of anchors. `seed`: of the
   * hashes of a new table, which nobody who chooses addresses may know. Throws `SystemCallError`.
   */
  constructor(map: BpfMap, counterWords: BigUint64Array, seed: number) {
    this.#counterWords = counterWords;
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
    this.#complete();
  }

  /** The place of an entry; 0 when there is none. */
  find(target: TargetWords): number {
    const hash = this.#hashOf(target);
    return this.#findIn(this.#first(hash), hash, target) || this.#findIn(this.#second(hash), hash, target);
  }

  /** Puts an entry, or changes what it says; what it has counted stays its binding's. Gives its place. Throws `SystemCallError`: E2BIG when there is no room. */
  set(entry: Readonly<EntryWords>): number {
    const there = this.find(entry);
    if (there === NOWHERE) return this.#add(entry);
    if (this.#at(there * WORDS + COUNTERS) === entry.counters) {
      this.#direct(there, entry);
      return there;
    }
    const place = this.#write(entry);
    // Where it is now: it may have moved to make room.
    this.#replace(this.find(entry), place, entry.tag + 1);
    return place;
  }

  /** What was counted there is its binding's. */
  remove(place: number): void {
    this.#begin(place, NOWHERE);
    this.#retire(place);
    this.#end();
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

  /** Puts all that another table has, with what was counted there, into this one, which no program has yet. The other stays as it is. */
  copyFrom(other: AnchorTable): void {
    const entry = emptyWords();
    for (const place of other.#places()) {
      other.read(place, entry);
      this.set(entry);
    }
    // From now on none moves.
    for (const place of other.#places()) {
      other.read(place, entry);
      const [from, to] = [place, this.find(entry)].map((one) => one * LONG_WORDS + COUNTED) as [number, number];
      this.#longWords.set(other.#longWords.subarray(from, from + COUNTED_WORDS), to);
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

  /** All of an entry but its tag, in a free place. Gives the place. */
  #write(entry: Readonly<EntryWords>): number {
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
    return place;
  }

  /** A free place in one of its buckets; 0 when there is none. */
  #room(hash: number): number {
    const first = this.#first(hash);
    const free = this.#free(first, hash);
    if (free !== NOWHERE) return free;
    const second = this.#second(hash);
    return this.#free(second, hash) || this.#madeRoom(first, second);
  }

  #madeRoom(first: number, second: number): number {
    const cleared = (way: 'onward' | 'any') =>
      this.#cleared(first, [first, second], way) || this.#cleared(second, [first, second], way);
    return cleared('onward') || cleared('any');
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
    this.#words.copyWithin(to * WORDS + COUNTERS, from * WORDS + COUNTERS, from * WORDS + COUNTED * 2);
    this.#words.copyWithin(to * WORDS + HIGH, from * WORDS + HIGH, from * WORDS + TAG);
    this.#words.fill(0, to * WORDS + COUNTED * 2, to * WORDS + WORDS);
    this.#replace(from, to, this.#at(from * WORDS + TAG));
  }

  /** Puts an entry that is whole but for its tag in the place of another of the same target. For an instant both are there. */
  #replace(from: number, to: number, tag: number): void {
    this.#begin(from, to);
    Atomics.store(this.#words, to * WORDS + TAG, tag);
    this.#retire(from);
    this.#end();
  }

  #add(entry: Readonly<EntryWords>): number {
    const place = this.#write(entry);
    Atomics.store(this.#words, place * WORDS + TAG, entry.tag + 1);
    return place;
  }

  #direct(place: number, { path, send, receive }: Readonly<EntryWords>): void {
    this.#begin(place, place);
    Atomics.store(this.#longWords, place * LONG_WORDS + SENDING, directed(path, send));
    Atomics.store(this.#longWords, place * LONG_WORDS + RECEIVING, directed(path, receive));
    this.#end();
  }

  /** Takes an entry away, and gives its binding what was counted there: by sums that are kept until they are in its counters, as nobody could tell whether something was added. */
  #retire(place: number): void {
    Atomics.store(this.#words, place * WORDS + TAG, FREE);
    const counters = this.#at(place * WORDS + COUNTERS) * COUNTED_WORDS;
    if (this.#at(SUMMED) === 0) {
      for (let i = 0; i < COUNTED_WORDS; i++) {
        const counted = this.#longWords[place * LONG_WORDS + COUNTED + i] as bigint;
        this.#longWords[SUMS + i] = (this.#counterWords[counters + i] as bigint) + counted;
      }
      Atomics.store(this.#words, SUMMED, 1);
    }
    this.#counterWords.set(this.#longWords.subarray(SUMS, SUMS + COUNTED_WORDS), counters);
  }

  /** Notes that the entry of a place changes there, goes into another place, or nowhere. */
  #begin(place: number, into: number): void {
    this.#words[SUMMED] = 0;
    this.#words[INTO] = into;
    Atomics.store(this.#words, CHANGING, place);
  }

  #end(): void {
    Atomics.store(this.#words, CHANGING, NOWHERE);
  }

  /** What a process that was killed had begun. */
  #complete(): void {
    const [place, into] = [this.#at(CHANGING), this.#at(INTO)];
    if (place === NOWHERE) return;
    if (into === place) this.#completeDirections(place);
    else if (into === NOWHERE || this.#at(into * WORDS + TAG) !== FREE) this.#retire(place);
    this.#end();
  }

  /** Which key shall come in through the new path is not known: none does, until a binding says it. */
  #completeDirections(place: number): void {
    const path = this.#at(place * WORDS + PATH);
    if (this.#at(place * WORDS + RECEIVE_PATH) !== path)
      Atomics.store(this.#longWords, place * LONG_WORDS + RECEIVING, directed(path, 0));
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
