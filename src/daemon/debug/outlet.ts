import type { ClockReading, Instant } from '#base/time.ts';

/** One line for whoever watches; plain JSON. */
export interface DebugLine {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly text: string;
}

export interface DebugBatch {
  readonly lines: readonly DebugLine[];
  /** Messages that were not told since the last batch. */
  readonly dropped: number;
}

/** More than anybody can read, and little enough that a flood costs the packet worker some percent at most. */
const LINES_PER_SECOND = 1000;
const BURST = 2000;
/** Room comes back in portions: then there is none most of the time in a flood, and nothing needs to be told of. */
const PORTION_MS = 100;
/** Lines that wait for the main thread. */
const HELD_MAXIMUM = 4000;

/** What the packet worker has to tell: so many lines a second. What is beyond is counted before it costs anything. */
export class DebugOutlet {
  #lines: DebugLine[] = [];
  #dropped = 0;
  #tokens = BURST;
  #filledAt: Instant | undefined;

  /** Time has passed, and with it there may be room again. */
  refill({ instant }: ClockReading): void {
    const since = this.#filledAt === undefined ? PORTION_MS : instant - this.#filledAt;
    if (since < PORTION_MS) return;
    this.#filledAt = instant;
    this.#tokens = Math.min(BURST, this.#tokens + (since * LINES_PER_SECOND) / 1000);
  }

  get hasRoom(): boolean {
    return this.#tokens >= 1 && this.#lines.length < HELD_MAXIMUM;
  }

  /** Whether there is room for a message now; one for which there is none counts as dropped. */
  admits(): boolean {
    if (this.hasRoom) return true;
    this.#dropped++;
    return false;
  }

  /** The lines of a message that was admitted. */
  write({ utc }: ClockReading, texts: readonly string[]): void {
    this.#tokens -= texts.length;
    for (const text of texts) this.#lines.push({ at: utc, text });
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0 && this.#dropped === 0;
  }

  take(): DebugBatch {
    const batch = { lines: this.#lines, dropped: this.#dropped };
    this.#lines = [];
    this.#dropped = 0;
    return batch;
  }
}
