const SECONDS = 60;

/** How many events of each kind there were in the last minute, however many they were. */
export class EventCounts {
  /** By the second in which they happened. */
  readonly #seconds = new Map<number, Map<string, number>>();

  /** `at` in milliseconds since 1970. */
  add(kind: string, at: number): void {
    const second = Math.floor(at / 1000);
    const counts = this.#seconds.get(second) ?? new Map<string, number>();
    if (counts.size === 0) {
      this.#seconds.set(second, counts);
      for (const old of this.#seconds.keys()) if (old <= second - 2 * SECONDS) this.#seconds.delete(old);
    }
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }

  ofLastMinute(kind: string, now: number): number {
    const second = Math.floor(now / 1000);
    let count = 0;
    for (const [at, counts] of this.#seconds) if (at > second - SECONDS) count += counts.get(kind) ?? 0;
    return count;
  }
}
