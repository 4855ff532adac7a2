import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type Instant, seconds } from '#base/time.ts';

export interface CompactionOrder {
  readonly directory: string;
  /** `Place` says what stands where, 32 bits each; from `PROBLEM_AT` on why the last attempt failed. */
  readonly shared: SharedArrayBuffer;
}

/** `WANTED`: compact the logs before this one; -1: end. `FINISHED`: that was tried. `DONE`: and succeeded. `THREAD`: its number on the system, 0 before it runs. */
export const Place = { WANTED: 0, FINISHED: 1, DONE: 2, THREAD: 3 } as const;
export const PROBLEM_AT = 16;

const SHARED_OCTETS = 1024;
const END = -1;
const LOOK_AFTER = seconds(1);
/** A thread that does not run by then never will. */
const START_MAXIMUM = seconds(60);

/** What came of an order: everything before the log of this number is in the base, or is not, for this reason. */
export type CompactionOutcome = { readonly before: number } | { readonly problem: string };

/** Makes a new base of old logs behind what is in use. */
export interface Compaction {
  /** Until `outcome` has told how it went. */
  readonly busy: boolean;
  /** Of the logs before the one of this number, and the base; only when it is not busy. */
  start(before: number, now: Instant): void;
  /** Of what was started, once it is over, and once only. */
  outcome(now: Instant): CompactionOutcome | undefined;
  /** What is under way is finished later or left undone; both leave a whole store. */
  end(): void;
}

interface Thread {
  readonly state: Int32Array;
  readonly problem: Buffer;
  readonly begun: Instant;
  lookedAt: Instant;
}

/**
 * Compacts in a thread of its own, which is spoken to through shared memory: its owner never returns to an event loop. So it does not hear of its end
 * either, for want of memory for instance, and looks from time to time whether it still runs.
 */
export class CompactionThread implements Compaction {
  readonly #directory: string;
  #thread: Thread | undefined;
  /** The order under way. */
  #wanted: number | undefined;
  /** Why there is no thread to do it. */
  #problem: string | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get busy(): boolean {
    return this.#wanted !== undefined;
  }

  start(before: number, now: Instant): void {
    this.#wanted = before;
    if (this.#thread && hasEnded(this.#thread, now)) this.end();
    try {
      this.#thread ??= this.#begin(now);
      const { state } = this.#thread;
      Atomics.store(state, Place.WANTED, before);
      Atomics.notify(state, Place.WANTED);
    } catch (error) {
      this.#problem = (error as Error).message;
    }
  }

  outcome(now: Instant): CompactionOutcome | undefined {
    if (this.#wanted === undefined) return undefined;
    const outcome = this.#outcomeOf(this.#wanted, now);
    if (outcome) this.#wanted = undefined;
    return outcome;
  }

  end(): void {
    if (!this.#thread) return;
    const { state } = this.#thread;
    this.#thread = undefined;
    Atomics.store(state, Place.WANTED, END);
    Atomics.notify(state, Place.WANTED);
  }

  #outcomeOf(before: number, now: Instant): CompactionOutcome | undefined {
    if (!this.#thread) return { problem: this.#problem ?? '' };
    const { state, problem } = this.#thread;
    if (Atomics.load(state, Place.FINISHED) === before) {
      if (Atomics.load(state, Place.DONE) === before) return { before };
      return { problem: problem.toString('utf8', 0, problem.indexOf(0)) };
    }
    if (!hasEnded(this.#thread, now)) return undefined;
    this.end();
    return { problem: 'the thread that does it has ended' };
  }

  #begin(now: Instant): Thread {
    const shared = new SharedArrayBuffer(SHARED_OCTETS);
    const workerData: CompactionOrder = { directory: this.#directory, shared };
    const worker = new Worker(new URL('./compaction-worker.ts', import.meta.url), { workerData, stdin: false });
    worker.unref();
    worker.on('error', () => {});
    const [state, problem] = [new Int32Array(shared, 0, 4), Buffer.from(shared, PROBLEM_AT)];
    return { state, problem, begun: now, lookedAt: now };
  }
}

function hasEnded(thread: Thread, now: Instant): boolean {
  if (now - thread.lookedAt < LOOK_AFTER) return false;
  thread.lookedAt = now;
  const number = Atomics.load(thread.state, Place.THREAD);
  return number === 0 ? now - thread.begun > START_MAXIMUM : !existsSync(`/proc/self/task/${number}`);
}
