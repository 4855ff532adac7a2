import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { milliseconds, utcTime } from '#base/time.ts';
import { basePath, removeOlder, syncDirectory } from './log-files.ts';
import { encodeHeader, FileKind, FrameFlag, FrameWriter } from './log-format.ts';
import { readStore } from './log-reader.ts';
import type { StoredEntry } from './store.ts';

const FRAME_OCTETS = 1 << 18;

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

/** `lastFrame`: the number of the last frame whose entries are in it. */
export function writeBase(directory: string, number: number, entries: Iterable<StoredEntry>, lastFrame: number): void {
  const path = basePath(directory, number);
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeFully(file, encodeHeader({ kind: FileKind.BASE, number, validBefore: 0 }));
    const frame = new FrameWriter();
    const finish = (flags: number) => {
      const about = { number: lastFrame, written: utcTime(0), window: milliseconds(0), flags };
      writeFully(file, frame.finish(about));
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
  renameSync(`${path}.new`, path);
  syncDirectory(directory);
}

function writeFully(file: number, octets: Buffer): void {
  for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at);
}
