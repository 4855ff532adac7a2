/** Pieces of work that may wait; beyond, the one whose turn is next is done at once. */
const WAITING_MAXIMUM = 4096;
/** How long a slice takes, and the piece that is begun last. */
const SLICE_MS = 1;

/**
 * Work of the main thread for which nobody may be kept waiting: it is done a slice in each turn of the event loop, so that between two slices sockets are read and messages taken. What access
 * points tell of their stations so reaches the MAGs before what they ask of RADIUS servers on behalf of others. What finishes something comes before what begins something: of thousands of
 * requests no more are under way than can be answered in time.
 */
export class Turns {
  readonly #finishing = new Line();
  readonly #beginning = new Line();
  #slice: NodeJS.Immediate | undefined;

  /** In the order in which it came among what is `finishing` or not. `work` does not throw. */
  add(work: () => void, finishing = false): void {
    (finishing ? this.#finishing : this.#beginning).push(work);
    if (this.#waiting > WAITING_MAXIMUM) this.#take()?.();
    this.#slice ??= setImmediate(() => this.#run());
  }

  /** What waits is done no more. */
  close(): void {
    this.#finishing.clear();
    this.#beginning.clear();
    clearImmediate(this.#slice);
    this.#slice = undefined;
  }

  get #waiting(): number {
    return this.#finishing.length + this.#beginning.length;
  }

  #run(): void {
    this.#slice = undefined;
    const end = performance.now() + SLICE_MS;
    for (let work = this.#take(); work; work = performance.now() < end ? this.#take() : undefined) work();
    if (this.#waiting > 0) this.#slice ??= setImmediate(() => this.#run());
  }

  #take(): (() => void) | undefined {
    return this.#finishing.take() ?? this.#beginning.take();
  }
}

/** First in, first out. */
class Line {
  /** Done up to `#next`. */
  #work: (() => void)[] = [];
  #next = 0;

  get length(): number {
    return this.#work.length - this.#next;
  }

  push(work: () => void): void {
    this.#work.push(work);
  }

  take(): (() => void) | undefined {
    const work = this.#work[this.#next++];
    if (this.#next >= this.#work.length) this.clear();
    else if (this.#next > WAITING_MAXIMUM) {
      this.#work.splice(0, this.#next);
      this.#next = 0;
    }
    return work;
  }

  clear(): void {
    this.#work = [];
    this.#next = 0;
  }
}
