import { closeSync, fdatasyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { milliseconds, utcTime } from '#base/time.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { leavesRoom } from './disk-room.ts';
import { basePath, removeOlder, syncDirectory, writeFully } from './log-files.ts';
import { encodeHeader, FileKind, FrameFlag, FrameWriter } from './log-format.ts';
import { readStore } from './log-reader.ts';
import { type StoredEntry, StoreError } from './store.ts';

/** So many are made durable at once, and the disk is left alone for a while: bindings wait for the same disk, for as long as it takes for what it has been given before. */
const FRAME_OCTETS = 1 << 18;
/** So much longer than the disk took, and at most so many milliseconds. */
const REST = 4;
const REST_MAXIMUM_MS = 1000;

/** Lets so many milliseconds pass. */
export type Rest = (milliseconds: number) => void;

const NO_REST: Rest = () => {};

/**
 * Puts what is in the base and the logs below `before` into one new base, in place of them. It may be interrupted at any time. With `rest` it leaves the disk to others for most
 * of the time. Throws `StoreError` and what `node:fs` throws; then everything is as it was.
 */
export function compact(directory: string, before: number, rest = NO_REST): void {
  const contents = readStore(directory, { before });
  try {
    writeBase(directory, before, contents.entries(), contents.lastFrame, rest);
  } finally {
    contents.close();
  }
  removeOlder(directory, before);
}

/** `lastFrame`: the number of the last frame whose entries are in it. Throws as `compact`. */
export function writeBase(
  directory: string,
  number: number,
  entries: Iterable<StoredEntry>,
  lastFrame: number,
  rest = NO_REST,
): void {
  const path = basePath(directory, number);
  const fresh = `${path}.new`;
  try {
    fillBase(fresh, { directory, number, lastFrame, rest }, entries);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncDirectory(directory);
}

interface BaseOrder {
  readonly directory: string;
  readonly number: number;
  readonly lastFrame: number;
  readonly rest: Rest;
}

function fillBase(path: string, { directory, number, lastFrame, rest }: BaseOrder, entries: Iterable<StoredEntry>) {
  const file = openSync(path, 'w', 0o600);
  try {
    writeFully(file, encodeHeader({ kind: FileKind.BASE, number, validBefore: 0 }));
    const frame = new FrameWriter();
    const finish = (flags: number) => {
      const about = { number: lastFrame, written: utcTime(0), window: milliseconds(0), flags };
      const octets = frame.finish(about);
      if (!leavesRoom(directory, octets.length))
        throw new StoreError('unwritable', `${directory} has no room for another base beside the logs (ENOSPC)`);
      writeDurably(file, octets, rest);
      frame.begin();
    };
    for (const entry of entries) {
      frame.add(entry);
      if (frame.length >= FRAME_OCTETS) finish(0);
    }
    finish(FrameFlag.END);
  } finally {
    closeSync(file);
  }
}

/** With all that was written before. */
function writeDurably(file: number, octets: Buffer, rest: Rest): void {
  const begun = monotonicMilliseconds();
  writeFully(file, octets);
  fdatasyncSync(file);
  rest(Math.min(REST * (monotonicMilliseconds() - begun), REST_MAXIMUM_MS));
}
