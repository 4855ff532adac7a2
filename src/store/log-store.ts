import { closeSync, statSync, unlinkSync } from 'node:fs';
import { after, type ClockReading, type Duration, type Instant, instant, milliseconds, utcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { type Compaction, CompactionThread } from './compaction-thread.ts';
import { type DataSync, SYNCHRONOUS } from './data-sync.ts';
import { lockDirectory, unwritable } from './directory-lock.ts';
import { basePath, listFiles, removeOlder } from './log-files.ts';
import { type FileHeader, FrameFlag, type FrameHeader, FrameWriter } from './log-format.ts';
import { readStore, type StoreContents } from './log-reader.ts';
import { closeLog, NextLog, type OpenLog, writeFrame } from './open-log.ts';
import { createStoreStats, type Store, type StoredChange, type StoredEntry, StoreError } from './store.ts';
import { type Taken, WaitingChanges } from './waiting-changes.ts';
import { WaitingMemory } from './waiting-memory.ts';

export interface LogStoreOptions {
  readonly directory: string;
  /** How long changes other than `before-reply` may wait. */
  readonly window: Duration;
  /** From the beginning of a group that is not small to that of the next, at least. By itself one follows the other. */
  readonly spacing?: Duration;
  /** Octets of logs beside which no new base is made. */
  readonly compactAbove?: number;
  /** A log that has more octets is followed by another. */
  readonly logMaximum?: number;
  /** Changes are taken while it is at work; by itself nothing is. */
  readonly sync?: DataSync;
  readonly compaction?: Compaction;
  /** Where what waits outlives the process; by itself it does not. */
  readonly runtimeDirectory?: string;
}

/** Less is read in a moment when a node starts; more keeps the disk busy for nothing. */
const COMPACT_ABOVE = 128 << 20;
/** Logs go on while a base is made, and are read as a whole, which goes up to twice as much. */
const LOG_MAXIMUM = 1 << 30;
/** A group of fewer changes is small: where so little comes nothing is saved by larger ones. */
const FEW = 4;
/** Each start begins a log; so many small ones are made one. */
const LOGS_MAXIMUM = 16;

/**
 * A store in files of a directory: a base, and logs of the changes since. A group of changes is one frame of a log, written and followed by one
 * fdatasync(2). What comes while the disk is at work, or too soon after a group that is not small, is the next group. What waits may do so in memory that outlives the process. Behind what
 * is in use a thread makes new bases of old logs.
 */
export class LogStore implements Store {
  readonly gap: StoreGap | undefined;
  readonly stats = createStoreStats();
  durable = 0;
  awaited = 0;
  /** Why what waits is lost with the process, though it was not to be. */
  readonly memoryProblem: string | undefined;
  readonly #directory: string;
  readonly #spacing: Duration;
  readonly #compactAbove: number;
  readonly #logMaximum: number;
  readonly #lock: { release(): void };
  readonly #memory: WaitingMemory | undefined;
  readonly #waiting: WaitingChanges;
  readonly #frame = new FrameWriter();
  readonly #compaction: Compaction;
  readonly #sync: DataSync;
  #contents: StoreContents | undefined;
  #log: OpenLog | undefined;
  /** Written, and being made durable. */
  #underWay: Group | undefined;
  /** Before that no group begins for what answers wait for. */
  #nextGroup = instant(0);
  /** What comes waits until this is the log. */
  #change: LogChange | undefined;
  #lastFrame: number;
  /** When what the last one holds was taken. */
  #written: Pick<FrameHeader, 'written' | 'window'> = { written: utcTime(0), window: milliseconds(0) };
  /** Octets of the logs that are not in the base, and of the base. */
  #logOctets: number;
  #baseOctets: number;
  #logs: number;
  /** Nothing may be added to the log: what of it is on the disk nobody knows after a failed fdatasync(2), as during one; or another log may say how much of it is valid. */
  #logUnsure = false;

  /** Throws `StoreError`; then nothing was changed. */
  constructor({
    directory,
    window,
    spacing = milliseconds(0),
    compactAbove = COMPACT_ABOVE,
    logMaximum = LOG_MAXIMUM,
    sync = SYNCHRONOUS,
    compaction = new CompactionThread(directory),
    runtimeDirectory,
  }: LogStoreOptions) {
    this.#directory = directory;
    this.#spacing = spacing;
    this.#sync = sync;
    this.#compactAbove = compactAbove;
    this.#logMaximum = logMaximum;
    this.#compaction = compaction;
    this.#lock = lockDirectory(directory);
    try {
      if (runtimeDirectory !== undefined) this.#memory = new WaitingMemory(directory, runtimeDirectory);
    } catch (error) {
      this.memoryProblem = (error as Error).message;
    }
    this.#waiting = new WaitingChanges(window, this.#memory?.rooms);
    try {
      const contents = readStore(directory, { left: this.#memory?.left });
      this.#contents = contents;
      this.gap = contents.gap;
      this.#lastFrame = contents.lastFrame;
      this.#logOctets = contents.logOctets;
      this.#baseOctets = contents.baseOctets;
      this.#logs = contents.logs;
    } catch (error) {
      this.#memory?.close(false);
      this.#lock.release();
      throw error instanceof StoreError ? error : unwritable(directory, error);
    }
  }

  load(): Iterable<StoredEntry> {
    return this.#contents?.entries() ?? [];
  }

  begin(now: ClockReading, first: readonly StoredChange[] = []): void {
    const { nextLog, left } = this.#contents as StoreContents;
    this.#written = { written: now.utc, window: this.#waiting.window };
    try {
      removeLeftOver(this.#directory);
      this.#beginLog(nextLog, false, first, left);
    } catch (error) {
      throw this.#failed(error, now);
    }
    this.#finish(now, true);
    this.#memory?.begin(this.#lastFrame);
    this.#forgetContents();
    this.#compactIfDue(now);
    this.#finish(now, false);
  }

  commit(changes: readonly StoredChange[], now: ClockReading): boolean {
    const deadline = this.#change ? this.#waiting.deadline : this.#underWay?.deadline;
    const isLate = (deadline ?? now.instant) < now.instant;
    if (!this.#add(changes, isLate, now)) return false;
    this.awaited = (this.#underWay?.number ?? this.durable) + 1;
    if (!this.#isAtWork && this.#nextGroup <= now.instant) this.#write(now, 0);
    return isLate;
  }

  settle(now: ClockReading, wait: boolean): void {
    // The disk may tell a second time of what was seen to have ended.
    if (!this.#isAtWork) this.#sync.hasEnded(false);
    do {
      if ((!this.#isAtWork && this.awaited <= this.durable) || !this.#finish(now, wait)) return;
      if (this.#waiting.overdue && (wait || this.#nextGroup <= now.instant)) this.#write(now, 0);
    } while (wait && this.awaited > this.durable);
  }

  nextFlush(): Instant | undefined {
    return this.#isAtWork ? undefined : (this.nextGroup() ?? this.#waiting.due());
  }

  nextGroup(): Instant | undefined {
    return this.awaited > this.durable ? this.#nextGroup : undefined;
  }

  flush(now: ClockReading): void {
    if (!this.#isAtWork && this.#waiting.size > 0) this.#write(now, 0);
  }

  setWindow(window: Duration): void {
    this.#waiting.window = window;
  }

  close(now: ClockReading): void {
    let isStored = false;
    try {
      if (this.#log) this.#writeLast(now);
      isStored = this.#log !== undefined;
    } finally {
      this.#end(isStored);
    }
  }

  /** Ends the use of the store without a word, as a crash would. */
  abandon(): void {
    this.#end(false);
  }

  #end(isStored: boolean): void {
    this.#memory?.close(isStored);
    this.#compaction.end();
    this.#forgetContents();
    this.#change?.log.abandon();
    if (this.#log && isStored) closeLog(this.#log);
    else if (this.#log) closeSync(this.#log.file);
    this.#lock.release();
  }

  #noteFrame(): void {
    this.#lastFrame++;
    this.#memory?.noteFrame(this.#lastFrame);
  }

  #forgetContents(): void {
    this.#contents?.close();
    this.#contents = undefined;
  }

  get #isAtWork(): boolean {
    return this.#underWay !== undefined || this.#change !== undefined;
  }

  /** Everything that waits becomes the group under way, after another log where it needs that. */
  #write(now: ClockReading, flags: number, wait = false): void {
    const needsLog = this.#logUnsure || this.#writable().valid > this.#logMaximum;
    try {
      if (needsLog) this.#beginLog(this.#following, false);
    } catch (error) {
      throw this.#failed(error, now);
    }
    if (needsLog && !this.#finish(now, wait)) return;
    this.#writeGroup(now, flags);
    this.#finish(now, wait);
  }

  #writeGroup(now: ClockReading, flags: number): void {
    const { window, deadline } = this.#waiting;
    const taken = this.#take();
    this.#nextGroup = taken.size < FEW ? now.instant : after(now.instant, this.#spacing);
    const about = { number: this.#lastFrame + 1, written: now.utc, window, flags };
    const frame = taken.frame.finish(about);
    this.#underWay = { number: this.durable + 1, taken, octets: frame.length, deadline, about };
    try {
      const log = this.#writable();
      writeFrame(log, frame);
      this.#logUnsure = true;
      this.#sync.begin(log.file, 'octets');
    } catch (error) {
      throw this.#failed(error, now);
    }
  }

  /** Whether nothing is under way any more; with `wait`, not before that. Throws `StoreError` when the disk did not take a group, or the log that one needs. */
  #finish(now: ClockReading, wait: boolean): boolean {
    while (this.#isAtWork) {
      try {
        if (!this.#sync.hasEnded(wait)) return false;
        if (this.#change) this.#goOn(this.#change, now);
      } catch (error) {
        if (!this.#change?.compacts) throw this.#failed(error, now);
        this.#leaveOut(error);
      }
      if (this.#underWay) this.#noteDurable(this.#underWay, now);
    }
    return true;
  }

  #noteDurable(group: Group, now: ClockReading): void {
    this.#underWay = undefined;
    this.#logUnsure = false;
    this.durable = group.number;
    this.#writable().valid += group.octets;
    this.#noteFrame();
    group.taken.frame.begin();
    this.#written = group.about;
    this.stats.commits++;
    this.stats.changes += group.taken.size;
    this.stats.octets += group.octets;
    this.#logOctets += group.octets;
    if (group.about.flags !== FrameFlag.CLOSED) this.#compactIfDue(now);
  }

  #add(changes: readonly StoredChange[], isLate: boolean, now: ClockReading): boolean {
    try {
      return this.#waiting.add(changes, now, isLate);
    } catch (error) {
      throw this.#gaveUp(error);
    }
  }

  #take(): Taken {
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
    const taken = this.#underWay?.taken;
    this.#underWay = undefined;
    this.#nextGroup = now.instant;
    this.#abandonLog();
    this.awaited = this.durable;
    this.stats.failures++;
    this.#waiting.putBack(taken, now);
    return unwritable(this.#directory, error);
  }

  #writeLast(now: ClockReading): void {
    try {
      this.#finish(now, true);
    } catch {
      // It is tried again with the rest.
    }
    this.#write(now, FrameFlag.CLOSED, true);
  }

  /** After the present one, of which it says what is valid. */
  get #following(): NewLog {
    const { number, valid } = this.#writable();
    return { number: number + 1, validBefore: valid };
  }

  /** A log, and in it a frame that says of when all before is, with the first changes. Throws what `node:fs` and `DataSync.begin` throw. */
  #beginLog(about: NewLog, compacts: boolean, first: readonly StoredChange[] = [], left: readonly Buffer[] = []): void {
    this.#frame.begin();
    for (const entries of left) this.#frame.append(entries);
    for (const change of first) this.#frame.add(change);
    const frame = this.#frame.finish({ ...this.#written, number: this.#lastFrame + 1, flags: 0 });
    const log = new NextLog(this.#directory, about, frame);
    this.#change = { log, compacts };
    log.begin(this.#sync);
  }

  #goOn({ log, compacts }: LogChange, now: ClockReading): void {
    const ready = log.goOn(this.#sync);
    if (!ready) return;
    this.#change = undefined;
    if (this.#log) closeLog(this.#log);
    this.#log = ready;
    this.#logUnsure = false;
    this.#noteFrame();
    this.#logs++;
    this.#logOctets += ready.valid;
    if (!compacts) return;
    this.#compaction.start(ready.number, now.instant);
    this.#countLogsAnew();
  }

  #abandonLog(): void {
    if (!this.#change) return;
    const { log } = this.#change;
    this.#change = undefined;
    log.abandon();
    this.#logUnsure ||= log.hasBegun;
  }

  /** The present log goes on, if it may. */
  #leaveOut(error: unknown): void {
    this.#abandonLog();
    this.#countLogsAnew();
    this.#compactionFailed(unwritable(this.#directory, error).message);
  }

  /** The next compaction is due when as many more have come together. */
  #countLogsAnew(): void {
    this.#logOctets = 0;
    this.#logs = 1;
  }

  #writable(): OpenLog {
    if (!this.#log) throw new Error('nothing may be stored before `begin`');
    return this.#log;
  }

  #compactIfDue(now: ClockReading): void {
    this.#noteCompaction(now);
    if (this.#compaction.busy) return;
    const due = this.#logOctets > Math.max(this.#compactAbove, this.#baseOctets / 2) || this.#logs > LOGS_MAXIMUM;
    if (!due) return;
    try {
      this.#beginLog(this.#following, true);
    } catch (error) {
      this.#leaveOut(error);
    }
  }

  #noteCompaction({ instant }: ClockReading): void {
    const outcome = this.#compaction.outcome(instant);
    if (!outcome) return;
    if ('problem' in outcome) {
      this.#compactionFailed(outcome.problem);
      return;
    }
    try {
      this.#baseOctets = statSync(basePath(this.#directory, outcome.before)).size;
      this.stats.compactions++;
    } catch (error) {
      this.#compactionFailed(unwritable(this.#directory, error).message);
    }
  }

  #compactionFailed(problem: string): void {
    this.stats.compactionFailures++;
    this.stats.compactionProblem = problem;
  }
}

/** Which log it is, and what of the one before is valid. */
type NewLog = Pick<FileHeader, 'number' | 'validBefore'>;

interface LogChange {
  readonly log: NextLog;
  /** For a compaction of all before it; else for changes that cannot go into the present log. */
  readonly compacts: boolean;
}

interface Group {
  readonly number: number;
  readonly taken: Taken;
  readonly octets: number;
  /** Until when the oldest of its changes is to be durable. */
  readonly deadline: Instant | undefined;
  readonly about: Omit<FrameHeader, 'length'>;
}

function removeLeftOver(directory: string): void {
  const { bases, unfinished } = listFiles(directory);
  for (const path of unfinished) unlinkSync(path);
  const base = bases.at(-1);
  if (base !== undefined) removeOlder(directory, base);
}
