import { nextFraction, type Random } from '#base/random.ts';
import { after, type Duration, type Instant, milliseconds } from '#base/time.ts';

const NONE: readonly never[] = [];

export interface Pace {
  /** How many are due at once. */
  readonly batch: number;
  /** Between two batches, on average: each gap is between half of it and one and a half. */
  readonly gap: Duration;
}

/**
 * Work on many sessions that must neither hold up other work nor reach a peer as one burst. A key waits only once, with the value that was
 * added last, so that the queue is no longer than the list of sessions that its keys are from.
 */
export class PacedQueue<Key, Value> {
  readonly #waiting = new Map<Key, Value>();
  readonly #pace: Pace;
  readonly #random: Random;
  #dueAt: Instant | undefined;

  constructor(pace: Pace, random: Random) {
    this.#pace = pace;
    this.#random = random;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The first batch is due after a gap, so that nodes which hear of the same event at the same time do not act at the same time. */
  add(key: Key, value: Value, now: Instant): void {
    this.#waiting.set(key, value);
    this.#dueAt ??= this.#later(now);
  }

  next(): Instant | undefined {
    return this.#dueAt;
  }

  /** Takes out the batch that is due. */
  take(now: Instant): readonly [Key, Value][] {
    if (this.#dueAt === undefined || this.#dueAt > now) return NONE;
    const batch: [Key, Value][] = [];
    for (const entry of this.#waiting) {
      if (batch.length >= this.#pace.batch) break;
      batch.push(entry);
    }
    for (const [key] of batch) this.#waiting.delete(key);
    this.#dueAt = this.#waiting.size > 0 ? this.#later(now) : undefined;
    return batch;
  }

  #later(now: Instant): Instant {
    return after(now, milliseconds(this.#pace.gap * (0.5 + nextFraction(this.#random))));
  }
}
