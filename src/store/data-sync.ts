import { fdatasyncSync } from 'node:fs';

/** fdatasync(2) of one file at a time. */
export interface DataSync {
  /** Only when nothing is under way. Throws when the system refuses it. */
  begin(file: number): void;
  /** Whether what was begun has ended, `false` when nothing was; with `wait`, not before it has. Throws when the disk did not take it. */
  hasEnded(wait: boolean): boolean;
}

/** Has ended when it has begun. */
export const SYNCHRONOUS: DataSync = { begin: fdatasyncSync, hasEnded: () => true };
