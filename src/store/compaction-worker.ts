import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { compact } from './compaction.ts';
import { type CompactionOrder, Place } from './compaction-thread.ts';

/** Waits for orders without an event loop, as whoever gives them has none either. */
const { directory, shared } = workerData as CompactionOrder;
const state = new Int32Array(shared);

// Of this thread alone, as Linux has it: nobody waits for what it does, while mobile nodes may wait for the processor.
setPriority(constants.priority.PRIORITY_LOW);

for (let wanted = nextOrder(0); wanted > 0; wanted = nextOrder(wanted)) {
  try {
    compact(directory, wanted);
    Atomics.store(state, Place.DONE, wanted);
  } catch {
    // The logs stay, and the next order takes them along.
    Atomics.add(state, Place.FAILURES, 1);
  }
  Atomics.store(state, Place.FINISHED, wanted);
}

/** A number of a log, or -1 for the end. */
function nextOrder(former: number): number {
  Atomics.wait(state, Place.WANTED, former);
  return Atomics.load(state, Place.WANTED);
}
