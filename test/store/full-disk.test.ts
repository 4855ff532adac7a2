import { mkdirSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compact } from '#store/compaction.ts';
import { LogStore } from '#store/log-store.ts';
import { smallDisk } from '../host/small-disk.ts';
import { at, put } from './compliance.ts';
import { contentsOf, temporary, window } from './directory.ts';

const KEYS = 40;
const VALUE = 'v'.repeat(50_000);

describe.skipIf(process.geteuid?.() !== 0)('on a disk without room for another base, a store (root)', () => {
  let disk: string;
  let directory: string;
  let discard: () => void;
  beforeEach(() => {
    ({ directory: disk, discard } = temporary());
    mkdirSync(disk);
    const unmount = smallDisk(disk, '6m');
    const remove = discard;
    discard = () => {
      unmount();
      remove();
    };
    directory = join(disk, 'state');
  });
  afterEach(() => discard());

  const free = () => {
    const { bavail, bsize } = statfsSync(disk);
    return bavail * bsize;
  };
  /** Closed, with two megabytes; the number of the log that would follow. */
  const filled = (): number => {
    const store = new LogStore({ directory, window });
    store.begin(at(0));
    for (let i = 0; i < KEYS; i++) store.commit([put(`${i}`, VALUE)], at(1));
    store.close(at(2));
    return 2;
  };
  const names = () => readdirSync(directory).filter((name) => name !== 'lock');

  it('does not begin to fill the rest of it: the files are as before, and changes have room', () => {
    const next = filled();
    const store = new LogStore({ directory, window });
    store.begin(at(3));
    writeFileSync(join(disk, 'other'), Buffer.alloc(free() - 1_000_000));
    const [before, room] = [names(), free()];
    expect(() => compact(directory, next)).toThrow(/ENOSPC/);
    expect([names(), free()]).toEqual([before, room]);
    store.commit([put('more', VALUE)], at(4));
    store.close(at(5));
    expect(Object.keys(contentsOf(directory))).toHaveLength(KEYS + 1);
    rmSync(join(disk, 'other'));
    compact(directory, next);
    expect(names()).toContain('00000002.base');
    expect(Object.keys(contentsOf(directory))).toHaveLength(KEYS + 1);
  });

  it('has no more in a log than was written', () => {
    const store = new LogStore({ directory, window });
    store.begin(at(0));
    writeFileSync(join(disk, 'other'), Buffer.alloc(free() - 100_000));
    store.commit([put('a', 'one')], at(1));
    expect(statSync(join(directory, '00000001.log')).size).toBeLessThan(1000);
    store.close(at(2));
    expect(Object.keys(contentsOf(directory))).toEqual(['a']);
  });

  it('leaves room for what comes meanwhile, and nothing of what it could not finish', () => {
    const next = filled();
    // There is room for the base, and next to none beside it.
    writeFileSync(join(disk, 'other'), Buffer.alloc(free() - KEYS * VALUE.length - 60_000));
    const room = free();
    expect(() => compact(directory, next)).toThrow(/ENOSPC/);
    expect(free()).toBe(room);
    expect(names().filter((name) => name.includes('base'))).toEqual([]);
    expect(Object.keys(contentsOf(directory))).toHaveLength(KEYS);
  });
});
