import fs, {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utcTime } from '#base/time.ts';
import { writeBase } from '#store/compaction.ts';
import { LogStore } from '#store/log-store.ts';
import type { StoredEntry } from '#store/store.ts';
import { StoreCopy } from '#store/store-copy.ts';
import { at, put } from './compliance.ts';
import { contentsOf, window } from './directory.ts';

const real = { fsyncSync: fs.fsyncSync, unlinkSync: fs.unlinkSync };

/** Stands between the store and the system. */
class Disk {
  /** What was made durable by fsync(2), in order. */
  readonly synced: string[] = [];
  /** fsync(2) of these fails. */
  readonly broken = new Set<string>();
  /** What was removed, with what it held the first time. */
  readonly removed = new Map<string, Buffer>();

  constructor() {
    this.#replace({
      fsyncSync: (file) => {
        const path = readlinkSync(`/proc/self/fd/${file}`);
        if (this.broken.has(path)) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        this.synced.push(path);
        real.fsyncSync(file);
      },
      unlinkSync: (path) => {
        if (!this.removed.has(`${path}`)) this.removed.set(`${path}`, readFileSync(path));
        real.unlinkSync(path);
      },
    });
  }

  remove(): void {
    this.#replace(real);
  }

  /** Whoever has imported them by name gets the others, too. */
  #replace(functions: typeof real): void {
    Object.assign(fs, functions);
    syncBuiltinESMExports();
  }
}

describe('where a directory may lose names with the power, a store', () => {
  let parent: string;
  let directory: string;
  let disk: Disk;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'mooring-failing-'));
    directory = join(parent, 'one', 'two', 'state');
    disk = new Disk();
  });
  afterEach(() => {
    disk.remove();
    rmSync(parent, { recursive: true });
  });

  it('has the names of all directories that it made written', () => {
    const store = new LogStore({ directory, window });
    store.begin(at(0));
    for (let made = directory; made !== parent; made = dirname(made)) expect(disk.synced).toContain(dirname(made));
    expect(disk.synced).toContain(directory);
    store.close(at(1));
  });

  it('promises nothing in a log of which another, that may have been kept, says that it had ended before', () => {
    const store = new LogStore({ directory, window, compactAbove: 1000 });
    store.begin(at(0));
    disk.broken.add(directory);
    const promised: string[] = [];
    for (const [i, key] of ['a', 'b', 'c'].entries()) {
      try {
        store.commit([put(key, 'x'.repeat(600))], at(i));
        promised.push(key);
      } catch {
        // Nobody was promised anything.
      }
    }
    const afterLoss = join(parent, 'after-loss');
    cpSync(directory, afterLoss, { recursive: true });
    expect(disk.removed.size).toBeGreaterThan(0);
    for (const [path, octets] of disk.removed) writeFileSync(join(afterLoss, basename(path)), octets);
    expect(Object.keys(contentsOf(afterLoss))).toEqual(expect.arrayContaining(promised));
    disk.broken.clear();
    store.commit([put('d', 'one')], at(4));
    expect(store.durable).toBe(store.awaited);
    store.abandon();
    expect(Object.keys(contentsOf(directory)).sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is none when the name of an imported one may not last, and the directory is as it was', () => {
    mkdirSync(directory, { recursive: true });
    const copy = new StoreCopy(directory, undefined, utcTime(0));
    copy.add(put('a', 'one') as StoredEntry);
    disk.broken.add(directory);
    expect(() => copy.finish()).toThrow(/EIO/);
    copy.abandon();
    expect(readdirSync(directory)).toEqual(['lock']);
  });

  it('of which only a base is left is not taken for an empty directory by an import', () => {
    new LogStore({ directory, window }).close(at(0));
    writeBase(directory, 7, [put('a', 'one') as StoredEntry], 3);
    const [name] = readdirSync(directory).filter((one) => one.endsWith('.base')) as [string];
    const octets = readFileSync(join(directory, name));
    expect(() => new StoreCopy(directory, undefined, utcTime(0))).toThrow(/has a store/);
    expect(readdirSync(directory).sort()).toEqual([name, 'lock']);
    expect(readFileSync(join(directory, basename(name)))).toEqual(octets);
  });
});
