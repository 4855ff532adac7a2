import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { StoreGap } from '#proto/record-change.ts';
import { LatestEntries } from './latest-entries.ts';
import { basePath, listFiles, logPath, type StoreFiles } from './log-files.ts';
import {
  decodeFrame,
  decodeHeader,
  type Entry,
  entryAt,
  entryPlaces,
  FileKind,
  FORMAT_VERSION,
  FRAME_HEADER_OCTETS,
  FRAME_MAXIMUM,
  type Frame,
  FrameFlag,
  HEADER_OCTETS,
} from './log-format.ts';
import { type StoredEntry, StoreError } from './store.ts';
import type { LeftWaiting } from './waiting-room.ts';

/** More than most frames of a base have. */
const FRAME_BUFFER_OCTETS = 1 << 19;
const FIRST_LOG = 1;
const NOTHING = Buffer.alloc(0);

/** What a directory holds, until `close`. */
export interface StoreContents {
  /** The latest of each key; each holds until the next is asked for. */
  entries(): Iterable<StoredEntry>;
  /** What may be lost; `undefined` when the store was closed, or what waited was found. */
  readonly gap: StoreGap | undefined;
  /** Entries that are in no log, in their order. */
  readonly left: readonly Buffer[];
  /** Of the frame that was written last; 0 when there is none. */
  readonly lastFrame: number;
  /** The number that the next log gets, and how much of the one before is valid; 0 when there is none. */
  readonly nextLog: { readonly number: number; readonly validBefore: number };
  readonly logs: number;
  /** Of what is valid in them. */
  readonly logOctets: number;
  readonly baseOctets: number;
  /** Octets at the end of the latest log that were never made durable: an interrupted write. */
  readonly unfinishedOctets: number;
  close(): void;
}

/** How often a reader follows an owner who compacts meanwhile. */
const ATTEMPTS = 10;

export interface ReadOptions {
  /** Only logs below this one. */
  readonly before?: number;
  /** What waited to be written; it counts when it follows what the logs have. */
  readonly left?: LeftWaiting | undefined;
}

/**
 * Reads a store, of which somebody may be the owner. Throws `StoreError` (`corrupt`, `newer`) and what `node:fs` throws.
 */
export function readStore(directory: string, options: ReadOptions = {}): StoreContents {
  for (let attempt = 1; ; attempt++) {
    const files = listFiles(directory);
    try {
      return readFiles(directory, files, options);
    } catch (error) {
      if (attempt === ATTEMPTS || isDeepStrictEqual(files, listFiles(directory))) throw error;
    }
  }
}

function readFiles(
  directory: string,
  files: StoreFiles,
  { before = Number.POSITIVE_INFINITY, left }: ReadOptions,
): StoreContents {
  const number = files.bases.filter((one) => one <= before).at(-1);
  const base = number === undefined ? undefined : openBase(directory, number);
  try {
    const numbers = files.logs.filter((one) => one >= (number ?? 0) && one < before);
    const logs = numbers.map((one) => readLog(directory, one));
    // The process was killed before its first commit: nobody was told anything.
    if (logs.at(-1)?.empty) logs.pop();
    checkSequence(directory, number, logs);
    const replay = replayLogs(directory, logs, left);
    const last = logs.at(-1);
    return {
      ...replay,
      entries: () => mergedEntries(base, replay.latest),
      nextLog: last
        ? { number: last.number + 1, validBefore: replay.validOfLast }
        : { number: FIRST_LOG, validBefore: 0 },
      logs: logs.length,
      baseOctets: base ? fstatSync(base.file).size : 0,
      close: () => base && closeSync(base.file),
    };
  } catch (error) {
    if (base) closeSync(base.file);
    throw error;
  }
}

interface Base {
  readonly path: string;
  readonly number: number;
  /** Open: what is in it is there also when the owner has put another in its place. */
  readonly file: number;
}

