import { statfsSync } from 'node:fs';

/** Of the file system so much is left to changes, which bindings wait for: this part, and at most so many octets. */
const LEFT_PART = 1 / 16;
const LEFT_MAXIMUM = 16 << 20;

/** Whether so many octets in the file system of `path` leave room to changes. Throws what `node:fs` throws. */
export function leavesRoom(path: string, octets: number): boolean {
  const { bavail, blocks, bsize } = statfsSync(path);
  return bavail * bsize - octets >= Math.min(LEFT_MAXIMUM, blocks * bsize * LEFT_PART);
}
