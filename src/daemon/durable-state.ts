import { Histogram, type HistogramSummary } from '#base/histogram.ts';
import {
  type ClockReading,
  type Duration,
  type Instant,
  instant,
  milliseconds,
  type UtcTime,
  utcTime,
} from '#base/time.ts';
import { BackgroundSync } from '#host/background-sync.ts';
import { monotonicNanoseconds } from '#host/clock.ts';
import type { RestartGap } from '#proto/record-change.ts';
import { LogStore } from '#store/log-store.ts';
import {
  countRecords,
  type OwnedRecords,
  type RecordCounts,
  recordPortions,
  restartCounterChange,
  restartGapChange,
} from '#store/records.ts';
import { gapAtStart } from '#store/restart-gap.ts';
import { NO_RUNTIME_DIRECTORY, runtimeDirectory } from '#store/runtime-directory.ts';
import { type Store, type StoredChange, StoreError, type StoreStats } from '#store/store.ts';
import { VolatileStore } from '#store/volatile.ts';
import type { LogLimiter } from './log-limiter.ts';
import { restartCounterAt } from './restart-counter.ts';
import { PATIENCE_NS } from './waiting-answers.ts';

/** What becomes of the service when bindings cannot be kept, and how long a refresh may wait. */
export interface StatePolicy {
  /** `withhold`: what cannot be made durable is not answered. `memory`: it is, and lost with the process. */
  readonly onFailure: 'withhold' | 'memory';
  readonly window: Duration;
}

/** What is said of the store; plain JSON. */
export interface StateReport {
  /** `null`: bindings are kept in memory only, as the operator wants it. */
  readonly directory: string | null;
  /** Why they are, or are not kept at all, though they are to be kept there. */
  readonly problem: string | null;
  readonly onFailure: StatePolicy['onFailure'];
  readonly windowMs: number;
  /** Where refreshes wait that are not written yet. */
  readonly waiting: {
    /** In memory that outlives the process; `null`: in the process, and lost when it is killed. */
    readonly directory: string | null;
    /** Why they are there, though they were to be elsewhere. */
    readonly problem: string | null;
  };
  readonly stats: StoreStats;
  /** Microseconds from when answers began to wait for the disk until a group was durable; `null` before the first. */
  readonly commit: HistogramSummary | null;
  readonly restored: {
    readonly bindings: number;
    readonly sessions: number;
    /** `null`: the run before ended in an orderly way. */
    readonly gapMs: number | null;
  };
}

/** A `DataSync` that goes on by itself: readable when something has ended. */
type BackgroundDisk = Pick<BackgroundSync, 'begin' | 'close' | 'fd' | 'hasEnded'>;

/**
 * Groups that are not small follow each other at this distance, however fast the disk is: each costs the processor as much as some messages.
 */
const GROUP_SPACING = milliseconds(0.5);

/** While the store is broken: how often it is tried again when nobody waits for it. */
const RETRY = milliseconds(1000);

/**
 * The node's store, or memory in its stead where the operator wants or allows that. While the disk is at work the node goes on, and only
 * answers wait: until the group that has what they promise is durable. What the store did not take stays in it and is tried
 * again, so that nothing is missing when it works again.
 */
export class DurableState {
  readonly restartCounter: number;
  readonly gap: RestartGap | undefined;
  #store: Store;
  readonly #sync: BackgroundDisk | undefined;
  readonly #directory: string | undefined;
  /** Where what waits outlives the process; `undefined` where it cannot, or has nowhere to go. */
  readonly #runtimeDirectory: string | undefined;
  readonly #log: LogLimiter;
  readonly #delays = new Histogram();
  readonly #restored: StateReport['restored'];
  #policy: StatePolicy;
  #problem: string | undefined;
  /** The store could not even be opened. */
  #lost = false;
  #triedAt: Instant | undefined;
  #compactionFailures = 0;
  /** Since when, in nanoseconds, answers have waited for a group. */
  #awaitedSince: number | undefined;
  /** What this run has to say of the node before all else. */
  readonly #ofNode: StoredChange[] = [];
  /** Changes from before `begin`; then `undefined`. */
  #early: StoredChange[] | undefined = [];

