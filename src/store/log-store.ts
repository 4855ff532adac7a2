import { closeSync, existsSync, statSync, unlinkSync } from 'node:fs';
import { type ClockReading, type Duration, type Instant, milliseconds, utcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { CompactionThread } from './compaction-thread.ts';
import { type DataSync, SYNCHRONOUS } from './data-sync.ts';
import { lockDirectory, unwritable } from './directory-lock.ts';
import { basePath, listFiles, logPath, removeOlder, syncDirectory } from './log-files.ts';
import { FrameFlag, type FrameHeader, FrameWriter } from './log-format.ts';
import { readStore, type StoreContents } from './log-reader.ts';
import { createLog, type OpenLog, writeFully } from './open-log.ts';
import { createStoreStats, type Store, type StoredChange, type StoredEntry, StoreError } from './store.ts';
import { WaitingChanges } from './waiting-changes.ts';

export interface LogStoreOptions {
  readonly directory: string;
  /** How long changes other than `before-reply` may wait. */
  readonly window: Duration;
  /** Octets of logs beside which no new base is made. */
  readonly compactAbove?: number;
  /** Changes are taken while it is at work; by itself nothing is. */
  readonly sync?: DataSync;
}

/** Less is read in a moment when a node starts; more keeps the disk busy for nothing. */
const COMPACT_ABOVE = 64 << 20;
/** Each start begins a log; so many small ones are made one. */
const LOGS_MAXIMUM = 16;

/**
 * A store in files of a directory: a base, and logs of the changes since. A group of changes is one frame of a log, written and followed by one
 * fdatasync(2). What comes while the disk is at work is the next group. Behind what is in use a thread makes new bases of old logs.
 */
export class LogStore implements Store {
  readonly gap: StoreGap | undefined;
  readonly stats = createStoreStats();
  durable = 0;
  awaited = 0;
  readonly #directory: string;
  readonly #compactAbove: number;
  readonly #lock: { release(): void };
  readonly #waiting: WaitingChanges;
  readonly #frame = new FrameWriter();
  readonly #compaction: CompactionThread;
  readonly #sync: DataSync;
  #contents: StoreContents | undefined;
  #log: OpenLog | undefined;
  /** Written, and being made durable. */
  #underWay: Group | undefined;
  #lastFrame: number;
  /** When what the last one holds was taken. */
  #written: Pick<FrameHeader, 'written' | 'window'> = { written: utcTime(0), window: milliseconds(0) };
  /** Octets of the logs that are not in the base, and of the base. */
  #logOctets: number;
  #baseOctets: number;
  #logs: number;
  #compactedBefore = 0;
  /** After a failed fdatasync(2), as during one, nobody knows what of the file is on the disk. */
  #logUnsure = false;

  /** Throws `StoreError`; then nothing was changed. */
  constructor({ directory, window, compactAbove = COMPACT_ABOVE, sync = SYNCHRONOUS }: LogStoreOptions) {
    this.#directory = directory;
    this.#sync = sync;
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

  begin(now: ClockReading, first: readonly StoredChange[] = []): void {
    const { number, validBefore } = (this.#contents as StoreContents).nextLog;
    this.#written = { written: now.utc, window: this.#waiting.window };
    try {
      removeLeftOver(this.#directory);
      this.#log = this.#begun(number, validBefore, first);
    } catch (error) {
      throw unwritable(this.#directory, error);
    }
    this.#forgetContents();
    this.#compactIfDue();
  }

  commit(changes: readonly StoredChange[], now: ClockReading): boolean {
    const isLate = (this.#underWay?.deadline ?? now.instant) < now.instant;
    if (!this.#add(changes, isLate, now)) return false;
    this.awaited = (this.#underWay?.number ?? this.durable) + 1;
    if (!this.#underWay) this.#write(now, 0);
    return isLate;
  }

  settle(now: ClockReading, wait: boolean): void {
    // The disk may tell a second time of what was seen to have ended.
    if (!this.#underWay) this.#sync.hasEnded(false);
    do {
      if (!this.#underWay || !this.#finish(now, wait)) return;
      if (this.#waiting.overdue) this.#write(now, 0);
    } while (wait && this.awaited > this.durable);
  }

  nextFlush(): Instant | undefined {
    return this.#underWay ? undefined : this.#waiting.due();
  }

  flush(now: ClockReading): void {
    if (!this.#underWay && this.#waiting.size > 0) this.#write(now, 0);
  }

  setWindow(window: Duration): void {
    this.#waiting.window = window;
  }

  close(now: ClockReading): void {
    try {
      if (this.#log) this.#writeLast(now);
    } finally {
      this.abandon();
    }
  }

  /** Ends the use of the store without a word, as a crash would. */
  abandon(): void {
    this.#compaction.end();
    this.#forgetContents();
    if (this.#log) closeSync(this.#log.file);
    this.#lock.release();
  }

  #forgetContents(): void {
    this.#contents?.close();
    this.#contents = undefined;
  }

  /** Everything that waits becomes the group under way. */
  #write(now: ClockReading, flags: number): void {
    const { window, deadline } = this.#waiting;
    const changes = this.#take();
    try {
      const log = this.#logUnsure ? this.#rotate() : this.#writable();
      this.#frame.begin();
      for (const change of changes.values()) this.#frame.add(change);
      const about = { number: this.#lastFrame + 1, written: now.utc, window, flags };
      const frame = this.#frame.finish(about);
      writeFully(log, frame);
      this.#underWay = { number: this.durable + 1, changes: changes.size, octets: frame.length, deadline, about };
      this.#logUnsure = true;
      this.#sync.begin(log.file);
    } catch (error) {
      throw this.#failed(error, now);
    }
    this.#finish(now, false);
  }

  /** Whether the group under way is durable now; with `wait`, not before it is. */
  #finish(now: ClockReading, wait: boolean): boolean {
    const group = this.#underWay;
    if (!group) return true;
    try {
      if (!this.#sync.hasEnded(wait)) return false;
    } catch (error) {
      throw this.#failed(error, now);
    }
    this.#underWay = undefined;
    this.#logUnsure = false;
    this.durable = group.number;
    this.#writable().valid += group.octets;
    this.#lastFrame++;
    this.#written = group.about;
    this.stats.commits++;
    this.stats.changes += group.changes;
    this.stats.octets += group.octets;
    this.#logOctets += group.octets;
    if (group.about.flags !== FrameFlag.CLOSED) this.#compactIfDue();
    return true;
  }

  #add(changes: readonly StoredChange[], isLate: boolean, now: ClockReading): boolean {
    try {
      return this.#waiting.add(changes, now, isLate);
    } catch (error) {
      throw this.#gaveUp(error);
    }
  }

  #take(): ReadonlyMap<string, StoredChange> {
    try {
      return this.#waiting.take();
    } catch (error) {
      throw this.#gaveUp(error);
    }
  }

  #gaveUp(error: unknown): unknown {
    this.awaited = this.durable;
    this.stats.failures++;
    return error;
  }

  /** Nobody waits any longer, but for the next try. */
  #failed(error: unknown, now: ClockReading): StoreError {
    this.#underWay = undefined;
    this.awaited = this.durable;
    this.stats.failures++;
    this.#waiting.putBack(now);
    return unwritable(this.#directory, error);
  }

  #writeLast(now: ClockReading): void {
    try {
      this.#finish(now, true);
    } catch {
      // It is tried again with the rest.
    }
    this.#write(now, FrameFlag.CLOSED);
    this.#finish(now, true);
  }

  /** The next log; what of the present one is valid stands in its header. */
  #rotate(): OpenLog {
    const { number, valid, file } = this.#writable();
    const next = this.#begun(number + 1, valid);
    closeSync(file);
    this.#log = next;
    this.#logUnsure = false;
    return next;
  }

  /** A log, and in it a frame that says of when all before is, with the first changes. */
  #begun(number: number, validBefore: number, first: readonly StoredChange[] = []): OpenLog {
    this.#frame.begin();
    for (const change of first) this.#frame.add(change);
    const frame = this.#frame.finish({ ...this.#written, number: this.#lastFrame + 1, flags: 0 });
    const log = createLog(this.#directory, { number, validBefore }, frame);
    this.#lastFrame++;
    this.#logs++;
    this.#logOctets += log.valid;
    return log;
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
      // No room for another log: this one goes on, unless the disk may have kept the other, which says where this one ends.
      this.#logUnsure = !isGone(this.#directory, this.#writable().number + 1);
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

interface Group {
  readonly number: number;
  readonly changes: number;
  readonly octets: number;
  /** Until when the oldest of its changes is to be durable. */
  readonly deadline: Instant | undefined;
  readonly about: Omit<FrameHeader, 'length'>;
}

/** Whether there is no log of this number, after a loss of power either. */
function isGone(directory: string, number: number): boolean {
  try {
    syncDirectory(directory);
    return !existsSync(logPath(directory, number));
  } catch {
    return false;
  }
}

function removeLeftOver(directory: string): void {
  const { bases, unfinished } = listFiles(directory);
  for (const path of unfinished) unlinkSync(path);
  const base = bases.at(-1);
  if (base !== undefined) removeOlder(directory, base);
}
