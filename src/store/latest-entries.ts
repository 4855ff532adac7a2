import { randomInt } from 'node:crypto';
import { HandleIndex } from '#base/handle-index.ts';
import { type Entry, entryAt, hashOfKey, isSameKey } from './log-format.ts';

const CAPACITY_MINIMUM = 1024;

/**
 * Of each key in some logs, which entry is the latest: a place in the octets of the logs for each, in three blocks of memory. A text for each of a million keys would take
 * more than all the rest of reading a store.
 */
export class LatestEntries {
  readonly #logs: readonly Buffer[];
  /** Keys may be of mobile nodes' choosing; odd. */
  readonly #multiplier = randomInt(2 ** 31) * 2 + 1;
  /** One more than the number of the key. */
  readonly #index = new HandleIndex();
  /** By the number of the key: which log, and where in it. */
  #which = new Uint32Array(CAPACITY_MINIMUM);
  #ats = new Uint32Array(CAPACITY_MINIMUM);
  #size = 0;

  constructor(logs: readonly Buffer[]) {
    this.#logs = logs;
  }

  /** The entry at `at` of a log is later than all before. */
  put(log: number, at: number): void {
    const octets = this.#logs[log] as Buffer;
    const hash = hashOfKey(octets, at, this.#multiplier);
    let number = this.#find(hash, octets, at);
    if (number < 0) {
      number = this.#size++;
      if (number === this.#ats.length) this.#grow();
      this.#index.add(hash, number + 1);
    }
    this.#which[number] = log;
    this.#ats[number] = at;
  }

  /** Whether there is an entry with the key of that one. */
  has(octets: Buffer, at: number): boolean {
    return this.#size > 0 && this.#find(hashOfKey(octets, at, this.#multiplier), octets, at) >= 0;
  }

  /** In the order of their keys' first appearance. */
  *values(): Generator<Entry> {
    for (let number = 0; number < this.#size; number++) yield entryAt(this.#octetsOf(number), this.#at(number));
  }

  #find(hash: number, octets: Buffer, at: number): number {
    let number = this.#index.first(hash) - 1;
    while (number >= 0 && !isSameKey(this.#octetsOf(number), this.#at(number), octets, at))
      number = this.#index.next() - 1;
    return number;
  }

  #octetsOf(number: number): Buffer {
    return this.#logs[this.#which[number] as number] as Buffer;
  }

  #at(number: number): number {
    return this.#ats[number] as number;
  }

  #grow(): void {
    this.#which = grown(this.#which);
    this.#ats = grown(this.#ats);
  }
}

function grown(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}
