import { fdatasyncSync, fsyncSync } from 'node:fs';

/** Of a file its octets, by fdatasync(2); of a directory the names in it, which take an fsync(2). */
export type SyncOf = 'octets' | 'names';

/** Makes one file or directory at a time durable. */
export interface DataSync {
  /** Only when nothing is under way. Throws when the system refuses it. */
  begin(file: number, of: SyncOf): void;
  /** Whether what was begun has ended, `false` when nothing was; with `wait`, not before it has. Throws when the disk did not take it. */
  hasEnded(wait: boolean): boolean;
}

/** Has ended when it has begun. */
export const SYNCHRONOUS: DataSync = {
  begin: (file, of) => (of === 'names' ? fsyncSync(file) : fdatasyncSync(file)),
  hasEnded: () => true,
};
