import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { milliseconds, type UtcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { lockDirectory, unwritable } from './directory-lock.ts';
import { hasStore, logPath, syncDirectory } from './log-files.ts';
import { encodeHeader, FileKind, FrameFlag, FrameWriter } from './log-format.ts';
import { type StoredEntry, StoreError } from './store.ts';

const FRAME_OCTETS = 1 << 18;
/** What is read at once, of a log. */
const LOG_MAXIMUM = 2 ** 31 - 1;
const NUMBER = 1;

/**
 * A store that is written from elsewhere, into a directory that has none. It becomes one when it is whole, by the change of one name: whatever interrupts it, the
 * directory has no store until then.
 */
export class StoreCopy {
  readonly #directory: string;
  readonly #made: boolean;
  readonly #lock: { release(): void };
  readonly #path: string;
  readonly #file: number;
  readonly #frame = new FrameWriter();
  readonly #written: UtcTime;
  readonly #gap: StoreGap | undefined;
  #frames = 0;
  #octets = 0;

  /** `gap`: of an original that was not closed; then the copy is none that was. Throws `StoreError`; then nothing was changed. */
  constructor(directory: string, gap: StoreGap | undefined, now: UtcTime) {
    this.#directory = directory;
    this.#gap = gap;
    this.#written = gap?.from ?? now;
    this.#made = !existsSync(directory);
    this.#lock = lockDirectory(directory);
    this.#path = `${logPath(directory, NUMBER)}.new`;
    try {
      if (hasStore(directory)) throw occupied(directory);
      this.#file = openSync(this.#path, 'w', 0o600);
    } catch (error) {
      this.#lock.release();
      throw error instanceof StoreError ? error : unwritable(directory, error);
    }
    this.#frame.begin();
  }

  /** Of several entries with one key the last counts. Throws `StoreError`; then there is only `abandon`. */
  add(entry: StoredEntry): void {
    this.#frame.add(entry);
    if (this.#frame.length >= FRAME_OCTETS) this.#try(() => this.#writeFrame(0));
  }

  /** Now it is a store. Throws as `add`. */
  finish(): void {
    this.#try(() => {
      this.#writeFrame(this.#gap ? 0 : FrameFlag.CLOSED);
      fsyncSync(this.#file);
      renameSync(this.#path, logPath(this.#directory, NUMBER));
      this.#syncOrTakeBack();
    });
    closeSync(this.#file);
    this.#lock.release();
  }

  /** Leaves the directory as it was. */
  abandon(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
    this.#lock.release();
    if (!this.#made) return;
    rmSync(join(this.#directory, 'lock'), { force: true });
    rmdirSync(this.#directory);
  }

  #writeFrame(flags: number): void {
    if (this.#frames === 0) this.#write(encodeHeader({ kind: FileKind.LOG, number: NUMBER, validBefore: 0 }));
    const window = this.#gap?.window ?? milliseconds(0);
    this.#write(this.#frame.finish({ number: ++this.#frames, written: this.#written, window, flags }));
    this.#frame.begin();
  }

  #write(octets: Buffer): void {
    for (let at = 0; at < octets.length; ) at += writeSync(this.#file, octets, at);
    this.#octets += octets.length;
    if (this.#octets > LOG_MAXIMUM)
      throw new StoreError('unwritable', `a store of more than ${LOG_MAXIMUM} octets cannot be made at once`);
  }

  /** A name that may not last is none. */
  #syncOrTakeBack(): void {
    try {
      syncDirectory(this.#directory);
    } catch (error) {
      rmSync(logPath(this.#directory, NUMBER), { force: true });
      throw error;
    }
  }

  #try(action: () => void): void {
    try {
      action();
    } catch (error) {
      throw error instanceof StoreError ? error : unwritable(this.#directory, error);
    }
  }
}

function occupied(directory: string): StoreError {
  return new StoreError('unwritable', `${directory} has a store; import into an empty directory, or move it away`);
}
