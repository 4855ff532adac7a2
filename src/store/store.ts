import type { BindingRecord, StoreChange } from '#proto/lma/record.ts';

/** Where an LMA's bindings outlive its process. One owner at a time; not called concurrently. */
export interface BindingStore {
  /** Every record, in no particular order. */
  load(): BindingRecord[];
  /**
   * Applies the changes in their order, as one group. On return every `before-reply` change is durable; a `within-window` one
   * becomes so within a second, or by `close`. Deleting an unknown id is no error.
   */
  commit(changes: readonly StoreChange[]): void;
  /** Makes everything durable. Nothing may be called afterwards. */
  close(): void;
}
