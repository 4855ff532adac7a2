import { nextFraction, type Random, SeededRandom } from '#base/random.ts';

/** What happens to a packet on its way, each drawn for itself. */
export interface LinkBehaviour {
  readonly delayMilliseconds: number;
  /** Added to the delay, from 0 to this, evenly. Later packets may then overtake earlier ones. */
  readonly jitterMilliseconds: number;
  readonly lossPercent: number;
  /** These packets are held back so long that later ones overtake them. */
  readonly reorderPercent: number;
}

/** How much longer than the others a reordered packet takes. */
const reorderMilliseconds = 3;
/** What does not fit is lost, as in a router's queue. */
const queueMaximum = 20_000;

interface Waiting {
  readonly due: number;
  readonly order: number;
  readonly packet: Uint8Array;
}

/**
 * One direction of a link in user space: packets go in with `push` and come out of `takeDue` when their time has come. Pure: the
 * caller gives the time (milliseconds), the seed decides the rest.
 */
export class ImpairedDirection {
  readonly counters = { forwarded: 0, lost: 0, reordered: 0, overflowed: 0 };
  readonly #behaviour: LinkBehaviour;
  readonly #random: Random;
  /** A binary heap by `due`, then by `order`. */
  readonly #heap: Waiting[] = [];
  #order = 0;

  constructor(behaviour: LinkBehaviour, seed: number) {
    this.#behaviour = behaviour;
    this.#random = new SeededRandom(seed);
  }

  push(packet: Uint8Array, now: number): void {
    const { delayMilliseconds, jitterMilliseconds, lossPercent, reorderPercent } = this.#behaviour;
    const lost = this.#drawn(lossPercent);
    const reordered = this.#drawn(reorderPercent);
    const jitter = nextFraction(this.#random) * jitterMilliseconds;
    if (lost) this.counters.lost++;
    else if (this.#heap.length === queueMaximum) this.counters.overflowed++;
    else {
      if (reordered) this.counters.reordered++;
      const due = now + delayMilliseconds + jitter + (reordered ? reorderMilliseconds : 0);
      this.#insert({ due, order: this.#order++, packet });
    }
  }

  /** When the next packet is due; `undefined` when none waits. */
  get nextDue(): number | undefined {
    return this.#heap[0]?.due;
  }

  /** The next packet whose time has come. */
  takeDue(now: number): Uint8Array | undefined {
    const next = this.#heap[0];
    if (next === undefined || next.due > now) return undefined;
    const last = this.#heap.pop() as Waiting;
    if (this.#heap.length > 0) this.#sink(last);
    this.counters.forwarded++;
    return next.packet;
  }

  #drawn(percent: number): boolean {
    return nextFraction(this.#random) * 100 < percent;
  }

  #insert(waiting: Waiting): void {
    const heap = this.#heap;
    let at = heap.push(waiting) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && isBefore(waiting, heap[parent] as Waiting); parent = (at - 1) >> 1) {
      heap[at] = heap[parent] as Waiting;
      at = parent;
    }
    heap[at] = waiting;
  }

  /** Puts `waiting` into the free place at the top. */
  #sink(waiting: Waiting): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Waiting, heap[child] as Waiting)) child++;
      if (!isBefore(heap[child] as Waiting, waiting)) break;
      heap[at] = heap[child] as Waiting;
      at = child;
    }
    heap[at] = waiting;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
