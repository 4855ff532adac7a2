import type { Duration, Instant } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import { TimerQueue } from '#base/timer-queue.ts';

/** One timer for each binding: the end of its lifetime, or of its wait before deletion. */
export class LmaTimers {
  readonly #queue = new TimerQueue<string>();
  readonly #timers = new Map<string, Timer<string>>();

  /** Sets or moves the timer of a binding. */
  set(bindingId: string, now: Instant, delay: Duration): void {
    this.#queue.cancel(this.#timers.get(bindingId));
    this.#timers.set(bindingId, this.#queue.set(now, delay, bindingId));
  }

  cancel(bindingId: string): void {
    this.#queue.cancel(this.#timers.get(bindingId));
    this.#timers.delete(bindingId);
  }

  next(): Instant | undefined {
    return this.#queue.next();
  }

  /** Identifiers of bindings whose time is over, earliest first. */
  expire(now: Instant): readonly string[] {
    const due = this.#queue.expire(now);
    for (const id of due) this.#timers.delete(id);
    return due;
  }
}
