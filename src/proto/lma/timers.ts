import type { Duration, Instant } from '#base/time.ts';
import { seconds } from '#base/time.ts';
import type { Timer } from '#base/timer-wheel.ts';
import { TimerWheel } from '#base/timer-wheel.ts';

/** Lifetimes last up to an hour and more; slots of a second spread a million of them over an hour-long wheel. */
const SLOT_WIDTH = seconds(1);

/** One timer for each binding: the end of its lifetime, or of its wait before deletion. */
export class LmaTimers {
  readonly #wheel = new TimerWheel<string>(SLOT_WIDTH);
  readonly #timers = new Map<string, Timer<string>>();

  /** Sets or moves the timer of a binding. */
  set(bindingId: string, now: Instant, delay: Duration): void {
    this.cancel(bindingId);
    this.#timers.set(bindingId, this.#wheel.set(now, delay, bindingId));
  }

  cancel(bindingId: string): void {
    this.#wheel.cancel(this.#timers.get(bindingId));
    this.#timers.delete(bindingId);
  }

  next(): Instant | undefined {
    return this.#wheel.next();
  }

  /** Identifiers of bindings whose time is over, earliest first. */
  expire(now: Instant): string[] {
    const due = this.#wheel.expire(now);
    for (const id of due) this.#timers.delete(id);
    return due;
  }
}
