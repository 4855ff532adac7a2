import { useRef } from 'preact/hooks';

interface Reading {
  readonly value: number;
  readonly at: number;
  readonly rate: number | undefined;
}

/** Per second, of a counter that was read as `value` at the time `at` in milliseconds; `undefined` until it was read twice, and when it went back. */
export function useRate(value: number | undefined, at: number): number | undefined {
  const last = useRef<Reading | undefined>(undefined);
  if (value === undefined) return undefined;
  const before = last.current;
  if (before === undefined || value < before.value) last.current = { value, at, rate: undefined };
  else if (at > before.at) last.current = { value, at, rate: (1000 * (value - before.value)) / (at - before.at) };
  return last.current?.rate;
}
