import type { Duration, Instant } from './time.ts';
import { after } from './time.ts';

/** A timer that was set; `cancelled` once it was cancelled or has fired. */
export interface Timer<T> {
  readonly at: Instant;
  readonly value: T;
  cancelled: boolean;
}

const SLOT_COUNT = 4096;

/**
 * Timers of one machine in a hashed wheel: setting and cancelling cost the same however many there are.
 * Nothing here reads a clock; the owner asks `next()` when to call `expire()`.
 */
export class TimerWheel<T> {
  readonly #slots: Timer<T>[][] = Array.from({ length: SLOT_COUNT }, () => []);
  readonly #slotWidthMs: number;
  #position: number | undefined;
  #size = 0;
  #soonest: Instant | undefined;
  #soonestIsExact = true;

  /** `slotWidth` is the span of one slot; timers within it fire in order of their instant. */
  constructor(slotWidth: Duration) {
    this.#slotWidthMs = slotWidth;
  }

  /** How many timers are set. */
  get size(): number {
    return this.#size;
  }

  set(now: Instant, delay: Duration, value: T): Timer<T> {
    const at = after(now, delay);
    const timer: Timer<T> = { at, value, cancelled: false };
    this.#position ??= this.#tick(now);
    this.#slot(Math.max(this.#tick(at), this.#position)).push(timer);
    this.#size++;
    if (this.#soonest === undefined || at < this.#soonest) {
      this.#soonest = at;
      if (this.#size === 1) this.#soonestIsExact = true;
    }
    return timer;
  }

  cancel(timer: Timer<T> | undefined): void {
    if (!timer || timer.cancelled) return;
    timer.cancelled = true;
    this.#size--;
    if (this.#size === 0) this.#soonest = undefined;
    else if (timer.at === this.#soonest) this.#soonestIsExact = false;
  }

  /** When the earliest timer is due; `undefined` when none is set. */
  next(): Instant | undefined {
    if (!this.#soonestIsExact) this.#findSoonest();
    return this.#soonest;
  }

  /** Takes out every timer that is due, earliest first. */
  expire(now: Instant): T[] {
    const soonest = this.next();
    if (soonest === undefined || soonest > now) return [];
    const due: Timer<T>[] = [];
    const from = this.#position ?? this.#tick(now);
    const to = this.#tick(now);
    for (let tick = from; tick <= Math.min(to, from + SLOT_COUNT - 1); tick++) this.#drain(this.#slot(tick), now, due);
    this.#position = to;
    this.#size -= due.length;
    this.#soonest = this.#size === 0 ? undefined : now;
    this.#soonestIsExact = this.#size === 0;
    due.sort((a, b) => a.at - b.at);
    return due.map((timer) => timer.value);
  }

  #drain(slot: Timer<T>[], now: Instant, due: Timer<T>[]): void {
    let kept = 0;
    for (const timer of slot) {
      if (timer.cancelled) continue;
      if (timer.at <= now) {
        timer.cancelled = true;
        due.push(timer);
      } else slot[kept++] = timer;
    }
    slot.length = kept;
  }

  #findSoonest(): void {
    this.#soonest = undefined;
    this.#soonestIsExact = true;
    if (this.#size === 0) return;
    const from = this.#position as number;
    for (let i = 0; i < SLOT_COUNT; i++) {
      let found: Instant | undefined;
      for (const timer of this.#slot(from + i)) {
        if (timer.cancelled) continue;
        if (this.#tick(timer.at) <= from + i && (found === undefined || timer.at < found)) found = timer.at;
        else if (this.#soonest === undefined || timer.at < this.#soonest) this.#soonest = timer.at;
      }
      if (found !== undefined) {
        this.#soonest = found;
        return;
      }
    }
  }

  #tick(at: Instant): number {
    return Math.floor(at / this.#slotWidthMs);
  }

  #slot(tick: number): Timer<T>[] {
    return this.#slots[tick % SLOT_COUNT] as Timer<T>[];
  }
}
