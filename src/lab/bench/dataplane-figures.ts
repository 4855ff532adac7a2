import type { Way } from './dataplane-bed.ts';

/** What was seen of one case over all rounds: rates in Gbit/s; the tunnel's ratios to plain forwarding and to VXLAN are of the same round. */
export interface CaseFigures {
  readonly name: string;
  readonly plain: Spread;
  readonly tunnel: Spread;
  readonly vxlan: Spread;
  readonly ratio: Spread;
  readonly ratioToVxlan: Spread;
}

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** `rates` in bits per second, of each round. */
export function figuresOf(name: string, rates: Readonly<Record<Way, readonly number[]>>): CaseFigures {
  const ratioTo = (way: Way) =>
    spreadOf(
      rates.tunnel.map((rate, i) => rate / (rates[way][i] as number)),
      1,
    );
  return {
    name,
    plain: spreadOf(rates.plain, 1e9),
    tunnel: spreadOf(rates.tunnel, 1e9),
    vxlan: spreadOf(rates.vxlan, 1e9),
    ratio: ratioTo('plain'),
    ratioToVxlan: ratioTo('vxlan'),
  };
}

/** `where`: on which processors. */
export function renderTable(all: readonly CaseFigures[], where: string): string {
  const rows = [
    ['', 'plain Gbit/s', 'VXLAN Gbit/s', 'tunnel Gbit/s', 'to plain', 'range', 'to VXLAN', 'range'],
    ...all.map(({ name, plain, vxlan, tunnel, ratio, ratioToVxlan }) => [
      name,
      plain.median.toFixed(2),
      vxlan.median.toFixed(2),
      tunnel.median.toFixed(2),
      ratio.median.toFixed(2),
      rangeOf(ratio),
      ratioToVxlan.median.toFixed(2),
      rangeOf(ratioToVxlan),
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ');
  return `${rows.map(line).join('\n')}\nmedians over the rounds, ${where}\n`;
}

function rangeOf({ lowest, highest }: Spread): string {
  return `${lowest.toFixed(2)} to ${highest.toFixed(2)}`;
}

function spreadOf(values: readonly number[], unit: number): Spread {
  const sorted = values.map((value) => value / unit).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
  return { median: median ?? 0, lowest: sorted[0] ?? 0, highest: sorted.at(-1) ?? 0 };
}
