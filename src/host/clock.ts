import type { ClockReading, Instant, UtcTime } from '#base/time.ts';

/** Both clocks of this machine. Instants are CLOCK_MONOTONIC in milliseconds, so those of two processes of one host compare. */
export function readClock(): ClockReading {
  return { instant: monotonicMilliseconds() as Instant, utc: Date.now() as UtcTime };
}

/** CLOCK_MONOTONIC in milliseconds with fractions. */
export function monotonicMilliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** CLOCK_MONOTONIC in nanoseconds, exact below 2^53 (104 days after the start of the machine), within 2 ns until 208 days. */
export function monotonicNanoseconds(): number {
  return Number(process.hrtime.bigint());
}
