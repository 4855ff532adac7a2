/** The middle one of some numbers; `undefined` of none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** The part of intervals that hold the true median, at least. */
const CONFIDENCE = 0.95;
/** So many numbers tell where a median is with that confidence; fewer do not. */
export const FEWEST_FOR_INTERVAL = 6;

/**
 * Where the median of what the numbers were drawn from is, with a confidence of 95 %, whatever its distribution: between two of them, as many places from
 * the ends as the binomial distribution allows. Of fewer than six numbers the least and the largest, which have less confidence. `undefined` of none.
 */
export function medianInterval(
  numbers: readonly number[],
): { readonly low: number; readonly high: number } | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const count = sorted.length;
  let [outside, term] = [0, 0.5 ** count];
  let from = 0;
  for (let i = 0; i < count; i++) {
    outside += 2 * term;
    if (outside > 1 - CONFIDENCE) break;
    from = i;
    term *= (count - i) / (i + 1);
  }
  const [low, high] = [sorted[from], sorted[count - 1 - from]];
  return low === undefined || high === undefined ? undefined : { low, high };
}

export function largest(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** With two decimals; a dash for what was not seen. */
export function formatMilliseconds(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}

/** Columns, as wide as their widest cell, the first to the left and the others to the right. */
export function formatTable(rows: readonly (readonly string[])[], indent = '  '): string {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ');
  return rows.map((row) => `${indent}${line(row).trimEnd()}\n`).join('');
}
