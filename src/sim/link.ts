import type { Random } from '#base/random.ts';
import { nextFraction } from '#base/random.ts';
import type { Duration, Instant } from '#base/time.ts';
import { after, elapsed, milliseconds } from '#base/time.ts';
import type { Scheduler } from './scheduler.ts';

/** What a link does to what it carries; probabilities from 0 to 1. */
export interface LinkFaults {
  readonly delay: Duration;
  /** Added to the delay, anything up to this. */
  readonly jitter: Duration;
  readonly loss: number;
  readonly duplication: number;
  /** How much may overtake what was sent before it. */
  readonly reordering: number;
}

export const PERFECT_LINK: LinkFaults = {
  delay: milliseconds(0),
  jitter: milliseconds(0),
  loss: 0,
  duplication: 0,
  reordering: 0,
};

export interface LinkStats {
  carried: number;
  lost: number;
  duplicated: number;
  /** Arrived before something that was sent earlier. */
  overtaken: number;
}

/** One direction of a link. */
export class SimLink {
  faults: LinkFaults;
  /** True: nothing passes. */
  partitioned = false;
  readonly stats: LinkStats = { carried: 0, lost: 0, duplicated: 0, overtaken: 0 };
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #lastArrival: Instant | undefined;

  constructor(scheduler: Scheduler, random: Random, faults: LinkFaults = PERFECT_LINK) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.faults = faults;
  }

  carry(deliver: () => void): void {
    if (this.partitioned || this.#happens(this.faults.loss)) {
      this.stats.lost++;
      return;
    }
    this.#send(deliver);
    if (!this.#happens(this.faults.duplication)) return;
    this.stats.duplicated++;
    this.#send(deliver);
  }

  #send(deliver: () => void): void {
    this.stats.carried++;
    const { delay, jitter, reordering } = this.faults;
    const { now } = this.#scheduler;
    let arrival = after(now, milliseconds(delay + jitter * nextFraction(this.#random)));
    if (this.#lastArrival !== undefined && arrival < this.#lastArrival) {
      if (this.#happens(reordering)) this.stats.overtaken++;
      else arrival = this.#lastArrival;
    }
    if (this.#lastArrival === undefined || arrival > this.#lastArrival) this.#lastArrival = arrival;
    this.#scheduler.schedule(elapsed(now, arrival), deliver);
  }

  /** Draws only for what can happen at all, so that a perfect link takes nothing from the sequence. */
  #happens(probability: number): boolean {
    return probability > 0 && nextFraction(this.#random) < probability;
  }
}
