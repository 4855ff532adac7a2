import { getrlimit, setrlimit } from './posix.ts';

const RLIMIT_CORE = 4;

/** The kernel writes no core of this process, which would have its keys in it, unless somebody raises the limit again: prlimit(1). */
export function forbidCores(): void {
  const limits = Buffer.from(new ArrayBuffer(16));
  if (getrlimit(RLIMIT_CORE, limits) !== 0) return;
  limits.writeBigUInt64LE(0n, 0);
  setrlimit(RLIMIT_CORE, limits);
}
