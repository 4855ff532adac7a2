/**
 * What counters showed when the operator cleared them. The counters themselves go on, so that whoever collects them never sees them go
 * back; only `show` counts from there.
 */
export class ClearedStats {
  readonly #bases = new WeakMap<object, unknown>();

  /** `owner` is who counts. */
  clear(owner: object, stats: object): void {
    this.#bases.set(owner, structuredClone(stats));
  }

  /** The counters since they were cleared. */
  since<Stats extends object>(owner: object, stats: Stats): Stats {
    const base = this.#bases.get(owner);
    return base === undefined ? stats : (difference(stats, base) as Stats);
  }
}

function difference(now: unknown, before: unknown): unknown {
  if (typeof now === 'number') return now - (typeof before === 'number' ? before : 0);
  if (typeof now !== 'object' || now === null) return now;
  const earlier = (before ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, difference(value, earlier[name])]));
}
