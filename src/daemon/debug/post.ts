import type { DebugBatch, DebugOutlet } from './outlet.ts';

/** Batches on their way to the main thread; while it is behind, lines wait in the outlet and are dropped there. */
const UNDER_WAY = 8;

/** Hands debug lines to the main thread, which counts in `taken` what it has dealt with. Never waits. */
export class DebugPost {
  readonly #taken: Int32Array;
  readonly #post: (batch: DebugBatch) => void;
  #posted = 0;

  constructor(taken: SharedArrayBuffer, post: (batch: DebugBatch) => void) {
    this.#taken = new Int32Array(taken);
    this.#post = post;
  }

  send(outlet: DebugOutlet): void {
    if (outlet.isEmpty || ((this.#posted - Atomics.load(this.#taken, 0)) | 0) >= UNDER_WAY) return;
    this.#posted = (this.#posted + 1) | 0;
    this.#post(outlet.take());
  }
}
