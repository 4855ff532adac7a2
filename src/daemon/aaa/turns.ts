/** Pieces of work that may wait; beyond, the oldest is done at once. */
const WAITING_MAXIMUM = 4096;
/** How long a slice takes, and the piece that is begun last. */
const SLICE_MS = 1;

/**
 * Work of the main thread for which nobody may be kept waiting: it is done in the order in which it came, a slice in each turn of the event loop, so that between two slices sockets are read
 * and messages taken. What access points tell of their stations so reaches the MAGs before what they ask of RADIUS servers on behalf of others.
 */
export class Turns {
  /** Done up to `#next`. */
  #work: (() => void)[] = [];
  #next = 0;
  #slice: NodeJS.Immediate | undefined;

  /** `work` does not throw. */
  add(work: () => void): void {
    this.#work.push(work);
    if (this.#work.length - this.#next > WAITING_MAXIMUM) this.#take()?.();
    this.#slice ??= setImmediate(() => this.#run());
  }

  /** What waits is done no more. */
  close(): void {
    this.#work = [];
    this.#next = 0;
    clearImmediate(this.#slice);
    this.#slice = undefined;
  }

  #run(): void {
    this.#slice = undefined;
    const end = performance.now() + SLICE_MS;
    for (let work = this.#take(); work; work = performance.now() < end ? this.#take() : undefined) work();
    if (this.#next < this.#work.length) this.#slice ??= setImmediate(() => this.#run());
  }

  #take(): (() => void) | undefined {
    const work = this.#work[this.#next++];
    if (this.#next >= this.#work.length) {
      this.#work = [];
      this.#next = 0;
    } else if (this.#next > WAITING_MAXIMUM) {
      this.#work.splice(0, this.#next);
      this.#next = 0;
    }
    return work;
  }
}
