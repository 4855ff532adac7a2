import { closeSync, fdatasyncSync, fsyncSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import type { ClockReading, Duration, Instant } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { CompactionThread } from './compaction-thread.ts';
import { lockDirectory, unwritable } from './directory-lock.ts';
import { basePath, listFiles, logPath, removeOlder, syncDirectory } from './log-files.ts';
import { encodeHeader, FileKind, FrameFlag, FrameWriter, HEADER_OCTETS } from './log-format.ts';
import { readStore, type StoreContents } from './log-reader.ts';
import { createStoreStats, type Store, type StoredChange, type StoredEntry, StoreError } from './store.ts';
import { WaitingChanges } from './waiting-changes.ts';

export interface LogStoreOptions {
  readonly directory: string;
  /** How long changes other than `before-reply` may wait. */
  readonly window: Duration;
  /** Octets of logs beside which no new base is made. */
  readonly compactAbove?: number;
}

/** Less is read in a moment when a node starts; more keeps the disk busy for nothing. */
const COMPACT_ABOVE = 32 << 20;
/** Each start begins a log; so many small ones are made one. */
const LOGS_MAXIMUM = 16;

/**
 * A store in files of a directory: a base, and logs of the changes since. A group of changes is one frame of a log, written and followed by one
 * fdatasync(2). Behind what is in use a thread makes new bases of old logs.
 */
export class LogStore implements Store {
  readonly gap: StoreGap | undefined;
  readonly stats = createStoreStats();
  readonly #directory: string;
  readonly #compactAbove: number;
  readonly #lock: { release(): void };
  readonly #waiting: WaitingChanges;
  readonly #frame = new FrameWriter();
  readonly #compaction: CompactionThread;
  #contents: StoreContents | undefined;
  #log: OpenLog | undefined;
  #lastFrame: number;
  /** Octets of the logs that are not in the base, and of the base. */
  #logOctets: number;
  #baseOctets: number;
  #logs: number;
  #compactedBefore = 0;
  /** After a failed fdatasync(2) nobody knows what of the file is on the disk. */
  #logUnsure = false;

  /** Throws `StoreError`; then nothing was changed. */
  constructor({ directory, window, compactAbove = COMPACT_ABOVE }: LogStoreOptions) {
    this.#directory = directory;
    this.#compactAbove = compactAbove;
    this.#waiting = new WaitingChanges(window);
    this.#compaction = new CompactionThread(directory);
    this.#lock = lockDirectory(directory);
    try {
      const contents = readStore(directory);
      this.#contents = contents;
      this.gap = contents.gap;
      this.#lastFrame = contents.lastFrame;
      this.#logOctets = contents.logOctets;
      this.#baseOctets = contents.baseOctets;
      this.#logs = contents.logs;
    } catch (error) {
      this.#lock.release();
      throw error instanceof StoreError ? error : unwritable(directory, error);
    }
  }

  load(): Iterable<StoredEntry> {
    return this.#contents?.entries() ?? [];
  }

  begin(now: ClockReading): void {
    const { number, validBefore } = (this.#contents as StoreContents).nextLog;
    try {
      removeLeftOver(this.#directory);
      this.#log = createLog(this.#directory, number, validBefore);
    } catch (error) {
      throw unwritable(this.#directory, error);
    }
    this.#contents = undefined;
    this.#logs++;
    this.#write(now, 0);
  }

  commit(changes: readonly StoredChange[], now: ClockReading): void {
    if (this.#waiting.add(changes, now)) this.#write(now, 0);
  }

  nextFlush(): Instant | undefined {
    return this.#waiting.due();
  }

  flush(now: ClockReading): void {
    if (this.#waiting.size > 0) this.#write(now, 0);
  }

  setWindow(window: Duration): void {
    this.#waiting.window = window;
  }

  close(now: ClockReading): void {
    try {
      if (this.#log) this.#write(now, FrameFlag.CLOSED);
    } finally {
      this.abandon();
    }
  }

  /** Ends the use of the store without a word, as a crash would. */
  abandon(): void {
    this.#compaction.end();
    if (this.#log) closeSync(this.#log.file);
    this.#lock.release();
  }

  #write(now: ClockReading, flags: number): void {
    try {
      const log = this.#logUnsure ? this.#rotate() : this.#writable();
      this.#frame.begin();
      for (const change of this.#waiting.values()) this.#frame.add(change);
      const number = this.#lastFrame + 1;
      const frame = this.#frame.finish({ number, written: now.utc, window: this.#waiting.window, flags });
      writeFully(log, frame);
      this.#sync(log);
      log.valid += frame.length;
      this.#lastFrame = number;
      this.stats.commits++;
      this.stats.changes += this.#waiting.size;
      this.stats.octets += frame.length;
      this.#logOctets += frame.length;
      this.#waiting.clear();
    } catch (error) {
      this.stats.failures++;
      this.#waiting.overdue = true;
      throw unwritable(this.#directory, error);
    }
    this.#compactIfDue();
  }

  #sync({ file }: OpenLog): void {
    try {
      fdatasyncSync(file);
    } catch (error) {
      this.#logUnsure = true;
      throw error;
    }
  }

  /** The next log; what of the present one is valid stands in its header. */
  #rotate(): OpenLog {
    const { number, valid, file } = this.#writable();
    const next = createLog(this.#directory, number + 1, valid);
    closeSync(file);
    this.#log = next;
    this.#logs++;
    this.#logUnsure = false;
    return next;
  }

  #writable(): OpenLog {
    if (!this.#log) throw new Error('nothing may be stored before `begin`');
    return this.#log;
  }

  #compactIfDue(): void {
    if (this.#compaction.busy) return;
    this.#noteCompaction();
    const due = this.#logOctets > Math.max(this.#compactAbove, this.#baseOctets / 2) || this.#logs > LOGS_MAXIMUM;
    if (!due) return;
    try {
      this.#compaction.start(this.#rotate().number);
    } catch {
      // No room for another log: this one goes on.
      return;
    }
    this.#logOctets = 0;
    this.#logs = 1;
  }

  #noteCompaction(): void {
    const { done, failures } = this.#compaction;
    this.stats.compactionFailures = failures;
    if (done === this.#compactedBefore) return;
    this.#compactedBefore = done;
    this.stats.compactions++;
    this.#baseOctets = statSync(basePath(this.#directory, done)).size;
  }
}

interface OpenLog {
  readonly number: number;
  readonly file: number;
  /** Octets that are durable. */
  valid: number;
}

function createLog(directory: string, number: number, validBefore: number): OpenLog {
  const path = logPath(directory, number);
  const file = openSync(path, 'w', 0o600);
  const log = { number, file, valid: 0 };
  try {
    writeFully(log, encodeHeader({ kind: FileKind.LOG, number, validBefore }));
    fsyncSync(file);
    syncDirectory(directory);
  } catch (error) {
    closeSync(file);
    unlinkSync(path);
    throw error;
  }
  log.valid = HEADER_OCTETS;
  return log;
}

/** What was written before and did not become durable is written over. */
function writeFully({ file, valid }: OpenLog, octets: Buffer): void {
  for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at, octets.length - at, valid + at);
}

function removeLeftOver(directory: string): void {
  const { bases, unfinished } = listFiles(directory);
  for (const path of unfinished) unlinkSync(path);
  const base = bases.at(-1);
  if (base !== undefined) removeOlder(directory, base);
}
