import { HandleIndex } from '#base/handle-index.ts';
import { hashOfNumber } from '#base/hash.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { NumberedIds } from '#base/numbered-ids.ts';
import {
  AnchorEntries,
  customerOfWords,
  type EntryWords,
  emptyWords,
  type TargetWords,
  targetOfWords,
  writeTarget,
  writeWay,
} from './anchor-entries.ts';
import type { AnchorForwarding, Path } from './desired.ts';
import { type AnchorEntry, anchorKey, type PathPart } from './part.ts';
import { keysOf, withKeys } from './tunnel-form.ts';

const FIRST_COUNTERS = 1024;
const NONE = -1;
/** In the place of a link: the entry is no binding's, but was left in the tables by an earlier process. */
const LEFT = -2;

/**
 * The bindings of anchors that a data plane holds, by id and by address, without an object for any of them: what `AnchorForwarding` says is put
 * together when somebody asks. Beside them are the entries that an earlier process left, until a binding claims them.
 */
export class AnchorBindings {
  readonly #entries = new AnchorEntries();
  readonly #ids = new NumberedIds();
  /** One more than the counters of each id. */
  readonly #counters = new HandleIndex();
  /** By counters: the number of the id, the path, and the row of the first entry, from which a binding's are linked in its own order. */
  #numbers = new Float64Array(FIRST_COUNTERS).fill(NONE);
  #paths = new Int32Array(FIRST_COUNTERS);
  #firsts = new Int32Array(FIRST_COUNTERS);
  readonly #words = emptyWords();
  #left = 0;
  readonly #pathAt: (index: number) => PathPart | undefined;

  /** `pathAt` has every path that is set. */
  constructor(pathAt: (index: number) => PathPart | undefined) {
    this.#pathAt = pathAt;
  }

  get size(): number {
    return this.#counters.size;
  }

  /** Of all of them together. */
  get entries(): number {
    return this.#entries.size - this.#left;
  }

  /** Entries that are left and not claimed. */
  get left(): number {
    return this.#left;
  }

  /** Of those that are held when it comes to them. */
  *ids(): Iterable<string> {
    for (let counters = 0; counters < this.#numbers.length; counters++) {
      const id = this.#idAt(counters);
      if (id !== undefined) yield id;
    }
  }

