import { monotonicMilliseconds } from '#host/clock.ts';
import { runInTurn, runWithoutDelay, threadTime } from '#host/scheduling.ts';

const WINDOW_MS = 100;
/** Of the time of one processor. */
const SHARE_MAXIMUM = 0.5;

/** What a thread can find out about itself and ask for. */
export interface Scheduling {
  readonly now: () => number;
  /** Microseconds of processor time. */
  readonly used: () => number;
  readonly runWithoutDelay: () => boolean;
  readonly runInTurn: () => boolean;
}

const ownThread: Scheduling = { now: monotonicMilliseconds, used: threadTime, runWithoutDelay, runInTurn };

/**
 * Real-time scheduling for a thread that sleeps most of the time. A handover waits for the packet worker alone; among ordinary threads, on a
 * busy machine, it came to run up to 20 ms late. But while it uses more than half of a processor, as in a flood of packets, it takes
 * its turn like any other thread, so that the machine can still be operated, whatever the kernel's limit for real-time threads is.
 */
export class RealTime {
  readonly #scheduling: Scheduling;
  #windowStart: number;
  #usedBefore: number;
  #isAhead: boolean;

  /** `undefined` when the process may not: everything else works without. */
  static begin(scheduling: Scheduling = ownThread): RealTime | undefined {
    return scheduling.runWithoutDelay() ? new RealTime(scheduling) : undefined;
  }

  private constructor(scheduling: Scheduling) {
    this.#scheduling = scheduling;
    this.#windowStart = scheduling.now();
    this.#usedBefore = scheduling.used();
    this.#isAhead = true;
  }

  /** To be called now and then, after a bounded amount of work. */
  review(): void {
    const { now, used, runWithoutDelay: goAhead, runInTurn: fallIn } = this.#scheduling;
    const at = now();
    const elapsed = at - this.#windowStart;
    if (elapsed < WINDOW_MS) return;
    const usedNow = used();
    const mayBeAhead = (usedNow - this.#usedBefore) / 1000 <= elapsed * SHARE_MAXIMUM;
    this.#windowStart = at;
    this.#usedBefore = usedNow;
    if (mayBeAhead === this.#isAhead) return;
    if (mayBeAhead ? goAhead() : fallIn()) this.#isAhead = mayBeAhead;
  }
}
