import { closeSync, fsyncSync, openSync, renameSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { milliseconds, utcTime } from '#base/time.ts';
import { basePath, removeOlder, syncDirectory } from './log-files.ts';
import { encodeHeader, FileKind, FrameFlag, FrameWriter } from './log-format.ts';
import { readStore } from './log-reader.ts';
import { type StoredEntry, StoreError } from './store.ts';

const FRAME_OCTETS = 1 << 18;
/** Of the file system a base leaves so much to the logs, which bindings wait for: this part, and at most so many octets. */
const ROOM_PART = 1 / 16;
const ROOM_MAXIMUM = 16 << 20;

/**
 * Puts what is in the base and the logs below `before` into one new base, in place of them. It may be interrupted at any time. Throws
 * `StoreError` and what `node:fs` throws; then everything is as it was.
 */
export function compact(directory: string, before: number): void {
  const contents = readStore(directory, before);
  try {
    writeBase(directory, before, contents.entries(), contents.lastFrame);
  } finally {
    contents.close();
  }
  removeOlder(directory, before);
}

/** `lastFrame`: the number of the last frame whose entries are in it. Throws as `compact`. */
export function writeBase(directory: string, number: number, entries: Iterable<StoredEntry>, lastFrame: number): void {
  const path = basePath(directory, number);
  const fresh = `${path}.new`;
  try {
    fillBase(directory, fresh, number, entries, lastFrame);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncDirectory(directory);
}

function fillBase(directory: string, path: string, number: number, entries: Iterable<StoredEntry>, lastFrame: number) {
  const file = openSync(path, 'w', 0o600);
  try {
    writeFully(file, encodeHeader({ kind: FileKind.BASE, number, validBefore: 0 }));
    const frame = new FrameWriter();
    const finish = (flags: number) => {
      const about = { number: lastFrame, written: utcTime(0), window: milliseconds(0), flags };
      const octets = frame.finish(about);
      leaveRoom(directory, octets.length);
      writeFully(file, octets);
      frame.begin();
    };
    for (const entry of entries) {
      frame.add(entry);
      if (frame.length >= FRAME_OCTETS) finish(0);
    }
    finish(FrameFlag.END);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function leaveRoom(directory: string, needed: number): void {
  const { bavail, blocks, bsize } = statfsSync(directory);
  if (bavail * bsize - needed >= Math.min(ROOM_MAXIMUM, blocks * bsize * ROOM_PART)) return;
  throw new StoreError('unwritable', `${directory} has no room for another base beside the logs (ENOSPC)`);
}

function writeFully(file: number, octets: Buffer): void {
  for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at);
}