  /** The index of its counters, by which the other methods know a binding; `undefined` when it is not held. */
  counters(id: string): number | undefined {
    const number = this.#ids.find(id);
    if (number === undefined) return undefined;
    let handle = this.#counters.first(hashOfNumber(number));
    while (handle !== 0 && this.#numbers[handle - 1] !== number) handle = this.#counters.next();
    return handle === 0 ? undefined : handle - 1;
  }

  /** Sets all of a binding, whose counters are no other's; no other may have one of its addresses. One that it has twice counts once. It claims what is left for them. */
  set({ id, customer, homeAddress, prefixes, paths: [path] }: AnchorForwarding, index: number, counters: number): void {
    const isHeld = (this.#numbers[counters] ?? NONE) !== NONE;
    if (isHeld) this.#removeEntries(counters);
    writeWay(this.#words, path, index, counters);
    let next = NONE;
    for (let i = prefixes.length - 1; i >= 0; i--) next = this.#add(customer, prefixes[i] as Ipv6Prefix, next);
    if (homeAddress) next = this.#add(customer, homeAddress, next);
    if (!isHeld) this.#enter(id, counters);
    this.#paths[counters] = index;
    this.#firsts[counters] = next;
  }

  /** Whether a binding has one of these addresses, or it is left. */
  hasEntryOf({ customer, homeAddress, prefixes }: AnchorForwarding): boolean {
    for (let i = homeAddress ? -1 : 0; i < prefixes.length; i++) {
      writeTarget(this.#words, customer, i < 0 ? (homeAddress as Ipv4Address) : (prefixes[i] as Ipv6Prefix));
      if (this.#entries.find(this.#words) !== NONE) return true;
    }
    return false;
  }

  /** Notes an entry that an earlier process left; `false` when it is there already. */
  adopt(words: Readonly<EntryWords>): boolean {
    if (this.#entries.find(words) !== NONE) return false;
    this.#entries.setLink(this.#entries.add(words), LEFT);
    this.#left++;
    return true;
  }

  /** The entry that is left for an address or prefix, as a part. */
  leftEntry({ customer, target }: Pick<AnchorEntry, 'customer' | 'target'>): AnchorEntry | undefined {
    writeTarget(this.#words, customer, target);
    const row = this.#entries.find(this.#words);
    return row !== NONE && this.#isLeft(row) ? this.entry(row) : undefined;
  }

  /** An entry that was left is no longer there. */
  forgetLeft({ customer, target }: Pick<AnchorEntry, 'customer' | 'target'>): void {
    writeTarget(this.#words, customer, target);
    const row = this.#entries.find(this.#words);
    if (row === NONE || !this.#isLeft(row)) return;
    this.#left--;
    this.#entries.remove(row);
  }

  /** The counters of what was left for a binding, when that is all that it needs, and as it needs it; `undefined` otherwise. */
  leftCounters(
    { customer, homeAddress, prefixes, paths: [path] }: AnchorForwarding,
    index: number,
  ): number | undefined {
    if (this.#left === 0) return undefined;
    const words = this.#words;
    let counters: number | undefined;
    for (let i = homeAddress ? -1 : 0; i < prefixes.length; i++) {
      writeTarget(words, customer, i < 0 ? (homeAddress as Ipv4Address) : (prefixes[i] as Ipv6Prefix));
      const row = this.#entries.find(words);
      if (row === NONE || !this.#isLeft(row)) return undefined;
      counters ??= this.#entries.counters(row);
      writeWay(words, path, index, counters);
      if (!this.#entries.says(row, words)) return undefined;
    }
    return counters;
  }

  #enter(id: string, counters: number): void {
    this.#reserve(counters);
    const number = this.#ids.numberOf(id);
    this.#counters.add(hashOfNumber(number), counters + 1);
    this.#numbers[counters] = number;
  }

  #idAt(counters: number): string | undefined {
    const number = this.#numbers[counters] as number;
    return number === NONE ? undefined : this.#ids.idOf(number);
  }

  #isLeft(row: number): boolean {
    return this.#entries.link(row) === LEFT;
  }

  delete(id: string): void {
    const counters = this.counters(id);
    if (counters === undefined) return;
    this.#removeEntries(counters);
    this.#counters.remove(hashOfNumber(this.#numbers[counters] as number), counters + 1);
    this.#numbers[counters] = NONE;
  }

  /** Whether the binding of these counters is as this says. */
  says({ customer, homeAddress, prefixes, paths: [path] }: AnchorForwarding, index: number, counters: number): boolean {
    const words = this.#words;
    writeWay(words, path, index, counters);
    let row = this.firstRow(counters);
    for (let i = homeAddress ? -1 : 0; i < prefixes.length; i++) {
      if (row === NONE) return false;
      writeTarget(words, customer, i < 0 ? (homeAddress as Ipv4Address) : (prefixes[i] as Ipv6Prefix));
      if (this.#entries.find(words) !== row || !this.#entries.says(row, words)) return false;
      row = this.#entries.link(row);
    }
    return row === NONE && this.#paths[counters] === index;
  }

  forwarding(counters: number): AnchorForwarding {
    const { customer, path } = this.path(counters);
    let homeAddress: Ipv4Address | undefined;
    let keyed: Path | undefined;
    const prefixes: Ipv6Prefix[] = [];
    for (let row = this.firstRow(counters); row !== NONE; row = this.#entries.link(row)) {
      const target = targetOfWords(this.wordsAt(row));
      if (target instanceof Ipv6Prefix) prefixes.push(target);
      else homeAddress = target;
      keyed ??= withKeys(path, keysOfWords(this.#words));
    }
    return {
      kind: 'anchor',
      id: this.#idAt(counters) as string,
      customer,
      ...(homeAddress && { homeAddress }),
      prefixes,
      paths: [keyed ?? path],
    };
  }

  path(counters: number): PathPart {
    return this.#pathAt(this.#paths[counters] as number) as PathPart;
  }

  /** The binding that has this address or prefix. */
  idOf({ customer, target }: Pick<AnchorEntry, 'customer' | 'target'>): string | undefined {
    writeTarget(this.#words, customer, target);
    const row = this.find(this.#words);
    return row === NONE ? undefined : this.#idAt(this.#entries.counters(row));
  }

  /** The row of an entry; -1 when no binding has it. */
  find(target: TargetWords): number {
    const row = this.#entries.find(target);
    return row === NONE || this.#isLeft(row) ? NONE : row;
  }

  /** The row of the first entry of a binding, and that of the one behind another; -1 when there is none. */
  firstRow(counters: number): number {
    return this.#firsts[counters] as number;
  }

  nextRow(row: number): number {
    return this.#entries.link(row);
  }

  /** What an entry says, until the next is asked for. */
  wordsAt(row: number): Readonly<EntryWords> {
    this.#entries.read(row, this.#words);
    return this.#words;
  }

  /** Whether an entry directs packets as these words do. */
  agrees(row: number, words: EntryWords): boolean {
    return this.#entries.says(row, words);
  }

  /** Those of bindings. */
  *rows(): Iterable<number> {
    for (const row of this.#entries.rows()) if (!this.#isLeft(row)) yield row;
  }

  entry(row: number): AnchorEntry {
    return entryOfWords(this.wordsAt(row), this.#pathAt);
  }

  #add(customer: number, target: Ipv4Address | Ipv6Prefix, next: number): number {
    writeTarget(this.#words, customer, target);
    let row = this.#entries.find(this.#words);
    if (row === NONE) row = this.#entries.add(this.#words);
    else if (!this.#isLeft(row)) return next;
    else {
      this.#left--;
      this.#entries.direct(row, this.#words);
    }
    this.#entries.setLink(row, next);
    return row;
  }

  #removeEntries(counters: number): void {
    for (let row = this.firstRow(counters); row !== NONE; ) {
      const next = this.#entries.link(row);
      this.#entries.remove(row);
      row = next;
    }
    this.#firsts[counters] = NONE;
  }

  #reserve(counters: number): void {
    const former = this.#numbers;
    if (counters < former.length) return;
    this.#numbers = new Float64Array(Math.max(counters + 1, 2 * former.length)).fill(NONE, former.length);
    this.#numbers.set(former);
    this.#paths = larger(this.#paths, counters + 1);
    this.#firsts = larger(this.#firsts, counters + 1);
  }
}

/** As a part; whether it has keys the path says. */
export function entryOfWords(words: EntryWords, pathAt: (index: number) => PathPart | undefined): AnchorEntry {
  const { path, counters } = words;
  const [customer, target] = [customerOfWords(words), targetOfWords(words)];
  const part = pathAt(path);
  const keys = part && keysOf(part.path.encapsulation) ? keysOfWords(words) : undefined;
  return { kind: 'anchor-entry', key: anchorKey(customer, target), customer, target, path, keys, counters };
}

function keysOfWords({ send, receive }: EntryWords): { send: number; receive: number } {
  return { send: send >>> 0, receive: receive >>> 0 };
}

function larger(words: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(Math.max(least, words.length * 2));
  grown.set(words);
  return grown;
}
