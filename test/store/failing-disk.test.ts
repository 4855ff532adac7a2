import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
import { WatchedDisk } from './watched-disk.ts';

describe('where a directory may lose names with the power, a store', () => {
  let parent: string;
  let directory: string;
  let disk: WatchedDisk;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'mooring-failing-'));
    directory = join(parent, 'one', 'two', 'state');
    disk = new WatchedDisk();
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

  it.each([
    ['of which another says, as far as the disk has kept it, that it had ended before', '00000002.log', ['a', 'b']],
    ['after another has failed that says nothing yet', '', ['a', 'b', 'c']],
  ])('promises in a log %s, what is there after a loss of power', (_, broken, accepted) => {
    const store = new LogStore({ directory, window, compactAbove: 1000 });
    store.begin(at(0));
    disk.broken.add(join(directory, broken).replace(/\/$/, ''));
    const promised: string[] = [];
    for (const [i, key] of ['a', 'b', 'c'].entries()) {
      try {
        store.commit([put(key, 'x'.repeat(600))], at(i));
        promised.push(key);
      } catch {
        // Nobody was promised anything.
      }
    }
    expect(promised).toEqual(accepted);
    for (const hasKept of [true, false]) {
      const afterLoss = join(parent, `after-loss-${hasKept}`);
      cpSync(directory, afterLoss, { recursive: true });
      if (!hasKept) rmSync(join(afterLoss, '00000002.log'));
      expect(Object.keys(contentsOf(afterLoss))).toEqual(expect.arrayContaining(promised));
    }
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
