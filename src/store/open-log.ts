import { closeSync, openSync, writeSync } from 'node:fs';
import type { DataSync } from './data-sync.ts';
import { logPath } from './log-files.ts';
import { encodeHeader, type FileHeader, FileKind } from './log-format.ts';

/** The log that is written to. */
export interface OpenLog {
  readonly number: number;
  readonly file: number;
  /** Octets that are durable. */
  valid: number;
}

/**
 * A log on its way to be the one that is written to. First its name is made durable: while nothing is in it, whoever reads takes it for none, and the log before may be written
 * to. Then its beginning: a header that says how much of the log before is valid, and a frame.
 */
export class NextLog {
  readonly number: number;
  readonly #file: number;
  readonly #directory: number;
  readonly #octets: Buffer;
  #hasBegun = false;

  /** `frame`: its first. Throws what `node:fs` throws; then the log before may be written to. */
  constructor(directory: string, { number, validBefore }: Pick<FileHeader, 'number' | 'validBefore'>, frame: Buffer) {
    this.number = number;
    this.#octets = Buffer.concat([encodeHeader({ kind: FileKind.LOG, number, validBefore }), frame]);
    this.#directory = openSync(directory, 'r');
    try {
      this.#file = openSync(logPath(directory, number), 'w', 0o600);
    } catch (error) {
      closeSync(this.#directory);
      throw error;
    }
  }

  /** Whether the disk may have what it says of the log before, to which nothing may be written then. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Throws as `DataSync.begin`. */
  begin(sync: DataSync): void {
    sync.begin(this.#directory, 'names');
  }

  /** What was begun has ended: begins what comes next. Returns the log once nothing does. Throws what `node:fs` and `DataSync.begin` throw. */
  goOn(sync: DataSync): OpenLog | undefined {
    if (this.#hasBegun) {
      closeSync(this.#directory);
      return { number: this.number, file: this.#file, valid: this.#octets.length };
    }
    // What throws has written nothing.
    const written = writeSync(this.#file, this.#octets);
    this.#hasBegun = true;
    writeFully({ file: this.#file, valid: written }, this.#octets.subarray(written));
    sync.begin(this.#file, 'octets');
    return undefined;
  }

  abandon(): void {
    closeSync(this.#directory);
    closeSync(this.#file);
  }
}

/** What was written before and did not become durable is written over. */
export function writeFully({ file, valid }: Pick<OpenLog, 'file' | 'valid'>, octets: Buffer): void {
  for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at, octets.length - at, valid + at);
}
