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

/** What is not always restored as it was stored. */
export type RestoredValues = Pick<BindingRecord, 'endsAt' | 'grantedUntil' | 'timestamp' | 'messageId'>;

/** `others`: in place of those of the record. `careOfAddresses`: those of the record, in a form that bindings share. */
export function bindingOf(
  record: BindingRecord,
  others: RestoredValues | undefined,
  careOfAddresses: Binding['careOfAddresses'],
  now: ClockReading,
): Binding {
  const { lifetime } = record;
  const { endsAt, grantedUntil, timestamp, messageId } = others ?? record;
  return {
    ...record,
    careOfAddresses,
    endsAt: remaining(endsAt, lifetime, now),
    grantedUntil: remaining(grantedUntil, lifetime, now),
    timestamp,
    messageId,
  };
}

/** Never more than was granted, which a clock that was set back since would have it be. */
function remaining(until: UtcTime, lifetime: Duration, now: ClockReading): Instant {
  return after(now.instant, milliseconds(Math.min(until - now.utc, lifetime)));
}
