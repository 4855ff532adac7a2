import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogStore } from '#store/log-store.ts';
import { runtimeDirectory as directoryInMemory } from '#store/runtime-directory.ts';
import { type StoredChange, StoreError } from '#store/store.ts';
import { at, put, remove } from './compliance.ts';
import { temporary, window } from './directory.ts';

/** More than a room takes. */
const LARGE = 3 << 20;

describe('what waits in memory that outlives the process', () => {
  let directory: string;
  let runtimeDirectory: string;
  let discard: () => void;
  beforeEach(() => {
    ({ directory, discard } = temporary());
    runtimeDirectory = join(directory, '../run');
    mkdirSync(runtimeDirectory);
  });
  afterEach(() => discard());

  const open = () => new LogStore({ directory, window, runtimeDirectory });
  const begun = () => {
    const store = open();
    store.begin(at(0));
    return store;
  };
  /** A process that is told this, and killed. */
  const killedAfter = (...changes: StoredChange[]) => {
    const store = begun();
    for (const [i, change] of changes.entries()) store.commit([change], at(i));
    store.abandon();
  };
  const found = () => {
    const store = open();
    const contents = Object.fromEntries(
      Array.from(store.load(), ({ key, value }) => [key, new TextDecoder().decode(value)]),
    );
    const { gap } = store;
    store.abandon();
    return { contents, gap };
  };
  const files = () => readdirSync(runtimeDirectory);

  it('is found by the next one, which misses nothing', () => {
    killedAfter(
      put('a', 'one'),
      put('b', 'one'),
      put('a', 'two', 'within-window'),
      remove('b'),
      put('c', 'three', 'within-window'),
    );
    expect(found()).toEqual({ contents: { a: 'two', c: 'three' }, gap: undefined });
  });

  it('is found again by one after that, when the next was killed before it began', () => {
    killedAfter(put('a', 'one', 'within-window'));
    for (let i = 0; i < 3; i++) expect(found()).toEqual({ contents: { a: 'one' }, gap: undefined });
    killedAfter(put('b', 'two', 'within-window'));
    expect(found()).toEqual({ contents: { a: 'one', b: 'two' }, gap: undefined });
  });

  it('is durable from when the next one begins', () => {
    killedAfter(put('a', 'one', 'within-window'));
    begun().abandon();
    for (const name of files()) rmSync(join(runtimeDirectory, name));
    expect(found()).toMatchObject({ contents: { a: 'one' }, gap: { window: 1000 } });
  });

  it('goes away with a store that is closed, and not with one that could not be written', () => {
    begun().close(at(1));
    expect(files()).toEqual([]);
    let isFull = false;
    const sync = {
      begin: () => {
        if (isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      },
      hasEnded: () => true,
    };
    const store = new LogStore({ directory, window, runtimeDirectory, sync });
    store.begin(at(2));
    isFull = true;
    expect(() => store.commit([put('a', 'one')], at(3))).toThrow(StoreError);
    expect(() => store.close(at(5))).toThrow(StoreError);
    expect(found()).toEqual({ contents: { a: 'one' }, gap: undefined });
  });

  it('does not count after the machine was started again', () => {
    killedAfter(put('a', 'one'), put('a', 'two', 'within-window'));
    const [name] = files();
    const path = join(runtimeDirectory, name as string);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const text = readFileSync(path, 'latin1');
    writeFileSync(path, text.replace(boot, boot.replaceAll(/[0-9]/g, 'f')), 'latin1');
    expect(found()).toMatchObject({ contents: { a: 'one' }, gap: { window: 1000 } });
  });

  it('does not count for a store that others have had meanwhile, nor for an older copy of it', () => {
    begun().close(at(1));
    cpSync(directory, `${directory}.copy`, { recursive: true });
    killedAfter(put('a', 'one'), put('a', 'two', 'within-window'));
    const without = new LogStore({ directory, window });
    without.begin(at(5));
    without.commit([put('a', 'three')], at(6));
    without.abandon();
    expect(found()).toMatchObject({ contents: { a: 'three' }, gap: { window: 1000 } });
    rmSync(directory, { recursive: true });
    renameSync(`${directory}.copy`, directory);
    expect(found().contents).toEqual({});
  });

  it('does not count when it did not find room, nor when it is damaged', () => {
    killedAfter(put('a', 'one'), put('b', 'x'.repeat(LARGE), 'within-window'));
    expect(found()).toMatchObject({ contents: { a: 'one' }, gap: { window: 1000 } });
    begun().close(at(9));
    killedAfter(put('c', 'two', 'within-window'));
    const path = join(runtimeDirectory, files()[0] as string);
    const octets = readFileSync(path);
    octets.writeUInt32BE(2 ** 31, octets.indexOf('two') - 5);
    writeFileSync(path, octets);
    expect(found()).toMatchObject({ contents: { a: 'one' }, gap: { window: 1000 } });
  });

  it('counts again once what found no room is durable', () => {
    const store = begun();
    store.commit([put('b', 'x'.repeat(LARGE), 'within-window')], at(1));
    store.flush(at(2));
    store.commit([put('a', 'one', 'within-window')], at(3));
    store.abandon();
    expect(found()).toMatchObject({ contents: { a: 'one' }, gap: undefined });
  });

  it('is removed by any store that begins when the directory of its own is gone', () => {
    killedAfter(put('a', 'one'));
    expect(files()).toHaveLength(1);
    rmSync(directory, { recursive: true });
    begun().abandon();
    expect(files()).toHaveLength(1);
    expect(found().contents).toEqual({});
  });

  it('is not removed while its store has not begun', () => {
    const store = open();
    const other = new LogStore({ directory: `${directory}2`, window, runtimeDirectory });
    other.begin(at(0));
    other.abandon();
    store.begin(at(1));
    store.commit([put('a', 'one', 'within-window')], at(2));
    store.abandon();
    expect(files()).toHaveLength(2);
    expect(found()).toEqual({ contents: { a: 'one' }, gap: undefined });
  });

  it('is where there is no room for it lost with the process, and the store says why', () => {
    rmSync(runtimeDirectory, { recursive: true });
    writeFileSync(runtimeDirectory, 'a file');
    const store = begun();
    expect(store.memoryProblem).toContain('ENOTDIR');
    store.commit([put('a', 'one'), put('b', 'two', 'within-window')], at(1));
    store.close(at(2));
    expect(found().contents).toEqual({ a: 'one', b: 'two' });
  });

  it('is in a directory of this user that is in memory', () => {
    writeFileSync(`${runtimeDirectory}/file`, '');
    symlinkSync('/dev/shm', `${runtimeDirectory}/link`);
    const inMemory = `/dev/shm/mooring-test-${process.pid}`;
    const unfit = [`${runtimeDirectory}/file`, `${runtimeDirectory}/link`, '/proc/mooring'];
    try {
      expect(directoryInMemory(unfit)).toBeUndefined();
      expect(directoryInMemory([...unfit, inMemory])).toBe(inMemory);
    } finally {
      rmSync(inMemory, { recursive: true, force: true });
    }
  });
});
