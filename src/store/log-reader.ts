import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { StoreGap } from '#proto/record-change.ts';
import { basePath, listFiles, logPath } from './log-files.ts';
import {
  decodeFrame,
  decodeHeader,
  type Entry,
  entryAt,
  FileKind,
  FORMAT_VERSION,
  FRAME_HEADER_OCTETS,
  FRAME_MAXIMUM,
  type Frame,
  FrameFlag,
  HEADER_OCTETS,
  visitEntries,
} from './log-format.ts';
import { gapAfter, type StoredEntry, StoreError } from './store.ts';

/** What a directory holds. */
export interface StoreContents {
  /** The latest value of each key. */
  entries(): Iterable<StoredEntry>;
  readonly gap: StoreGap | undefined;
  /** Of the frame that was written last; 0 when there is none. */
  readonly lastFrame: number;
  /** The number that the next log gets, and how much of the one before is valid; 0 when there is none. */
  readonly nextLog: { readonly number: number; readonly validBefore: number };
  readonly logs: number;
  readonly logOctets: number;
  readonly baseOctets: number;
  /** Octets at the end of the latest log that were never made durable: an interrupted write. */
  readonly unfinishedOctets: number;
}

/**
 * Reads a store, of which somebody may be the owner. Only logs below `before` when that is given.
 * Throws `StoreError` (`corrupt`, `newer`) and what `node:fs` throws.
 */
export function readStore(directory: string, before = Number.POSITIVE_INFINITY): StoreContents {
  const files = listFiles(directory);
  const base = files.bases.filter((number) => number <= before).at(-1);
  const numbers = files.logs.filter((number) => number >= (base ?? 0) && number < before);
  const logs = numbers.map((number) => readLog(directory, number));
  // The process was killed before its first commit: nobody was told anything.
  if (logs.at(-1)?.empty) logs.pop();
  checkSequence(directory, base, logs);
  const replay = replayLogs(directory, logs);
  const last = logs.at(-1);
  return {
    ...replay,
    entries: () => mergedEntries(directory, base, logs, replay.latest),
    nextLog: last
      ? { number: last.number + 1, validBefore: replay.validOfLast }
      : { number: base ?? 1, validBefore: 0 },
    logs: logs.length,
    logOctets: logs.reduce((sum, { octets }) => sum + octets.length, 0),
    baseOctets: base === undefined ? 0 : sizeOf(basePath(directory, base)),
  };
}

interface Log {
  readonly number: number;
  readonly octets: Buffer;
  readonly validBefore: number;
  /** Not even its header was finished. */
  readonly empty: boolean;
}

function readLog(directory: string, number: number): Log {
  const path = logPath(directory, number);
  const octets = readFileSync(path);
  const header = decodeHeader(octets);
  if (!header) {
    const unwritten = octets.length <= HEADER_OCTETS || octets.every((octet) => octet === 0);
    if (unwritten) return { number, octets, validBefore: 0, empty: true };
    throw corrupt(path, 'its header is damaged');
  }
  checkHeader(path, header, FileKind.LOG, number);
  return { number, octets, validBefore: header.validBefore, empty: false };
}

function checkHeader(path: string, header: { version: number; kind: number; number: number }, kind: number, n: number) {
  if (header.version > FORMAT_VERSION) {
    const text = `${path} has format ${header.version}, and this version of mooring knows none after ${FORMAT_VERSION}; run the version that wrote it, or export it there and import it here`;
    throw new StoreError('newer', text);
  }
  if (header.kind !== kind || header.number !== n) throw corrupt(path, 'its header belongs to another file');
}

function checkSequence(directory: string, base: number | undefined, logs: readonly Log[]): void {
  for (const [i, { number, empty }] of logs.entries()) {
    const expected = i === 0 ? (base ?? number) : (logs[i - 1] as Log).number + 1;
    if (number !== expected || empty) throw corrupt(logPath(directory, expected), 'it is missing');
  }
}

interface Replay {
  /** Where each latest entry begins, counting the octets of all logs one after the other: views of a million values would take more memory than these. */
  readonly latest: Map<string, number>;
  readonly lastFrame: number;
  readonly gap: StoreGap | undefined;
  readonly validOfLast: number;
  readonly unfinishedOctets: number;
}

