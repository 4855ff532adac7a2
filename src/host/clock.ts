import type { ClockReading, Instant, UtcTime } from '#base/time.ts';

/** Both clocks of this machine. Instants are CLOCK_MONOTONIC in milliseconds, so those of two processes of one host compare. */
export function readClock(): ClockReading {
  return { instant: monotonicMilliseconds() as Instant, utc: Date.now() as UtcTime };
}

const now = performance.now.bind(performance);
/** When that clock of this thread began: it is read the later of the two, so that the largest of some differences is the nearest. */
const BEGAN_AT = Math.max(...Array.from({ length: 8 }, () => Number(process.hrtime.bigint()) / 1e6 - now()));

/** CLOCK_MONOTONIC in milliseconds with fractions. */
export function monotonicMilliseconds(): number {
  return BEGAN_AT + now();
}

/** CLOCK_MONOTONIC in nanoseconds, exact to one of them until 52 days after the start of the machine, to two until 104. */
export function monotonicNanoseconds(): number {
  return monotonicMilliseconds() * 1e6;
}
