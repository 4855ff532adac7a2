/** RFC 5213 §8.8 "Timestamp Option": 48 bits of seconds since 1970 and 16 bits of fraction. */
export interface WireTimestamp {
  readonly seconds: number;
  readonly fraction: number;
}

/** Negative when `a` is earlier than `b`; both count from the same year in the same units. */
export function compareTimestamps(a: WireTimestamp, b: WireTimestamp): number {
  return a.seconds - b.seconds || a.fraction - b.fraction;
}
