import { closeSync, fsyncSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a store: `00000012.base` has everything up to the beginning of `00000012.log`, which later logs follow. */
export interface StoreFiles {
  /** Ascending. */
  readonly logs: readonly number[];
  readonly bases: readonly number[];
  /** What a process that was killed left half done. */
  readonly unfinished: readonly string[];
}

const NAME = /^(\d{8,15})\.(log|base)(\.new)?$/;

/** Throws what `node:fs` throws. */
export function listFiles(directory: string): StoreFiles {
  const logs: number[] = [];
  const bases: number[] = [];
  const unfinished: string[] = [];
  for (const name of readdirSync(directory)) {
    const match = NAME.exec(name);
    if (!match) continue;
    if (match[3]) unfinished.push(join(directory, name));
    else (match[2] === 'log' ? logs : bases).push(Number(match[1]));
  }
  const ascending = (a: number, b: number) => a - b;
  return { logs: logs.sort(ascending), bases: bases.sort(ascending), unfinished };
}

/** Whether a run before has left a store there, whole or not. */
export function hasStore(directory: string | undefined): boolean {
  try {
    if (directory === undefined) return false;
    const { logs, bases } = listFiles(directory);
    return logs.length + bases.length > 0;
  } catch {
    return false;
  }
}

export function logPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(8, '0')}.log`);
}

export function basePath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(8, '0')}.base`);
}

/** Makes names durable that were added to or taken from a directory. */
export function syncDirectory(directory: string): void {
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Removes what a base of this number makes superfluous. */
export function removeOlder(directory: string, number: number): void {
  const { logs, bases } = listFiles(directory);
  for (const old of logs) if (old < number) unlinkSync(logPath(directory, old));
  for (const old of bases) if (old < number) unlinkSync(basePath(directory, old));
}

/** All of it: from that octet of the file on, or behind what was written last. Throws what `node:fs` throws. */
export function writeFully(file: number, octets: Buffer, from: number | null = null): void {
  for (let at = 0; at < octets.length; )
    at += writeSync(file, octets, at, octets.length - at, from === null ? null : from + at);
}
