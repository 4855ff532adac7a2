import { field, separator } from './layout.ts';

/** A heading and its counters; a counter of several, such as by status, has a line for each. */
export interface StatsGroup {
  readonly title: string;
  readonly counters: readonly (readonly [
    label: string,
    value: number | Readonly<Record<string, number>> | undefined,
  ])[];
}

/** Lines of one node's counters. */
export function statsLines(heading: readonly string[], groups: readonly StatsGroup[]): string[] {
  return [separator, ...heading, ...groups.flatMap(groupLines), ''];
}

function groupLines({ title, counters }: StatsGroup): string[] {
  const lines = counters.flatMap(([label, value]) => {
    if (typeof value !== 'object') return [field(label, value ?? 0)];
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => field(`${label} ${name}`.trim(), count));
  });
  return ['', title, ...lines];
}
