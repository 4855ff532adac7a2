import { closeSync, fsyncSync, openSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Gives a file another content: whoever reads it, after a loss of power too, finds the former content or this one whole. Its permissions
 * stay. Throws what `node:fs` throws, and then the file is as it was.
 */
export function replaceFile(path: string, content: string): void {
  const fresh = `${path}.${process.pid}.new`;
  const mode = modeOf(path);
  try {
    const file = openSync(fresh, 'wx', mode);
    try {
      // All of it: one write may take a part only, of which nobody is told where the disk is full behind it.
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    remove(fresh);
    throw error;
  }
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** A new file is for its owner alone: a configuration holds secrets. */
function modeOf(path: string): number {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return 0o600;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}