  /**
   * `directory`: `undefined` for memory. Throws `StoreError` when the store cannot be used and the policy does not allow to go on in
   * memory. Nothing of it is changed before `begin`. `sync`: what makes its files durable; without it the node waits for that.
   */
  constructor(
    directory: string | undefined,
    policy: StatePolicy,
    now: ClockReading,
    log: LogLimiter,
    sync: BackgroundDisk | undefined = BackgroundSync.open(),
  ) {
    this.#sync = sync;
    this.#policy = policy;
    this.#directory = directory;
    this.#runtimeDirectory = directory === undefined ? undefined : runtimeDirectory();
    this.#log = log;
    const { store, counts } = directory === undefined ? volatile() : this.#open(directory, now);
    this.#store = store;
    this.gap = gapAtStart(counts.restartGap, store.gap, startedAt(now), now.utc);
    // Durable with the beginning of this run: from then on the store tells of this one's end only.
    if (store.gap || (counts.restartGap && !this.gap)) this.#ofNode.push(restartGapChange(this.gap));
    this.restartCounter = counts.restartCounter ?? restartCounterAt(now.utc);
    if (counts.restartCounter === undefined) this.#ofNode.push(restartCounterChange(this.restartCounter));
    this.#restored = { bindings: counts.bindings, sessions: counts.sessions, gapMs: store.gap?.window ?? null };
  }

  /** Whether bindings outlive the process. */
  get isDurable(): boolean {
    return this.#directory !== undefined && this.#problem === undefined;
  }

