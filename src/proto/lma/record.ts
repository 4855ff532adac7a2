import type { UtcTime } from '#base/time.ts';
import type { RecordChange } from '../record-change.ts';
import type { Binding } from './binding.ts';

/** Everything needed to restore one binding after a restart: its instants are times of day. */
export interface BindingRecord extends Omit<Binding, 'endsAt' | 'grantedUntil'> {
  readonly endsAt: UtcTime;
  readonly grantedUntil: UtcTime;
}

export type StoreChange = RecordChange<BindingRecord>;
