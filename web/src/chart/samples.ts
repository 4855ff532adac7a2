import { useRef } from 'preact/hooks';

/** What a pair of counters stood at. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly up: number;
  readonly down: number;
}

/** Per second, since the reading before. */
export interface Sample {
  readonly at: number;
  readonly up: number;
  readonly down: number;
}

/** How long the chart goes back. */
export const SPAN_MS = 5 * 60_000;

/** The rates between readings, without those between which a counter went back: it began anew then. */
export function ratesOf(readings: readonly Reading[]): Sample[] {
  return readings.flatMap((reading, i) => {
    const before = readings[i - 1];
    if (!before || reading.at <= before.at || reading.up < before.up || reading.down < before.down) return [];
    const seconds = (reading.at - before.at) / 1000;
    return [{ at: reading.at, up: (reading.up - before.up) / seconds, down: (reading.down - before.down) / seconds }];
  });
}

/** Keeps what was read while the page is open; `reading` is the latest, and each has a time of its own. */
export function useReadings<T extends { readonly at: number }>(reading: T | undefined): readonly T[] {
  const kept = useRef<T[]>([]);
  const last = kept.current.at(-1);
  if (reading && (last === undefined || reading.at > last.at)) {
    kept.current = [...kept.current.filter(({ at }) => at > reading.at - SPAN_MS), reading];
  }
  return kept.current;
}
