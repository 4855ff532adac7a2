const SAMPLE_MS = 20;

/** What a process had used of the processor, at any time of day while it was followed. */
export class ProcessorTimeLine {
  readonly #read: () => number;
  readonly #samples: { readonly at: number; readonly microseconds: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  /** `read`: microseconds so far. */
  constructor(read: () => number) {
    this.#read = read;
    this.#sample();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#sample();
  }

  /** Microseconds from one time of day (milliseconds since 1970) to another, as far as it was followed. */
  between(start: number, end: number): number {
    return this.#until(end) - this.#until(start);
  }

  #until(time: number): number {
    const known = this.#samples.findLast(({ at }) => at <= time) ?? this.#samples[0];
    return known?.microseconds ?? 0;
  }

  #sample(): void {
    this.#samples.push({ at: Date.now(), microseconds: this.#read() });
  }
}
