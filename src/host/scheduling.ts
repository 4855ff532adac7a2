import { SCHED_IDLE, SCHED_OTHER, SCHED_RESET_ON_FORK, SCHED_RR, schedSetscheduler } from './posix.ts';

/** The lowest of the real-time priorities: before every ordinary thread, behind whatever else is real-time. */
const PRIORITY = 1;

/**
 * Lets the calling thread run as soon as it has something to do, however busy the machine is (sched(7), SCHED_RR). Says whether it
 * could: it takes root or CAP_SYS_NICE.
 */
export function runWithoutDelay(): boolean {
  return schedule(SCHED_RR, PRIORITY);
}

/** Lets the calling thread take its turn with all others again. */
export function runInTurn(): boolean {
  return schedule(SCHED_OTHER, 0);
}

/** Lets the calling thread run when no other wants to, and puts it off as soon as one does (sched(7), SCHED_IDLE): a low priority alone keeps the others waiting for some milliseconds. */
export function runWhenIdle(): boolean {
  return schedule(SCHED_IDLE, 0);
}

/** Microseconds of processor time that the calling thread has used. */
export function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function schedule(policy: number, priority: number): boolean {
  const parameter = Buffer.from(new ArrayBuffer(4));
  parameter.writeInt32LE(priority);
  return schedSetscheduler(0, policy | SCHED_RESET_ON_FORK, parameter) === 0;
}
