import type { ClockReading, Duration } from '#base/time.ts';
import { milliseconds, utcTime } from '#base/time.ts';
import type { Scheduler } from './scheduler.ts';

/** The clocks of one node: the monotonic one is everybody's, the wall clock may be set wrong. */
export class NodeClock {
  readonly #scheduler: Scheduler;
  #ahead = milliseconds(0);
  #wasWrong = false;
  /** How often it was set. */
  changes = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Of the true time; negative when it is behind. */
  get ahead(): Duration {
    return this.#ahead;
  }

  read(): ClockReading {
    const { instant, utc } = this.#scheduler.clock();
    return { instant, utc: utcTime(utc + this.#ahead) };
  }

  /** Now, or at any time before. */
  get wasWrong(): boolean {
    return this.#wasWrong;
  }

  /** Sets the wall clock to something else, as an operator or NTP does in one step. */
  set(ahead: Duration): void {
    if (ahead !== this.#ahead) this.changes++;
    this.#ahead = ahead;
    if (ahead !== 0) this.#wasWrong = true;
  }
}
