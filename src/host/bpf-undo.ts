/** Steps that were taken, to be taken back in the reverse order. */
export class UndoStack {
  readonly #steps: (() => void)[] = [];

  push(step: () => void): void {
    this.#steps.push(step);
  }

  /** Takes everything back; a step that fails (its interface may be gone) does not hold up the others. */
  run(): void {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        step();
      } catch {
        // What is to be undone is gone already.
      }
    }
  }

  /** Leaves everything as it is. */
  forget(): void {
    this.#steps.length = 0;
  }
}