function replayLogs(directory: string, logs: readonly Log[]): Replay {
  const latest = new Map<string, number>();
  let before = 0;
  let last: Frame | undefined;
  let valid = 0;
  let lastFrame = 0;
  for (const [i, log] of logs.entries()) {
    const path = logPath(directory, log.number);
    const next = logs[i + 1];
    const end = next?.validBefore ?? log.octets.length;
    valid = HEADER_OCTETS;
    for (let frame = decodeFrame(log.octets, valid); frame && frame.end <= end; ) {
      if (lastFrame > 0 && frame.number !== lastFrame + 1) throw corrupt(path, `frame ${lastFrame + 1} is missing`);
      const start = before + valid + FRAME_HEADER_OCTETS;
      const whole = visitEntries(frame.entries, (entry, at) => latest.set(placeOf(entry), start + at));
      if (!whole) throw corrupt(path, `frame ${frame.number} has an entry that ends beyond it`);
      last = frame;
      lastFrame = frame.number;
      valid = frame.end;
      frame = decodeFrame(log.octets, valid);
    }
    const damaged = next ? valid !== end : frameFollows(log.octets, valid, lastFrame);
    if (damaged) throw corrupt(path, `what follows octet ${valid} is damaged`);
    before += log.octets.length;
  }
  const unfinishedOctets = (logs.at(-1)?.octets.length ?? valid) - valid;
  const closed = !last || (last.flags & FrameFlag.CLOSED) !== 0;
  const gap = last && !closed ? gapAfter(last.written, last.window) : undefined;
  return { latest, lastFrame, gap, validOfLast: valid, unfinishedOctets };
}

/** An interrupted write is the last thing in a log; a whole frame behind it means that what was durable has been damaged. */
function frameFollows(octets: Buffer, from: number, lastFrame: number): boolean {
  for (let at = from + 1; at + FRAME_HEADER_OCTETS <= octets.length; at++) {
    // The upper half of its number, of eight octets at 8, is almost always 0: most places are passed over at a glance.
    const number = octets.readUInt32BE(at + 8) * 2 ** 32 + octets.readUInt32BE(at + 12);
    if (number > lastFrame && number <= lastFrame + 2 ** 20 && decodeFrame(octets, at)) return true;
  }
  return false;
}

function* mergedEntries(
  directory: string,
  base: number | undefined,
  logs: readonly Log[],
  latest: ReadonlyMap<string, number>,
): Generator<StoredEntry> {
  if (base !== undefined) {
    for (const entry of baseEntries(basePath(directory, base), base)) if (!latest.has(placeOf(entry))) yield entry;
  }
  const starts = startsOf(logs);
  for (const position of latest.values()) {
    const nth = starts.findLastIndex((start) => start <= position);
    const { table, key, value } = entryAt((logs[nth] as Log).octets, position - (starts[nth] as number));
    if (value) yield { table, key, value };
  }
}

/** Where each begins among the octets of all. */
function startsOf(logs: readonly Log[]): number[] {
  let end = 0;
  return logs.map(({ octets }) => {
    const start = end;
    end += octets.length;
    return start;
  });
}

/** Frame by frame, as a base may be larger than what one wants in memory. */
function* baseEntries(path: string, number: number): Generator<StoredEntry> {
  const file = openSync(path, 'r');
  try {
    const header = decodeHeader(readAt(file, 0, HEADER_OCTETS));
    if (!header) throw corrupt(path, 'its header is damaged');
    checkHeader(path, header, FileKind.BASE, number);
    for (let at = HEADER_OCTETS, ended = false; !ended; ) {
      const frame = frameAt(file, at);
      if (!frame) throw corrupt(path, `what follows octet ${at} is damaged`);
      const entries: StoredEntry[] = [];
      const whole = visitEntries(frame.entries, ({ table, key, value }) => {
        if (value) entries.push({ table, key, value });
      });
      if (!whole) throw corrupt(path, `what follows octet ${at} is damaged`);
      yield* entries;
      at += FRAME_HEADER_OCTETS + frame.length;
      ended = (frame.flags & FrameFlag.END) !== 0;
    }
  } finally {
    closeSync(file);
  }
}

function frameAt(file: number, at: number): Frame | undefined {
  const header = readAt(file, at, FRAME_HEADER_OCTETS);
  if (header.length < FRAME_HEADER_OCTETS) return undefined;
  const length = header.readUInt32BE(0);
  return length > FRAME_MAXIMUM ? undefined : decodeFrame(readAt(file, at, FRAME_HEADER_OCTETS + length), 0);
}

/** Less than `length` at the end of the file. */
function readAt(file: number, at: number, length: number): Buffer {
  const octets = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const count = readSync(file, octets, read, length - read, at + read);
    if (count === 0) break;
    read += count;
  }
  return octets.subarray(0, read);
}

function sizeOf(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function placeOf({ table, key }: Pick<Entry, 'table' | 'key'>): string {
  return `${table}/${key}`;
}

function corrupt(path: string, what: string): StoreError {
  const text = `${path} is not what was written: ${what}; nothing was changed. Move its directory away to start without bindings, or bring back a copy`;
  return new StoreError('corrupt', text);
}
