/** What was seen of one case over all rounds: rates in Gbit/s, ratios tunnel to plain of the same round. */
export interface CaseFigures {
  readonly name: string;
  readonly plain: Spread;
  readonly tunnel: Spread;
  readonly ratio: Spread;
}

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** `rates` in bits per second, of each round. */
export function figuresOf(
  name: string,
  rates: { readonly plain: readonly number[]; readonly tunnel: readonly number[] },
): CaseFigures {
  const ratios = rates.tunnel.map((rate, i) => rate / (rates.plain[i] as number));
  return { name, plain: spreadOf(rates.plain, 1e9), tunnel: spreadOf(rates.tunnel, 1e9), ratio: spreadOf(ratios, 1) };
}

/** `where`: on which processors. */
export function renderTable(all: readonly CaseFigures[], where: string): string {
  const rows = [
    ['', 'plain Gbit/s', 'tunnel Gbit/s', 'ratio', 'range of ratios'],
    ...all.map(({ name, plain, tunnel, ratio }) => [
      name,
      plain.median.toFixed(2),
      tunnel.median.toFixed(2),
      ratio.median.toFixed(2),
      `${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)}`,
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ');
  return `${rows.map(line).join('\n')}\nmedians over the rounds, ${where}\n`;
}

function spreadOf(values: readonly number[], unit: number): Spread {
  const sorted = values.map((value) => value / unit).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median: median ?? 0, lowest: sorted[0] ?? 0, highest: sorted.at(-1) ?? 0 };
}