  /** What a former run has left, some at a time; before `begin`. */
  get records(): Iterable<OwnedRecords> {
    return recordPortions(this.#store.load());
  }

  /** Readable when `settle` has something to do; `undefined` where it never has. */
  get fd(): number | undefined {
    return this.#sync?.fd;
  }

  /** The number of the latest group that is durable, or need not be. */
  get durable(): number {
    return this.#store.durable;
  }

  /** The number of the latest group that answers wait for: for none, where the service goes on in memory. */
  get awaited(): number {
    const isMemory = this.#problem !== undefined && this.#policy.onFailure === 'memory';
    return isMemory ? this.#store.durable : this.#store.awaited;
  }

  /** What was read is in use, and from now on there are changes. Throws `StoreError` as the constructor does. */
  begin(now: ClockReading): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    try {
      this.#store.begin(now, this.#ofNode);
      this.#store.commit(early, now);
      this.#store.settle(now, true);
    } catch (error) {
      if (!(error instanceof StoreError) || this.#policy.onFailure === 'withhold') throw error;
      if (this.#store instanceof LogStore) this.#store.abandon();
      this.#store = this.#lose(error, now).store;
    }
  }

  /**
   * Answers that promise these changes may leave once `durable` is what `awaited` is then; returns whether that goes for those that have their
   * window, too. Throws `StoreError` when the store does not take them: then they are withheld, as all that wait.
   */
  commit(changes: readonly StoredChange[], now: ClockReading): boolean {
    let all = false;
    if (this.#early) this.#early.push(...changes);
    else
      this.#follow(() => {
        all = this.#store.commit(changes, now);
      }, now);
    return all;
  }

  /** Goes on from what the disk has done meanwhile; with `wait`, until nothing is awaited. Throws as `commit`. */
  settle(now: ClockReading, wait = false): void {
    this.#follow(() => this.#store.settle(now, wait), now);
  }

  nextFlush(): Instant | undefined {
    const due = this.#store.nextFlush();
    if (due === undefined || this.#triedAt === undefined) return due;
    return instant(Math.max(due, this.#triedAt + RETRY));
  }

  /** While answers wait for the disk: when the next group begins, at the earliest; `undefined` when none does. */
  nextGroup(): Instant | undefined {
    return this.awaited > this.durable ? this.#store.nextGroup() : undefined;
  }

  /** Does nothing before something is due. Never throws. Notices a disk that hangs, when it is asked again and again. */
  flushIfDue(now: ClockReading): void {
    if (this.#isHanging) this.#failed(new StoreError('unwritable', this.#hangs), now);
    const due = this.nextFlush();
    if (due === undefined || due > now.instant) return;
    try {
      this.#follow(() => this.#store.flush(now), now);
    } catch {
      // It was told; `nextFlush` says when it is tried again.
    }
  }

  configure(policy: StatePolicy): void {
    this.#policy = policy;
    this.#store.setWindow(policy.window);
  }

  report(): StateReport {
    return {
      directory: this.#directory ?? null,
      problem: this.#problem ?? null,
      onFailure: this.#policy.onFailure,
      windowMs: this.#policy.window,
      waiting: this.#waiting,
      stats: { ...this.#store.stats },
      commit: this.#delays.summary() ?? null,
      restored: this.#restored,
    };
  }

  close(now: ClockReading): void {
    try {
      this.#store.close(now);
    } catch (error) {
      this.#tell('error', 'store-failed', `the latest changes are lost: ${(error as Error).message}`, now);
    }
    this.#sync?.close();
  }

  get #waiting(): StateReport['waiting'] {
    if (!(this.#store instanceof LogStore)) return { directory: null, problem: null };
    const { memoryProblem } = this.#store;
    const directory = memoryProblem === undefined ? (this.#runtimeDirectory ?? null) : null;
    return { directory, problem: directory === null ? (memoryProblem ?? NO_RUNTIME_DIRECTORY) : null };
  }

  #open(directory: string, now: ClockReading): OpenStore {
    let store: LogStore | undefined;
    try {
      const { window } = this.#policy;
      const sync = this.#sync && { sync: this.#sync, spacing: GROUP_SPACING };
      const inMemory = this.#runtimeDirectory && { runtimeDirectory: this.#runtimeDirectory };
      store = new LogStore({ directory, window, ...sync, ...inMemory });
      return { store, counts: countRecords(store.load()) };
    } catch (error) {
      store?.abandon();
      if (!(error instanceof StoreError) || this.#policy.onFailure === 'withhold') throw error;
      return this.#lose(error, now);
    }
  }

  /** Goes on in memory. */
  #lose(error: StoreError, now: ClockReading): OpenStore {
    this.#lost = true;
    this.#failed(error, now);
    return volatile();
  }

  #follow(action: () => void, now: ClockReading): void {
    const { durable } = this.#store;
    const since = this.#awaitedSince ?? monotonicNanoseconds();
    try {
      action();
      if (this.#store.durable > durable) this.#succeeded(now);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#triedAt = now.instant;
      this.#failed(error, now);
      if (this.#policy.onFailure === 'withhold') throw error;
    } finally {
      this.#measure(durable, since);
      this.#noteCompaction(now);
    }
  }

  #noteCompaction(now: ClockReading): void {
    const { compactionFailures, compactionProblem } = this.#store.stats;
    if (compactionFailures === this.#compactionFailures) return;
    this.#compactionFailures = compactionFailures;
    const text = `the logs could not be made one base, and stay until as many more have come together: ${compactionProblem}`;
    this.#tell('warn', 'compaction-failed', text, now);
  }

  get #isHanging(): boolean {
    const since = this.#awaitedSince;
    return since !== undefined && monotonicNanoseconds() - since > PATIENCE_NS;
  }

  get #hangs(): string {
    return `${this.#directory} is not written: its disk has been at work for more than ${PATIENCE_NS / 1e9} seconds; look at the log of the kernel`;
  }

  #measure(durableBefore: number, since: number): void {
    const at = monotonicNanoseconds();
    const { durable, awaited } = this.#store;
    if (durable > durableBefore && awaited > durableBefore) this.#delays.record((at - since) / 1000);
    if (awaited <= durable) this.#awaitedSince = undefined;
    else this.#awaitedSince = durable > durableBefore ? at : since;
  }

  #failed({ message }: StoreError, now: ClockReading): void {
    if (this.#problem === message) return;
    this.#problem = message;
    this.#tell('error', 'store-failed', `${consequenceOf(this.#policy)}: ${message}`, now);
  }

  #succeeded(now: ClockReading): void {
    if (this.#problem === undefined || this.#lost) return;
    this.#triedAt = undefined;
    this.#problem = undefined;
    this.#tell('info', 'store-recovered', 'the store takes changes again, and has all of them', now);
  }

  #tell(level: 'info' | 'warn' | 'error', code: string, text: string, now: ClockReading): void {
    const fields = this.#directory === undefined ? {} : { directory: this.#directory };
    this.#log.log('store', { kind: 'log', level, code, text, fields }, now.instant);
  }
}

/** For the operator, of a store with a problem. */
function consequenceOf({ onFailure }: Pick<StatePolicy, 'onFailure'>): string {
  return onFailure === 'memory'
    ? 'bindings are kept in memory only and will be lost with the process'
    : 'answers that promise a binding are withheld, and sessions of a MAG kept in memory only';
}

/** Of this process: the former one had ended by then. */
function startedAt({ utc }: ClockReading): UtcTime {
  return utcTime(utc - process.uptime() * 1000);
}

interface OpenStore {
  readonly store: Store;
  readonly counts: RecordCounts;
}

function volatile(): OpenStore {
  return {
    store: new VolatileStore(),
    counts: { bindings: 0, sessions: 0, restartCounter: undefined, restartGap: undefined },
  };
}
