import { Worker } from 'node:worker_threads';

export interface CompactionOrder {
  readonly directory: string;
  /** `Place` says what stands where, 32 bits each. */
  readonly shared: SharedArrayBuffer;
}

/** `WANTED`: compact the logs before this one; -1: end. `FINISHED`: that was tried. `DONE`: and succeeded. */
export const Place = { WANTED: 0, FINISHED: 1, DONE: 2, FAILURES: 3 } as const;

const END = -1;

/** Compacts in a thread of its own, which is spoken to through shared memory: its owner never returns to an event loop. */
export class CompactionThread {
  readonly #directory: string;
  readonly #state = new Int32Array(new SharedArrayBuffer(16));
  #worker: Worker | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get busy(): boolean {
    return Atomics.load(this.#state, Place.WANTED) !== Atomics.load(this.#state, Place.FINISHED);
  }

  /** The number of the log before which everything is in the base; 0 when nothing was compacted yet. */
  get done(): number {
    return Atomics.load(this.#state, Place.DONE);
  }

  get failures(): number {
    return Atomics.load(this.#state, Place.FAILURES);
  }

  /** Only when it is not busy. */
  start(before: number): void {
    Atomics.store(this.#state, Place.WANTED, before);
    Atomics.notify(this.#state, Place.WANTED);
    this.#worker ??= this.#begin();
  }

  /** What is under way is finished later or left undone; both leave a whole store. */
  end(): void {
    Atomics.store(this.#state, Place.WANTED, END);
    Atomics.notify(this.#state, Place.WANTED);
  }

  #begin(): Worker {
    const workerData: CompactionOrder = {
      directory: this.#directory,
      shared: this.#state.buffer as SharedArrayBuffer,
    };
    const worker = new Worker(new URL('./compaction-worker.ts', import.meta.url), { workerData, stdin: false });
    worker.unref();
    worker.on('error', () => {});
    return worker;
  }
}
