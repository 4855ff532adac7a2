import { setrlimit } from './posix.ts';

const RLIMIT_MEMLOCK = 8;

/** Before Linux 5.11 maps and programs are memory that a process locks, of which it may have little. Who may not raise the limit keeps it. */
export function raiseLockedMemory(): void {
  const limits = Buffer.from(new ArrayBuffer(16)).fill(0xff); // RLIM_INFINITY
  setrlimit(RLIMIT_MEMLOCK, limits);
}
