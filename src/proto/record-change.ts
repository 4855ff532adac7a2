import type { Duration, UtcTime } from '#base/time.ts';

/**
 * `before-reply`: durable before the answer leaves. `after-reply`: on its way to the disk as soon as it has left. `within-window`: durable within a
 * bounded time (a refresh).
 */
export type StoreUrgency = 'before-reply' | 'after-reply' | 'within-window';

/** A record as it is stored. */
export interface EncodedRecord {
  readonly id: string;
  readonly octets: Uint8Array;
}

/** What a machine wants kept over a restart, or forgotten. A record replaces an earlier one of its id. */
export type RecordChange<Record extends { readonly id: string }> =
  | {
      readonly kind: 'put';
      readonly record: Record;
      readonly urgency: StoreUrgency;
      /** The same, where it is encoded already; then its record is only made for who asks for it. */
      readonly encoded?: EncodedRecord;
    }
  | { readonly kind: 'delete'; readonly id: string; readonly urgency: StoreUrgency };

/** Of the record that is changed, which is not decoded for that. */
export function changedId(change: RecordChange<{ readonly id: string }>): string {
  return change.kind === 'delete' ? change.id : (change.encoded ?? change.record).id;
}

/**
 * What a former run that ended without a word may have answered without having stored it: changes of `within-window`, of the last `window` before its end,
 * which came after `from`.
 */
export interface StoreGap {
  readonly from: UtcTime;
  readonly window: Duration;
}

/**
 * The same when a node starts again: the former run had ended by `until`. Several, of runs that crashed one after the other, are one, from the first
 * to the last: what a binding lacks of the first it lacks still, unless it was registered after `until`.
 */
export interface RestartGap extends StoreGap {
  readonly until: UtcTime;
}
