import { HandleIndex } from './handle-index.ts';
import { hashOfNumber } from './hash.ts';
import type { Duration, Instant } from './time.ts';
import { after } from './time.ts';

const CAPACITY_MINIMUM = 64;

/**
 * At most one timer for each of many whole numbers, in a few blocks of memory: the binary heap of `TimerQueue` without an object for each timer. Nothing
 * here reads a clock; the owner asks `next()` when to call `expire()`.
 */
export class KeyedTimers {
  /** One more than the slot of each key's timer. */
  readonly #slots = new HandleIndex();
  /** By slot: the key, when it is due, as how many'th it was set, and where in the heap it is. */
  #keys = new Float64Array(CAPACITY_MINIMUM);
  #due = new Float64Array(CAPACITY_MINIMUM);
  #orders = new Float64Array(CAPACITY_MINIMUM);
  #places = new Int32Array(CAPACITY_MINIMUM);
  /** Slots; those behind the heap are free. */
  #heap = Int32Array.from({ length: CAPACITY_MINIMUM }, (_, slot) => slot);
  #size = 0;
  #set = 0;

  /** How many timers are set. */
  get size(): number {
    return this.#size;
  }

  /** Sets or moves the timer of a key. */
  set(key: number, now: Instant, delay: Duration): void {
    const known = this.#slotOf(key);
    const slot = known < 0 ? this.#take(key) : known;
    this.#due[slot] = after(now, delay);
    this.#orders[slot] = this.#set++;
    this.#settle(slot, this.#places[slot] as number);
  }

  cancel(key: number): void {
    const slot = this.#slotOf(key);
    if (slot >= 0) this.#remove(slot);
  }

  /** When the earliest timer is due; `undefined` when none is set. */
  next(): Instant | undefined {
    return this.#size === 0 ? undefined : (this.#due[this.#heap[0] as number] as Instant);
  }

  /** Takes out the timers that are due, earliest first; those of one instant in the order in which they were set. Returns their keys. */
  expire(now: Instant): readonly number[] {
    const due: number[] = [];
    for (let at = this.next(); at !== undefined && at <= now; at = this.next()) {
      const slot = this.#heap[0] as number;
      due.push(this.#keys[slot] as number);
      this.#remove(slot);
    }
    return due;
  }

  /** A slot at the end of the heap. */
  #take(key: number): number {
    if (this.#size === this.#heap.length) this.#grow();
    const slot = this.#heap[this.#size] as number;
    this.#places[slot] = this.#size++;
    this.#keys[slot] = key;
    this.#slots.add(hashOfNumber(key), slot + 1);
    return slot;
  }

  /** -1 when it has no timer. */
  #slotOf(key: number): number {
    let handle = this.#slots.first(hashOfNumber(key));
    while (handle !== 0 && this.#keys[handle - 1] !== key) handle = this.#slots.next();
    return handle - 1;
  }

  #remove(slot: number): void {
    this.#slots.remove(hashOfNumber(this.#keys[slot] as number), slot + 1);
    const place = this.#places[slot] as number;
    const last = this.#heap[--this.#size] as number;
    this.#heap[this.#size] = slot;
    if (last !== slot) this.#settle(last, place);
  }

  /** Puts a slot where it belongs, from a place that is free for it. */
  #settle(slot: number, from: number): void {
    let place = from;
    for (let parent = (place - 1) >> 1; place > 0; parent = (place - 1) >> 1) {
      const above = this.#heap[parent] as number;
      if (!this.#isBefore(slot, above)) break;
      this.#put(above, place);
      place = parent;
    }
    for (let child = this.#earlierChild(place); child >= 0; child = this.#earlierChild(place)) {
      const below = this.#heap[child] as number;
      if (!this.#isBefore(below, slot)) break;
      this.#put(below, place);
      place = child;
    }
    this.#put(slot, place);
  }

  /** Its place; -1 when there is none. */
  #earlierChild(place: number): number {
    const left = 2 * place + 1;
    if (left >= this.#size) return -1;
    const right = left + 1;
    return right < this.#size && this.#isBefore(this.#heap[right] as number, this.#heap[left] as number) ? right : left;
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot;
    this.#places[slot] = place;
  }

  #isBefore(a: number, b: number): boolean {
    const dueA = this.#due[a] as number;
    const dueB = this.#due[b] as number;
    return dueA < dueB || (dueA === dueB && (this.#orders[a] as number) < (this.#orders[b] as number));
  }

  #grow(): void {
    const former = this.#heap.length;
    this.#keys = grown(this.#keys, Float64Array);
    this.#due = grown(this.#due, Float64Array);
    this.#orders = grown(this.#orders, Float64Array);
    this.#places = grown(this.#places, Int32Array);
    this.#heap = grown(this.#heap, Int32Array);
    for (let slot = former; slot < this.#heap.length; slot++) this.#heap[slot] = slot;
  }
}

function grown<Kind extends Float64Array | Int32Array>(former: Kind, type: new (length: number) => Kind): Kind {
  const larger = new type(2 * former.length);
  larger.set(former);
  return larger;
}
