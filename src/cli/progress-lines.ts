import { monotonicMilliseconds } from '#host/clock.ts';

const EVERY_MS = 1000;
/** The clock is looked at once in so many. */
const STEP = 256;

/** Tells of long work on standard error, a line a second; of short work nothing. */
export class ProgressLines {
  readonly #describe: (count: number) => string;
  readonly #clock: () => number;
  readonly #started: number;
  /** What is done. */
  total = 0;
  #told: number;

  /** `describe`: what was done so far, as in "exported 5 records". `clock`: in milliseconds. */
  constructor(describe: (count: number) => string, clock = monotonicMilliseconds) {
    this.#describe = describe;
    this.#clock = clock;
    this.#started = clock();
    this.#told = this.#started;
  }

  /** One more is done. */
  count(): void {
    if (++this.total % STEP !== 0) return;
    const now = this.#clock();
    if (now - this.#told < EVERY_MS) return;
    this.#told = now;
    const seconds = (now - this.#started) / 1000;
    const rate = Math.round(this.total / seconds);
    process.stderr.write(`${this.#describe(this.total)} in ${seconds.toFixed(0)} s (${rate} a second)\n`);
  }

  /** The same items, each counted when the next is asked for. */
  *of<Item>(items: Iterable<Item>): Generator<Item> {
    for (const item of items) {
      yield item;
      this.count();
    }
  }
}
