import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';

/** What a lab notes about itself while it is there, so that a later one with the same prefix knows. */
export interface Registration {
  readonly pid: number;
  /** Of that process, in the kernel's ticks after boot: a pid alone may have been given to another process since. */
  readonly startTicks: number;
  /** Logs, leases and captures. */
  readonly directory: string;
  /** Left running by `--keep`: its processes live although `pid` has ended. */
  readonly kept: boolean;
}

const registrationDirectory = '/run/mooring';

export function register(prefix: string, directory: string, kept: boolean): void {
  mkdirSync(registrationDirectory, { recursive: true });
  const entry: Registration = { pid: process.pid, startTicks: startTicks(process.pid) ?? 0, directory, kept };
  writeFileSync(fileOf(prefix), `${JSON.stringify(entry)}\n`);
}

export function unregister(prefix: string): void {
  rmSync(fileOf(prefix), { force: true });
  if (existsSync(registrationDirectory) && readdirSync(registrationDirectory).length === 0)
    rmdirSync(registrationDirectory);
}

export function readRegistration(prefix: string): Registration | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(prefix), 'utf8')) as Registration;
  } catch {
    return undefined;
  }
}

/** Throws `LabError` when a lab with this prefix is running or was kept. */
export function checkFree(prefix: string): void {
  const earlier = readRegistration(prefix);
  if (earlier === undefined) return;
  if (isRunning(earlier)) {
    throw new LabError(
      'already-running',
      `a lab "${prefix}" is running as process ${earlier.pid}; stop it, or use --prefix for another`,
    );
  }
  if (earlier.kept) {
    const remedy = `remove it with "npm run lab -- --down --prefix ${prefix}", or use --prefix for another`;
    throw new LabError('already-kept', `a kept lab "${prefix}" is there; ${remedy}`);
  }
}

export function isRunning({ pid, startTicks: started }: Registration): boolean {
  return pid !== process.pid && startTicks(pid) === started;
}

/** `undefined` when there is no such process. */
function startTicks(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

function fileOf(prefix: string): string {
  return join(registrationDirectory, `${prefix}.lab.json`);
}
