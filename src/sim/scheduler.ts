import type { ClockReading, Duration, Instant } from '#base/time.ts';
import { after, instant, utcTime } from '#base/time.ts';
import { TimerQueue } from '#base/timer-queue.ts';

/** 2026-01-15T12:00:00Z: where the wall clock of every simulation starts. */
const START_UTC = 1_768_478_400_000;
/** Chooses: not 0, so that forgetting to set an instant shows. */
const START = instant(1000);

/** More steps than this at one instant mean that messages chase each other without end. */
const STEPS_AT_ONE_INSTANT_MAXIMUM = 20_000;

/** What hosts need of time. */
export type Timers = Pick<Scheduler, 'now' | 'schedule'>;

/** Virtual time: nothing passes but what is scheduled, in the order of its instant and then of its scheduling. */
export class Scheduler {
  readonly #queue = new TimerQueue<() => void>();
  #now = START;
  #steps = 0;
  #stepsAtThisInstant = 0;
  /** Called after every step. */
  onStep: () => void = () => {};

  get now(): Instant {
    return this.#now;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Virtual milliseconds since the start. */
  get elapsedMs(): number {
    return this.#now - START;
  }

  clock(): ClockReading {
    return { instant: this.#now, utc: utcTime(START_UTC + this.elapsedMs) };
  }

  /** Returns what undoes it. */
  schedule(delay: Duration, action: () => void): () => void {
    const timer = this.#queue.set(this.#now, delay, action);
    return () => this.#queue.cancel(timer);
  }

  /** Lets `duration` pass. */
  run(duration: Duration): void {
    const until = after(this.#now, duration);
    for (let next = this.#queue.next(); next !== undefined && next <= until; next = this.#queue.next()) {
      this.#advance(next);
      for (const action of this.#queue.expire(this.#now)) this.#step(action);
    }
    this.#now = until;
  }

  /** Lets time pass until `done`, at most `limit`; true when it was done. */
  runUntil(done: () => boolean, limit: Duration): boolean {
    const until = after(this.#now, limit);
    while (!done()) {
      const next = this.#queue.next();
      if (next === undefined || next > until) return false;
      this.#advance(next);
      for (const action of this.#queue.expire(this.#now)) this.#step(action);
    }
    return true;
  }

  #advance(next: Instant): void {
    if (next > this.#now) this.#stepsAtThisInstant = 0;
    if (next > this.#now) this.#now = next;
  }

  #step(action: () => void): void {
    this.#steps++;
    if (++this.#stepsAtThisInstant > STEPS_AT_ONE_INSTANT_MAXIMUM) {
      throw new SimulationFault('livelock', `more than ${STEPS_AT_ONE_INSTANT_MAXIMUM} steps without time passing`);
    }
    action();
    this.onStep();
  }
}

/** A property that must always hold, and did not. */
export class SimulationFault extends Error {
  override readonly name = 'SimulationFault';
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`);
    this.invariant = invariant;
  }
}
