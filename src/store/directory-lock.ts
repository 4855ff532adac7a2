import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoName, flock, LOCK_EX, LOCK_NB, LOCK_SH } from '#host/posix.ts';
import { syncDirectory } from './log-files.ts';
import { StoreError } from './store.ts';

/** Of one directory there is one as long as that is there. */
export function lockPath(directory: string): string {
  return join(directory, 'lock');
}

/** Makes the directory if need be, and this process its owner until `release` or until it ends, however. Throws `StoreError`. */
export function lockDirectory(directory: string): { release(): void } {
  const path = lockPath(directory);
  let file: number;
  try {
    makeDirectory(directory);
    file = openSync(path, 'a', 0o600);
  } catch (error) {
    throw unwritable(directory, error);
  }
  if (flock(file, LOCK_EX | LOCK_NB) === 0) {
    writeOwner(path);
    return { release: () => closeSync(file) };
  }
  closeSync(file);
  const owner = ownerOf(path);
  const text = `${directory} is the store of another process${owner}; give each node a directory of its own with --state`;
  throw new StoreError('locked', text);
}

export function isOwned(directory: string): boolean {
  try {
    const file = openSync(lockPath(directory), 'r');
    const isFree = flock(file, LOCK_SH | LOCK_NB) === 0;
    closeSync(file);
    return !isFree;
  } catch {
    return false;
  }
}

/** With its parents, and for good: after a loss of power it is there, and what is in it. Node's own way tells of a read-only file system that the name is missing. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
  syncDirectory(dirname(directory));
}

export function unwritable(directory: string, error: unknown): StoreError {
  const { code = '', errno } = error as NodeJS.ErrnoException;
  const name = code !== '' ? code : errnoName(Math.abs(errno ?? 0));
  const reason = REASONS[name] ?? `${name}: ${(error as Error).message}`;
  return new StoreError('unwritable', `${directory} cannot be written: ${reason}`, error);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the file system is full (ENOSPC); make room on it',
  EDQUOT: 'the quota is used up (EDQUOT); raise it',
  EROFS: 'the file system is read-only (EROFS); mount it for writing',
  EACCES: 'no permission (EACCES); give its owner and mode to the user that runs the node',
  EPERM: 'no permission (EPERM)',
  EIO: 'the disk failed (EIO); look at the log of the kernel',
  ENOTDIR: 'a part of its name is a file (ENOTDIR)',
};

/** For people only: which process to look at. */
function writeOwner(path: string): void {
  try {
    const file = openSync(path, 'w');
    writeSync(file, `${process.pid}\n`);
    closeSync(file);
  } catch {
    // The lock is what counts.
  }
}

function ownerOf(path: string): string {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return pid > 0 ? ` (pid ${pid})` : '';
  } catch {
    return '';
  }
}
