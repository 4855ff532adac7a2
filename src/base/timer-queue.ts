import { after, type Duration, type Instant } from './time.ts';

/** A timer that was set; `cancelled` once it was cancelled or has fired. */
export interface Timer<T> {
  readonly at: Instant;
  readonly value: T;
  readonly cancelled: boolean;
}

const NONE: readonly never[] = [];

/**
 * The timers of one machine. Nothing here reads a clock; the owner asks `next()` when to call `expire()`.
 *
 * Chooses: a binary heap whose timers know their place, not a timer wheel. A refreshed binding cancels the timer that is due first
 * and sets one that is due last, so what must stay cheap among a million timers is the exact `next()` after such a cancel, and a
 * cancelled timer must leave nothing behind.
 */
export class TimerQueue<T> {
  readonly #heap: Entry<T>[] = [];
  #set = 0;

  /** How many timers are set. */
  get size(): number {
    return this.#heap.length;
  }

  set(now: Instant, delay: Duration, value: T): Timer<T> {
    const entry = new Entry(after(now, delay), value, this.#set++);
    this.#rise(entry, this.#heap.length);
    return entry;
  }

  cancel(timer: Timer<T> | undefined): void {
    const entry = timer as Entry<T> | undefined;
    if (entry === undefined || entry.cancelled || this.#heap[entry.place] !== entry) return;
    this.#remove(entry);
  }

  /** When the earliest timer is due; `undefined` when none is set. */
  next(): Instant | undefined {
    return this.#heap[0]?.at;
  }

  /** Takes out the timers that are due, `most` of them, earliest first; those of one instant in the order in which they were set. */
  expire(now: Instant, most = Number.POSITIVE_INFINITY): readonly T[] {
    const at = this.next();
    if (at === undefined || at > now) return NONE;
    const due: T[] = [];
    for (
      let first = this.#heap[0];
      first !== undefined && first.at <= now && due.length < most;
      first = this.#heap[0]
    ) {
      this.#remove(first);
      due.push(first.value);
    }
    return due;
  }

  #remove(entry: Entry<T>): void {
    const place = entry.place;
    const last = this.#heap.pop() as Entry<T>;
    if (last !== entry) {
      if (place > 0 && isBefore(last, this.#heap[(place - 1) >> 1] as Entry<T>)) this.#rise(last, place);
      else this.#sink(last, place);
    }
    entry.place = -1;
  }

  /** Puts an entry at a free place or nearer to the root. */
  #rise(entry: Entry<T>, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = this.#heap[(place - 1) >> 1] as Entry<T>;
      if (!isBefore(entry, parent)) break;
      this.#put(parent, place);
      place = (place - 1) >> 1;
    }
    this.#put(entry, place);
  }

  /** Puts an entry at a free place or further from the root. */
  #sink(entry: Entry<T>, from: number): void {
    let place = from;
    for (let child = this.#earlierChild(place); child && isBefore(child, entry); child = this.#earlierChild(place)) {
      const freed = child.place;
      this.#put(child, place);
      place = freed;
    }
    this.#put(entry, place);
  }

  #earlierChild(place: number): Entry<T> | undefined {
    const left = this.#heap[2 * place + 1];
    const right = this.#heap[2 * place + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
  }

  #put(entry: Entry<T>, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }
}

class Entry<T> implements Timer<T> {
  readonly at: Instant;
  readonly value: T;
  /** Counts the timers of the queue as they were set. */
  readonly order: number;
  /** Index in the heap; -1 once out of it. */
  place = 0;

  constructor(at: Instant, value: T, order: number) {
    this.at = at;
    this.value = value;
    this.order = order;
  }

  get cancelled(): boolean {
    return this.place < 0;
  }
}

function isBefore(a: Entry<unknown>, b: Entry<unknown>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
