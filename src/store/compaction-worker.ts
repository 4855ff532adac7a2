import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { workerData } from 'node:worker_threads';
import { runWhenIdle } from '#host/scheduling.ts';
import { compact } from './compaction.ts';
import { type CompactionOrder, Place, PROBLEM_AT } from './compaction-thread.ts';

/** Waits for orders without an event loop, as whoever gives them has none either. */
const { directory, shared } = workerData as CompactionOrder;
const state = new Int32Array(shared, 0, 4);
const problem = Buffer.from(shared, PROBLEM_AT);
/** Nobody wakes it. */
const bed = new Int32Array(new SharedArrayBuffer(4));

// Of this thread alone, as Linux has it: nobody waits for what it does, while mobile nodes may wait for the processor.
if (!runWhenIdle()) setPriority(constants.priority.PRIORITY_LOW);
Atomics.store(state, Place.THREAD, Number(basename(readlinkSync('/proc/thread-self'))));

for (let wanted = nextOrder(0); wanted > 0; wanted = nextOrder(wanted)) {
  try {
    compact(directory, wanted, (milliseconds) => Atomics.wait(bed, 0, 0, milliseconds));
    Atomics.store(state, Place.DONE, wanted);
  } catch (error) {
    // The logs stay, and the next order takes them along.
    problem.fill(0);
    problem.write((error as Error).message, 0, problem.length - 1);
  }
  Atomics.store(state, Place.FINISHED, wanted);
}

/** A number of a log, or -1 for the end. */
function nextOrder(former: number): number {
  Atomics.wait(state, Place.WANTED, former);
  return Atomics.load(state, Place.WANTED);
}
