import { SCHED_RESET_ON_FORK, SCHED_RR, schedSetscheduler } from './posix.ts';

/** The lowest of the real-time priorities: before every ordinary thread, behind whatever else is real-time. */
const PRIORITY = 1;

/**
 * Lets the calling thread run as soon as it has something to do, however busy the machine is (sched(7), SCHED_RR). Says whether it
 * could: it takes root or CAP_SYS_NICE. The kernel keeps 5 % of the time for the others even if the thread never sleeps.
 */
export function runWithoutDelay(): boolean {
  const parameter = Buffer.from(new ArrayBuffer(4));
  parameter.writeInt32LE(PRIORITY);
  return schedSetscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, parameter) === 0;
}
