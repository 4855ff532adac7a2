import fs, { readlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const real = { fsyncSync: fs.fsyncSync, fdatasyncSync: fs.fdatasyncSync };

/** Stands between the store and the system. */
export class WatchedDisk {
  /** What was made durable by fsync(2) and fdatasync(2), in order, while their caller waited. */
  readonly synced: string[] = [];
  /** Of these it fails. */
  readonly broken = new Set<string>();

  constructor() {
    this.#replace({
      fsyncSync: (file) => this.#sync(file, real.fsyncSync),
      fdatasyncSync: (file) => this.#sync(file, real.fdatasyncSync),
    });
  }

  remove(): void {
    this.#replace(real);
  }

  #sync(file: number, sync: (file: number) => void): void {
    const path = readlinkSync(`/proc/self/fd/${file}`);
    if (this.broken.has(path)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    this.synced.push(path);
    sync(file);
  }

  /** Whoever has imported them by name gets the others, too. */
  #replace(functions: typeof real): void {
    Object.assign(fs, functions);
    syncBuiltinESMExports();
  }
}
