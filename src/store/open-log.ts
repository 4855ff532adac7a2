import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { logPath, syncDirectory } from './log-files.ts';
import { encodeHeader, type FileHeader, FileKind } from './log-format.ts';

/** The log that is written to. */
export interface OpenLog {
  readonly number: number;
  readonly file: number;
  /** Octets that are durable. */
  valid: number;
}

/** `frame`: its first. Throws what `node:fs` throws; then there is none. */
export function createLog(
  directory: string,
  { number, validBefore }: Pick<FileHeader, 'number' | 'validBefore'>,
  frame: Buffer,
): OpenLog {
  const path = logPath(directory, number);
  const file = openSync(path, 'w', 0o600);
  try {
    const octets = Buffer.concat([encodeHeader({ kind: FileKind.LOG, number, validBefore }), frame]);
    writeFully({ file, valid: 0 }, octets);
    fsyncSync(file);
    syncDirectory(directory);
    return { number, file, valid: octets.length };
  } catch (error) {
    closeSync(file);
    unlinkSync(path);
    throw error;
  }
}

/** What was written before and did not become durable is written over. */
export function writeFully({ file, valid }: Pick<OpenLog, 'file' | 'valid'>, octets: Buffer): void {
  for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at, octets.length - at, valid + at);
}