function openBase(directory: string, number: number): Base {
  const path = basePath(directory, number);
  return { path, number, file: openSync(path, 'r') };
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

/** A base has the log that follows it beside it, and logs without a base are all that there ever were. */
function checkSequence(directory: string, base: number | undefined, logs: readonly Log[]): void {
  const first = logs[0]?.number;
  if (base === undefined && first !== undefined && first !== FIRST_LOG)
    throw corrupt(basePath(directory, first), 'it is missing');
  if (base !== undefined && first !== base) throw corrupt(logPath(directory, base), 'it is missing');
  for (const [i, { number, empty }] of logs.entries()) {
    const expected = (logs[0] as Log).number + i;
    if (number !== expected || empty) throw corrupt(logPath(directory, expected), 'it is missing');
  }
}

interface Replay {
  readonly latest: LatestEntries;
  readonly left: readonly Buffer[];
  readonly lastFrame: number;
  readonly gap: StoreGap | undefined;
  readonly logOctets: number;
  readonly validOfLast: number;
  readonly unfinishedOctets: number;
}

function replayLogs(directory: string, logs: readonly Log[], waited: LeftWaiting | undefined): Replay {
  const latest = new LatestEntries([...logs.map(({ octets }) => octets), ...(waited?.entries ?? [])]);
  let last: Frame | undefined;
  let valid = 0;
  let logOctets = 0;
  let lastFrame = 0;
  for (const [i, log] of logs.entries()) {
    const path = logPath(directory, log.number);
    const next = logs[i + 1];
    const end = next?.validBefore ?? log.octets.length;
    valid = HEADER_OCTETS;
    for (let frame = decodeFrame(log.octets, valid); frame && frame.end <= end; ) {
      if (lastFrame > 0 && frame.number !== lastFrame + 1) throw corrupt(path, `frame ${lastFrame + 1} is missing`);
      for (const at of entryPlaces(frame.entries)) {
        if (at === undefined) throw corrupt(path, `frame ${frame.number} has an entry that ends beyond it`);
        latest.put(i, valid + FRAME_HEADER_OCTETS + at);
      }
      last = frame;
      lastFrame = frame.number;
      valid = frame.end;
      frame = decodeFrame(log.octets, valid);
    }
    const damaged = next ? valid !== end : frameFollows(log.octets, valid, lastFrame);
    if (damaged) throw corrupt(path, `what follows octet ${valid} is damaged`);
    logOctets += valid;
  }
  const unfinishedOctets = endOfWritten(logs.at(-1)?.octets ?? NOTHING, valid) - valid;
  const closed = !last || (last.flags & FrameFlag.CLOSED) !== 0;
  const follows = waited !== undefined && (lastFrame === waited.lastFrame || lastFrame === waited.lastFrame + 1);
  const left = follows ? waited.entries : [];
  for (const [i, entries] of left.entries())
    for (const at of entryPlaces(entries)) latest.put(logs.length + i, at as number);
  const gap = last && !closed && !follows ? { from: last.written, window: last.window } : undefined;
  return { latest, left, lastFrame, gap, logOctets, validOfLast: valid, unfinishedOctets };
}

/** Where the zeros begin that a log ends with; none of them says anything, but for those that are valid. */
function endOfWritten(octets: Buffer, valid: number): number {
  let end = octets.length;
  while (end > valid && octets[end - 1] === 0) end--;
  return end;
}

/**
 * An interrupted write is the last thing in a log; a whole frame behind it means that what was durable has been damaged. Its number tells it from octets of a mobile node's
 * choosing that look like a frame: so many may have been between as there is room for. Before the first frame of a log nobody had chosen any.
 */
function frameFollows(octets: Buffer, from: number, lastFrame: number): boolean {
  const written = endOfWritten(octets, from);
  for (let at = from + 1; at < written && at + FRAME_HEADER_OCTETS <= octets.length; at++) {
    const number = octets.readUInt32BE(at + 8) * 2 ** 32 + octets.readUInt32BE(at + 12);
    const between = number - lastFrame - 1;
    const isPossible = lastFrame === 0 ? number > 0 : between > 0 && between * FRAME_HEADER_OCTETS <= at - from;
    if (isPossible && decodeFrame(octets, at)) return true;
  }
  return false;
}

function* mergedEntries(base: Base | undefined, latest: LatestEntries): Generator<StoredEntry> {
  if (base) yield* baseEntries(base, latest);
  for (const entry of latest.values()) if (isStored(entry)) yield entry;
}

function isStored(entry: Entry): entry is StoredEntry {
  return entry.value !== undefined;
}

/** Those that no log has. Frame by frame in one buffer, as a base may be larger than what one wants in memory. */
function* baseEntries({ path, number, file }: Base, latest: LatestEntries): Generator<StoredEntry> {
  const header = decodeHeader(readAt(file, 0, Buffer.alloc(HEADER_OCTETS)));
  if (!header) throw corrupt(path, 'its header is damaged');
  checkHeader(path, header, FileKind.BASE, number);
  let buffer = Buffer.alloc(FRAME_BUFFER_OCTETS);
  for (let at = HEADER_OCTETS, ended = false; !ended; ) {
    const frame = frameAt(file, at, (octets) => {
      if (octets > buffer.length) buffer = Buffer.alloc(2 * octets);
      return buffer.subarray(0, octets);
    });
    if (!frame) throw corrupt(path, `what follows octet ${at} is damaged`);
    for (const place of entryPlaces(frame.entries)) {
      if (place === undefined) throw corrupt(path, `what follows octet ${at} is damaged`);
      if (latest.has(frame.entries, place)) continue;
      const entry = entryAt(frame.entries, place);
      if (isStored(entry)) yield entry;
    }
    at += FRAME_HEADER_OCTETS + frame.length;
    ended = (frame.flags & FrameFlag.END) !== 0;
  }
}

/** `bufferOf`: what is to be read into. */
function frameAt(file: number, at: number, bufferOf: (octets: number) => Buffer): Frame | undefined {
  const header = readAt(file, at, bufferOf(FRAME_HEADER_OCTETS));
  if (header.length < FRAME_HEADER_OCTETS) return undefined;
  const length = header.readUInt32BE(0);
  if (length > FRAME_MAXIMUM) return undefined;
  return decodeFrame(readAt(file, at, bufferOf(FRAME_HEADER_OCTETS + length)), 0);
}

/** Fills `octets`; less of them at the end of the file. */
function readAt(file: number, at: number, octets: Buffer): Buffer {
  let read = 0;
  while (read < octets.length) {
    const count = readSync(file, octets, read, octets.length - read, at + read);
    if (count === 0) break;
    read += count;
  }
  return octets.subarray(0, read);
}

function corrupt(path: string, what: string): StoreError {
  const text = `${path} is not what was written: ${what}; nothing was changed. Move its directory away to start without bindings, or bring back a copy`;
  return new StoreError('corrupt', text);
}
