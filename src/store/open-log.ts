import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { DataSync } from './data-sync.ts';
import { leavesRoom } from './disk-room.ts';
import { logPath, writeFully } from './log-files.ts';
import { encodeHeader, type FileHeader, FileKind } from './log-format.ts';

/** A log becomes longer by so many octets at a time: their zeros come with one frame in dozens, and take the disk a moment. */
const ROOM_OCTETS = 1 << 17;
const ZEROS = Buffer.alloc(ROOM_OCTETS);

/** The log that is written to. */
export interface OpenLog {
  readonly number: number;
  readonly path: string;
  readonly file: number;
  /** Octets that are durable. */
  valid: number;
  /** Octets of the file: what follows those that are valid is zeros, or was not made durable. */
  size: number;
}

/**
 * A log on its way to be the one that is written to. First its name is made durable: while nothing is in it, whoever reads takes it for none, and the log before may be written
 * to. Then its beginning: a header that says how much of the log before is valid, and a frame.
 */
export class NextLog {
  readonly number: number;
  readonly #path: string;
  readonly #file: number;
  readonly #directory: number;
  readonly #octets: Buffer;
  #hasBegun = false;

  /** `frame`: its first. Throws what `node:fs` throws; then the log before may be written to. */
  constructor(directory: string, { number, validBefore }: Pick<FileHeader, 'number' | 'validBefore'>, frame: Buffer) {
    this.number = number;
    this.#octets = Buffer.concat([encodeHeader({ kind: FileKind.LOG, number, validBefore }), frame]);
    this.#path = logPath(directory, number);
    this.#directory = openSync(directory, 'r');
    try {
      this.#file = openSync(this.#path, 'w', 0o600);
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
      const { length } = this.#octets;
      return { number: this.number, path: this.#path, file: this.#file, valid: length, size: length };
    }
    // What throws has written nothing.
    const written = writeSync(this.#file, this.#octets);
    this.#hasBegun = true;
    writeFully(this.#file, this.#octets.subarray(written), written);
    sync.begin(this.#file, 'octets');
    return undefined;
  }

  abandon(): void {
    closeSync(this.#directory);
    closeSync(this.#file);
  }
}

/**
 * Writes a frame behind what is valid, over what did not become durable. A file that becomes longer has fdatasync(2) write its inode too, and on most file systems wait for their
 * journal; so it is made longer than it has to be, by zeros, which say nothing, where the file system has room.
 */
export function writeFrame(log: OpenLog, frame: Buffer): void {
  const { file, path, valid } = log;
  const end = valid + frame.length;
  writeFully(file, frame, valid);
  if (end <= log.size) return;
  log.size = end;
  const zeros = ROOM_OCTETS - (end % ROOM_OCTETS);
  try {
    if (leavesRoom(path, zeros)) log.size += writeSync(file, ZEROS, 0, zeros, end);
  } catch {
    // The frame has its place. The next one tells when there is none left.
  }
}

/** Of a log that gets nothing any more: its last frame, or the log after it, says that what is valid is all. */
export function closeLog({ file, valid }: OpenLog): void {
  try {
    ftruncateSync(file, valid);
  } catch {
    // Its zeros do no harm.
  }
  closeSync(file);
}
