import { KeyedTimers } from '#base/keyed-timers.ts';
import { NumberedIds } from '#base/numbered-ids.ts';
import type { Duration, Instant } from '#base/time.ts';

/** One timer for each binding: the end of its lifetime, or of its wait before deletion. */
export class LmaTimers {
  readonly #ids = new NumberedIds();
  readonly #timers = new KeyedTimers();

  /** Sets or moves the timer of a binding. */
  set(bindingId: string, now: Instant, delay: Duration): void {
    this.#timers.set(this.#ids.numberOf(bindingId), now, delay);
  }

  cancel(bindingId: string): void {
    const number = this.#ids.find(bindingId);
    if (number !== undefined) this.#timers.cancel(number);
  }

  next(): Instant | undefined {
    return this.#timers.next();
  }

  /** Identifiers of bindings whose time is over, earliest first. */
  expire(now: Instant): readonly string[] {
    const at = this.next();
    return at === undefined || at > now ? NONE : this.#timers.expire(now).map((number) => this.#ids.idOf(number));
  }
}

const NONE: readonly string[] = [];
