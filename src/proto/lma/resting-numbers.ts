import { HandleIndex } from '#base/handle-index.ts';
import { farOf, hashOfText, mixed, near } from '#base/hash.ts';
import { doubleAt, octetAt, RecordHeap, wordAt } from '#base/record-heap.ts';
import type { Instant } from '#base/time.ts';

/** A block begins with these, in the order of the processor; behind them come the characters of the owner, two octets each. */
const Double = { NUMBER: 0, UNTIL: 1 } as const;
const Word = { BEFORE: 4, BEHIND: 5, OWNER_HASH: 6, OWNER_LENGTH: 7, COUNT: 8 } as const;
const HEAD_OCTETS = 4 * Word.COUNT;
const NONE = 0;

/**
 * Numbers that were given back, in the order in which they were, each with its last owner and the end of its quarantine, as octets: who comes for the first time is looked for among
 * very many with one look into memory, and the collector of garbage has nothing to do with those who left.
 */
export class RestingNumbers {
  readonly #multiplier: number;
  readonly #heap = new RecordHeap();
  readonly #byNumber = new HandleIndex();
  /** Of what one owner gave back, the latest alone. */
  readonly #byOwner = new HandleIndex();
  #first = NONE;
  #last = NONE;

  /** `multiplier`: odd, of the hashes; owners are named by mobile nodes, who must not know it. */
  constructor(multiplier: number) {
    this.#multiplier = multiplier;
  }

  get size(): number {
    return this.#byNumber.size;
  }

  has(number: number): boolean {
    return this.#find(number) !== NONE;
  }

  /** What its owner gave back last; `undefined` when that does not rest. */
  lastOf(owner: string): number | undefined {
    const handle = this.#findLastOf(owner, hashOfText(owner, this.#multiplier));
    return handle === NONE ? undefined : this.#double(handle, Double.NUMBER);
  }

  /** The one that was given back first; `undefined` when it is in quarantine, or none rests. */
  longest(now: Instant): number | undefined {
    if (this.#first === NONE || this.#double(this.#first, Double.UNTIL) > now) return undefined;
    return this.#double(this.#first, Double.NUMBER);
  }

  /** Whether a number is in quarantine after another owner. */
  isKeptFrom(owner: string, number: number, now: Instant): boolean {
    const handle = this.#find(number);
    return handle !== NONE && this.#double(handle, Double.UNTIL) > now && !this.#isOf(handle, owner);
  }

  /** Comes last; it must not rest yet. */
  add(number: number, owner: string, until: Instant): void {
    const hash = hashOfText(owner, this.#multiplier);
    const earlier = this.#findLastOf(owner, hash);
    if (earlier !== NONE) this.#byOwner.remove(hash, earlier);
    const handle = this.#heap.take(octetsFor(owner.length));
    const { words, doubles, octets } = this.#heap.page(handle);
    const at = wordAt(handle);
    doubles[doubleAt(handle) + Double.NUMBER] = number;
    doubles[doubleAt(handle) + Double.UNTIL] = until;
    words[at + Word.BEFORE] = this.#last;
    words[at + Word.BEHIND] = NONE;
    words[at + Word.OWNER_HASH] = hash;
    words[at + Word.OWNER_LENGTH] = owner.length;
    for (let i = 0, to = ownerAt(handle); i < owner.length; i++, to += 2) {
      const code = owner.charCodeAt(i);
      octets[to] = code >>> 8;
      octets[to + 1] = code;
    }
    if (this.#last === NONE) this.#first = handle;
    else this.#setWord(this.#last, Word.BEHIND, handle);
    this.#last = handle;
    this.#byNumber.add(this.#hashOf(number), handle);
    this.#byOwner.add(hash, handle);
  }

  /** Returns whether it rested. */
  delete(number: number): boolean {
    const handle = this.#find(number);
    if (handle === NONE) return false;
    const [before, behind] = [this.#word(handle, Word.BEFORE), this.#word(handle, Word.BEHIND)];
    if (before === NONE) this.#first = behind;
    else this.#setWord(before, Word.BEHIND, behind);
    if (behind === NONE) this.#last = before;
    else this.#setWord(behind, Word.BEFORE, before);
    this.#byNumber.remove(this.#hashOf(number), handle);
    this.#byOwner.remove(this.#word(handle, Word.OWNER_HASH), handle);
    this.#heap.give(handle, octetsFor(this.#word(handle, Word.OWNER_LENGTH)));
    return true;
  }

  #find(number: number): number {
    let handle = this.#byNumber.first(this.#hashOf(number));
    while (handle !== NONE && this.#double(handle, Double.NUMBER) !== number) handle = this.#byNumber.next();
    return handle;
  }

  #findLastOf(owner: string, hash: number): number {
    let handle = this.#byOwner.first(hash);
    while (handle !== NONE && !this.#isOf(handle, owner)) handle = this.#byOwner.next();
    return handle;
  }

  #isOf(handle: number, owner: string): boolean {
    if (this.#word(handle, Word.OWNER_LENGTH) !== owner.length) return false;
    const { octets } = this.#heap.page(handle);
    for (let i = 0, at = ownerAt(handle); i < owner.length; i++, at += 2)
      if ((((octets[at] as number) << 8) | (octets[at + 1] as number)) !== owner.charCodeAt(i)) return false;
    return true;
  }

  /** Of those that follow each other, next to each other. */
  #hashOf(number: number): number {
    return near(number, mixed(Math.imul(farOf(number), this.#multiplier)));
  }

  #double(handle: number, double: number): number {
    return this.#heap.page(handle).doubles[doubleAt(handle) + double] as number;
  }

  #word(handle: number, word: number): number {
    return this.#heap.page(handle).words[wordAt(handle) + word] as number;
  }

  #setWord(handle: number, word: number, value: number): void {
    this.#heap.page(handle).words[wordAt(handle) + word] = value;
  }
}

function ownerAt(handle: number): number {
  return octetAt(handle) + HEAD_OCTETS;
}

function octetsFor(ownerLength: number): number {
  return HEAD_OCTETS + 2 * ownerLength;
}
