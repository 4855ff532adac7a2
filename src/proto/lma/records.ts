import type { ClockReading, Duration, Instant, UtcTime } from '#base/time.ts';
import { after, milliseconds, utcTime } from '#base/time.ts';
import type { Binding } from './binding.ts';
import type { BindingRecord } from './record.ts';

export function recordOf(binding: Binding, now: ClockReading): BindingRecord {
  const shift = now.utc - now.instant;
  return {
    ...binding,
    endsAt: utcTime(binding.endsAt + shift),
    grantedUntil: utcTime(binding.grantedUntil + shift),
  };
}

/** `careOfAddresses`: those of the record, in a form that bindings share. */
export function bindingOf(
  record: BindingRecord,
  careOfAddresses: Binding['careOfAddresses'],
  now: ClockReading,
): Binding {
  const { lifetime } = record;
  return {
    ...record,
    careOfAddresses,
    endsAt: remaining(record.endsAt, lifetime, now),
    grantedUntil: remaining(record.grantedUntil, lifetime, now),
  };
}

/** Never more than was granted, which a clock that was set back since would have it be. */
function remaining(until: UtcTime, lifetime: Duration, now: ClockReading): Instant {
  return after(now.instant, milliseconds(Math.min(until - now.utc, lifetime)));
}
