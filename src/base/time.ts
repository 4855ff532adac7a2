declare const durationBrand: unique symbol;
declare const instantBrand: unique symbol;
declare const utcBrand: unique symbol;

/** A span of time in milliseconds; fractions allowed. */
export type Duration = number & { readonly [durationBrand]: true };
/** A point on a clock that never goes back, in milliseconds since an arbitrary origin; timers use it. */
export type Instant = number & { readonly [instantBrand]: true };
/** Wall-clock time in milliseconds since 1970-01-01T00:00:00Z; RFC 5213 timestamps use it. */
export type UtcTime = number & { readonly [utcBrand]: true };

/** One reading of both clocks, taken once per batch of events and handed to every machine. */
export interface ClockReading {
  readonly instant: Instant;
  readonly utc: UtcTime;
}

export function milliseconds(count: number): Duration {
  return count as Duration;
}

export function seconds(count: number): Duration {
  return (count * 1000) as Duration;
}

export function inSeconds(duration: Duration): number {
  return duration / 1000;
}

export function instant(milliseconds: number): Instant {
  return milliseconds as Instant;
}

export function utcTime(milliseconds: number): UtcTime {
  return milliseconds as UtcTime;
}

export function after(start: Instant, duration: Duration): Instant {
  return (start + duration) as Instant;
}

/** The time from `start` to `end`; negative when `end` is earlier. */
export function elapsed(start: Instant, end: Instant): Duration {
  return (end - start) as Duration;
}

/** The first of the instants that there are. */
export function earliest(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}
