import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import workerThreads, { type Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Instant, instant } from '#base/time.ts';
import { type CompactionOutcome, CompactionThread } from '#store/compaction-thread.ts';
import { LogStore } from '#store/log-store.ts';
import { at, put } from './compliance.ts';
import { contentsOf, temporary, window } from './directory.ts';

/** Threads of this process under SCHED_IDLE: the 41st field of their status (proc_pid_stat(5)). */
function idleThreads(): number {
  const policies = readdirSync('/proc/self/task').map(
    (thread) => readFileSync(`/proc/self/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ')[38],
  );
  return policies.filter((policy) => policy === '5').length;
}

const RealWorker = workerThreads.Worker;
const ENDED = { problem: 'the thread that does it has ended' };

describe('a thread that compacts', () => {
  const threads: Worker[] = [];
  let directory: string;
  let discard: () => void;
  let thread: CompactionThread;
  beforeEach(() => {
    ({ directory, discard } = temporary());
    for (let run = 1; run <= 4; run++) {
      const store = new LogStore({ directory, window });
      store.begin(at(0));
      store.commit([put(`${run}`, 'one')], at(run));
      store.close(at(run));
    }
    threads.length = 0;
    thread = new CompactionThread(directory);
    startedBy((worker) => threads.push(worker));
  });
  afterEach(() => {
    thread.end();
    replaceWorker(RealWorker);
    discard();
  });
  const outcome = async (now: Instant): Promise<CompactionOutcome> => {
    for (;;) {
      const found = thread.outcome(now);
      if (found) return found;
      await sleep(1);
    }
  };
  const dies = async () => {
    const worker = threads.at(-1) as Worker;
    const gone = once(worker, 'exit');
    await Promise.all([worker.terminate(), gone]);
  };

  it('leaves the processor to whoever wants it', async () => {
    const before = idleThreads();
    thread.start(2, instant(0));
    await outcome(instant(1));
    expect(idleThreads() - before).toBe(1);
  });

  it('makes a base, and says why it could not', async () => {
    thread.start(2, instant(0));
    expect(thread.busy).toBe(true);
    expect(await outcome(instant(1))).toEqual({ before: 2 });
    expect([thread.busy, thread.outcome(instant(2))]).toEqual([false, undefined]);
    expect(Object.keys(contentsOf(directory))).toEqual(['1', '2', '3', '4']);
    thread.start(40, instant(3));
    expect(await outcome(instant(4))).toEqual({ before: 40 });
    thread.start(41, instant(5));
    expect(await outcome(instant(6))).toEqual({
      problem: expect.stringContaining('00000040.log is not what was written'),
    });
  });

  it('that ends is noticed within a second, and followed by another', async () => {
    thread.start(2, instant(0));
    expect(await outcome(instant(1))).toEqual({ before: 2 });
    await dies();
    thread.start(3, instant(500));
    expect([thread.outcome(instant(900)), thread.busy]).toEqual([undefined, true]);
    expect([thread.outcome(instant(1000)), thread.busy]).toEqual([ENDED, false]);
    thread.start(4, instant(1100));
    expect(await outcome(instant(1200))).toEqual({ before: 4 });
    expect(threads).toHaveLength(2);
  });

  it('that has ended long before it is asked again is followed by another at once', async () => {
    thread.start(2, instant(0));
    expect(await outcome(instant(1))).toEqual({ before: 2 });
    await dies();
    thread.start(3, instant(60_000));
    expect(await outcome(instant(60_001))).toEqual({ before: 3 });
  });

  it('that never runs is noticed, and followed by another', async () => {
    startedBy((worker) => {
      threads.push(worker);
      void worker.terminate();
    });
    thread.start(2, instant(0));
    await once(threads[0] as Worker, 'exit');
    expect([thread.outcome(instant(900)), thread.busy]).toEqual([undefined, true]);
    expect([thread.outcome(instant(60_001)), thread.busy]).toEqual([ENDED, false]);
    startedBy((worker) => threads.push(worker));
    thread.start(3, instant(60_002));
    expect(await outcome(instant(60_003))).toEqual({ before: 3 });
  });

  it('that cannot be started is a failure, too', () => {
    startedBy(() => {
      throw new Error('no more threads');
    });
    thread.start(2, instant(0));
    expect([thread.outcome(instant(0)), thread.busy]).toEqual([{ problem: 'no more threads' }, false]);
  });
});

/** Of all that are started from now on. */
function startedBy(notice: (worker: Worker) => void): void {
  replaceWorker(
    class extends RealWorker {
      constructor(...parameters: ConstructorParameters<typeof RealWorker>) {
        super(...parameters);
        notice(this);
      }
    },
  );
}

function replaceWorker(replacement: typeof RealWorker): void {
  workerThreads.Worker = replacement;
  syncBuiltinESMExports();
}
