/** Wire units of time, which exist only in codecs, and `Duration`. A time too long for its field becomes the field's largest finite value. */
import type { Duration } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';

/** An endless lifetime; a field of all ones where the RFC says so. */
export const INFINITE = milliseconds(Number.POSITIVE_INFINITY);

const FOUR_SECONDS = 4000;
const SECOND = 1000;
const MAXIMUM_16 = 0xffff;
const MAXIMUM_32 = 0xffff_ffff;

/** A lifetime in units of 4 seconds (RFC 6275 §6.1.7 "Binding Update Message"), 16 bits. */
export function fromFourSeconds(count: number): Duration {
  return milliseconds(count * FOUR_SECONDS);
}

/** Rounds down: an agreed lifetime is never made longer. */
export function toFourSeconds(duration: Duration): number {
  return toUnits(duration, FOUR_SECONDS, MAXIMUM_16);
}

export function fromSeconds(count: number): Duration {
  return milliseconds(count * SECOND);
}

export function toSeconds16(duration: Duration): number {
  return toUnits(duration, SECOND, MAXIMUM_16);
}

/** 32 bits of seconds of which all ones mean "infinity". */
export function fromSecondsOrInfinite(count: number): Duration {
  return count === MAXIMUM_32 ? INFINITE : milliseconds(count * SECOND);
}

export function toSecondsOrInfinite(duration: Duration): number {
  return duration === INFINITE ? MAXIMUM_32 : toUnits(duration, SECOND, MAXIMUM_32 - 1);
}

/** 16 bits of seconds of which all ones mean "infinity". */
export function fromSeconds16OrInfinite(count: number): Duration {
  return count === MAXIMUM_16 ? INFINITE : milliseconds(count * SECOND);
}

export function toSeconds16OrInfinite(duration: Duration): number {
  return duration === INFINITE ? MAXIMUM_16 : toUnits(duration, SECOND, MAXIMUM_16 - 1);
}

/** How many whole `unit`s (milliseconds) fit, at most `maximum`. */
export function toUnits(duration: Duration, unit: number, maximum: number): number {
  if (!(duration > 0)) return 0;
  return Math.min(Math.floor(duration / unit), maximum);
}
