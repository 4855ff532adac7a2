import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { type DataSync, SYNCHRONOUS } from '#store/data-sync.ts';
import { decodeFrame, HEADER_OCTETS } from '#store/log-format.ts';
import { LogStore } from '#store/log-store.ts';
import { at, put } from './compliance.ts';
import { contentsOf, temporary, window } from './directory.ts';

/** As many as make no small group any more, and one fewer. */
const MANY = ['a', 'a', 'a', 'a'].map((key) => put(key, 'one'));
const FEW = MANY.slice(1);

describe('a store whose groups keep a distance', () => {
  let directory: string;
  let discard: () => void;
  beforeEach(() => ({ directory, discard } = temporary()));
  afterEach(() => discard());
  const begin = (sync: DataSync = SYNCHRONOUS) => {
    const store = new LogStore({ directory, window, spacing: milliseconds(0.5), sync });
    store.begin(at(0));
    return store;
  };
  /** Frames of its log, the first of which is of its beginning. */
  const frames = () => {
    const octets = readFileSync(join(directory, '00000001.log'));
    let count = 0;
    for (let frame = decodeFrame(octets, HEADER_OCTETS); frame; frame = decodeFrame(octets, frame.end)) count++;
    return count;
  };

  it('writes little at once, however soon it comes, and much when it does not come too soon', () => {
    const store = begin();
    for (const time of [1, 1.1, 1.2]) {
      store.commit(FEW, at(time));
      expect(store.durable).toBe(store.awaited);
    }
    for (const time of [2, 2.5, 10]) {
      store.commit(MANY, at(time));
      expect(store.durable).toBe(store.awaited);
    }
    store.abandon();
  });

  it('makes one group of what comes sooner, and says when that begins', () => {
    const store = begin();
    store.commit(MANY, at(1));
    expect([store.nextGroup(), store.nextFlush()]).toEqual([undefined, undefined]);
    const { durable } = store;
    for (const time of [1.1, 1.2, 1.4]) {
      store.commit([put(`b${time}`, 'one')], at(time));
      store.settle(at(time), false);
      expect([store.durable, store.awaited, store.nextGroup(), store.nextFlush()]).toEqual([
        durable,
        durable + 1,
        at(1.5).instant,
        at(1.5).instant,
      ]);
    }
    const before = frames();
    store.commit([put('c', 'one')], at(1.6));
    expect([store.durable, store.awaited, frames() - before]).toEqual([durable + 1, durable + 1, 1]);
    store.abandon();
    expect(Object.keys(contentsOf(directory))).toEqual(['a', 'b1.1', 'b1.2', 'b1.4', 'c']);
  });

  it.each<[string, (store: LogStore) => void]>([
    ['it is flushed when that is due', (store) => store.flush(at(1.5))],
    ['the disk is looked after', (store) => store.settle(at(1.5), false)],
    ['somebody waits for it', (store) => store.settle(at(1.2), true)],
  ])('writes what came sooner when %s', (_, happens) => {
    const store = begin();
    store.commit(MANY, at(1));
    store.commit([put('b', 'one')], at(1.1));
    happens(store);
    expect(store.durable).toBe(store.awaited);
    store.abandon();
    expect(contentsOf(directory)).toEqual({ a: 'one', b: 'one' });
  });

  it('writes what came sooner when it is closed', () => {
    const store = begin();
    store.commit(MANY, at(1));
    store.commit([put('b', 'one')], at(1.1));
    store.close(at(1.2));
    expect(contentsOf(directory)).toEqual({ a: 'one', b: 'one' });
  });

  it('does not keep what only has its window waiting for less, nor for more', () => {
    const store = begin();
    store.commit(MANY, at(1));
    store.commit([put('b', 'one', 'within-window')], at(1.1));
    expect([store.nextGroup(), store.nextFlush()]).toEqual([undefined, at(1.1 + window / 2).instant]);
    store.abandon();
  });

  it('tries again at once after a group that the disk did not take', () => {
    let fails = false;
    const store = begin({
      ...SYNCHRONOUS,
      begin: () => {
        if (fails) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      },
    });
    fails = true;
    expect(() => store.commit([put('a', 'one')], at(1))).toThrowError(/the disk failed \(EIO\)/);
    fails = false;
    store.commit([put('b', 'one')], at(1.1));
    store.settle(at(1.1), false);
    expect(store.durable).toBe(store.awaited);
    store.abandon();
    expect(contentsOf(directory)).toEqual({ a: 'one', b: 'one' });
  });
});
