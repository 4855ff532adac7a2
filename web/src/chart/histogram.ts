/** Values that were seen so often. */
export interface Seen {
  readonly value: number;
  readonly count: number;
}

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bars as wide as each other on a logarithmic scale, so that both the usual and the rare are seen. */
const BARS_PER_DOUBLING = 4;
const BARS_MAXIMUM = 60;

/** The bars from the first to the last that have something, empty ones between them too. Values below `least` count as `least`. */
export function barsOf(seen: readonly Seen[], least: number): Bar[] {
  const counts = new Map<number, number>();
  for (const { value, count } of seen) {
    const bar = Math.floor(Math.log2(Math.max(value, least)) * BARS_PER_DOUBLING + 1e-9);
    counts.set(bar, (counts.get(bar) ?? 0) + count);
  }
  if (counts.size === 0) return [];
  const [first, last] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  const width = Math.ceil((last - first + 1) / BARS_MAXIMUM);
  const bars: Bar[] = [];
  for (let bar = first; bar <= last; bar += width) {
    let count = 0;
    for (let i = 0; i < width; i++) count += counts.get(bar + i) ?? 0;
    bars.push({ from: 2 ** (bar / BARS_PER_DOUBLING), to: 2 ** ((bar + width) / BARS_PER_DOUBLING), count });
  }
  return bars;
}

/** The value that so large a share of all does not exceed; `undefined` of none. */
export function quantile(seen: readonly Seen[], share: number): number | undefined {
  const sorted = [...seen].sort((a, b) => a.value - b.value);
  let left = share * sorted.reduce((sum, { count }) => sum + count, 0);
  for (const { value, count } of sorted) {
    left -= count;
    if (left <= 0) return value;
  }
  return sorted.at(-1)?.value;
}
