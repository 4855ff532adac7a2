import { readdirSync, readlinkSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BackgroundSync } from '#host/background-sync.ts';
import { PollLoop } from '#host/poll-loop.ts';
import type { Compaction } from '#store/compaction-thread.ts';
import type { DataSync } from '#store/data-sync.ts';
import { LogStore } from '#store/log-store.ts';
import { at, put, remove } from './compliance.ts';
import { contentsOf, temporary, window } from './directory.ts';
import { WatchedDisk } from './watched-disk.ts';

describe('while the disk is at work, a store', () => {
  it('takes changes, and makes the next group of them', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, sync: disk });
    store.begin(at(0));
    const before = store.stats.commits;
    disk.works();
    store.commit([put('a', 'one')], at(1));
    const first = store.awaited;
    store.commit([put('b', 'one')], at(1));
    store.commit([put('b', 'two'), put('c', 'one')], at(1));
    store.settle(at(1), false);
    expect([first > store.durable, store.awaited]).toEqual([true, first + 1]);
    disk.ends();
    store.settle(at(2), false);
    expect([store.durable, store.awaited]).toEqual([first, first + 1]);
    disk.ends();
    store.settle(at(2), false);
    expect([store.durable, store.stats.commits - before, store.stats.changes]).toEqual([first + 1, 2, 4]);
    store.close(at(3));
    expect(contentsOf(directory)).toEqual({ a: 'one', b: 'two', c: 'one' });
    discard();
  });

  it('does not have answers wait for what only has its window', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, sync: disk });
    store.begin(at(0));
    disk.works();
    store.commit([put('a', 'one', 'within-window')], at(1));
    store.flush(at(600));
    expect(store.awaited).toBeLessThanOrEqual(store.durable);
    expect(store.nextFlush()).toBeUndefined();
    store.commit([put('b', 'one')], at(601));
    expect(store.awaited).toBe(store.durable + 2);
    store.close(at(602));
    expect(contentsOf(directory)).toEqual({ a: 'one', b: 'one' });
    discard();
  });

  it('has answers wait for what had its window, once that is over', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, sync: disk });
    store.begin(at(0));
    disk.works();
    store.commit([put('a', 'one', 'within-window')], at(100));
    store.flush(at(600));
    store.commit([put('a', 'two', 'within-window')], at(1100));
    expect(store.awaited).toBeLessThanOrEqual(store.durable);
    store.commit([put('a', 'three', 'within-window')], at(1101));
    expect(store.awaited).toBe(store.durable + 2);
    disk.ends();
    store.settle(at(1200), false);
    disk.ends();
    store.settle(at(1201), false);
    expect(store.durable).toBe(store.awaited);
    store.abandon();
    expect(contentsOf(directory)).toEqual({ a: 'three' });
    discard();
  });

  it('takes no more once it lacks a change that was one too many, and says so', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, sync: disk });
    store.begin(at(0));
    disk.works();
    store.commit([put('first', 'one')], at(1));
    const value = new Uint8Array(1 << 20);
    const big = (i: number) => ({ table: 1, key: `${i}`, value, urgency: 'before-reply' }) as const;
    for (let i = 0; i < 255; i++) store.commit([big(i)], at(2));
    // In the place of others.
    for (let i = 0; i < 255; i++) store.commit([big(i)], at(2));
    const more = () => {
      for (let i = 255; i < 512; i++) store.commit([big(i)], at(2));
    };
    expect(more).toThrowError(/more changes wait/);
    expect(store.awaited).toBeLessThanOrEqual(store.durable);
    disk.ends();
    expect(() => store.settle(at(3), false)).toThrowError(/more changes wait/);
    expect(() => store.commit([put('later', 'one')], at(4))).toThrowError(/more changes wait/);
    expect(() => store.close(at(5))).toThrowError(/more changes wait/);
    expect(contentsOf(directory)).toEqual({ first: 'one' });
    discard();
  });

  it('keeps the latest change of each key, deletions too, however many wait', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, sync: disk });
    store.begin(at(0));
    store.commit([put('gone', 'one'), put('back', 'one')], at(1));
    disk.works();
    store.commit([put('first', 'one')], at(2));
    store.commit([remove('gone'), remove('back'), put('back', 'two')], at(3));
    const value = 'x'.repeat(1 << 20);
    for (let i = 0; i < 40; i++) store.commit([put(`${i % 3}`, `${i}${value}`, 'within-window')], at(4));
    disk.ends();
    store.settle(at(5), false);
    disk.ends();
    store.settle(at(6), false);
    expect(store.durable).toBe(store.awaited);
    expect(store.stats.octets).toBeLessThan(30 << 20);
    store.abandon();
    const last = { 0: `39${value}`, 1: `37${value}`, 2: `38${value}` };
    expect(contentsOf(directory)).toEqual({ first: 'one', back: 'two', ...last });
    discard();
  });

  it('takes changes while another log is made durable, and writes them there', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, compactAbove: 500, sync: disk, compaction: new NoCompaction() });
    store.begin(at(0));
    disk.begun.length = 0;
    disk.works();
    store.commit([put('a', 'x'.repeat(500))], at(1));
    disk.ends();
    store.settle(at(2), false);
    const first = store.durable;
    store.commit([put('b', 'one')], at(3));
    store.commit([put('c', 'one')], at(3));
    expect([store.durable, store.awaited]).toEqual([first, first + 1]);
    for (let i = 0; store.durable < store.awaited && i < 3; i++) {
      expect(logNames(directory)).toEqual(['00000001.log', '00000002.log']);
      disk.ends();
      store.settle(at(4 + i), false);
    }
    expect(store.durable).toBe(first + 1);
    expect(disk.begun).toEqual(['00000001.log', 'state', '00000002.log', '00000002.log']);
    store.abandon();
    expect(Object.keys(contentsOf(directory))).toEqual(['a', 'b', 'c']);
    discard();
  });

  it('has answers wait for what had its window, when that is over before another log is durable', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, compactAbove: 500, sync: disk, compaction: new NoCompaction() });
    store.begin(at(0));
    disk.works();
    store.commit([put('a', 'x'.repeat(500))], at(1));
    disk.ends();
    store.settle(at(2), false);
    store.commit([put('b', 'one', 'within-window')], at(100));
    expect(store.nextFlush()).toBeUndefined();
    expect(store.commit([put('c', 'one', 'within-window')], at(1100))).toBe(false);
    expect(store.awaited).toBeLessThanOrEqual(store.durable);
    expect(store.commit([put('c', 'two', 'within-window')], at(1101))).toBe(true);
    expect(store.awaited).toBe(store.durable + 1);
    store.close(at(1102));
    expect(Object.keys(contentsOf(directory))).toEqual(['a', 'b', 'c']);
    discard();
  });

  it('has nobody wait for it when it begins another log', () => {
    const { directory, discard } = temporary();
    const sync = BackgroundSync.open();
    if (!sync) return;
    const store = new LogStore({ directory, window, compactAbove: 2000, sync });
    store.begin(at(0));
    const disk = new WatchedDisk();
    try {
      for (let i = 0; store.stats.compactions < 2; i++) {
        store.commit([put(`${i % 10}`, `${i}`.padStart(100))], at(i));
        while (store.durable < store.awaited) store.settle(at(i), false);
        if (i > 100_000) throw new Error('it was never compacted');
      }
      expect(disk.synced).toEqual([]);
    } finally {
      disk.remove();
    }
    store.close(at(2));
    expect(Object.keys(contentsOf(directory))).toHaveLength(10);
    sync.close();
    discard();
  });

  it('is not woken for good by a disk that tells twice', () => {
    const { directory, discard } = temporary();
    const sync = BackgroundSync.open();
    if (!sync) return;
    const store = new LogStore({ directory, window, sync });
    store.begin(at(0));
    store.commit([put('a', 'one')], at(1));
    store.settle(at(1), true);
    writeSync(sync.fd, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    const loop = new PollLoop();
    loop.watch(sync.fd, () => store.settle(at(2), false));
    for (const handler of loop.wait(0)) handler();
    expect(loop.wait(0)).toEqual([]);
    store.close(at(3));
    sync.close();
    discard();
  });

  it('keeps what the disk did not take in the end, and has nobody wait for it', () => {
    const { directory, discard } = temporary();
    const disk = new FakeDisk();
    const store = new LogStore({ directory, window, sync: disk });
    store.begin(at(0));
    disk.works();
    store.commit([put('a', 'one'), put('b', 'one')], at(1));
    store.commit([put('b', 'two')], at(1));
    disk.fails();
    expect(() => store.settle(at(2), false)).toThrowError(/the disk failed \(EIO\)/);
    expect(store.awaited).toBe(store.durable);
    store.commit([put('c', 'one')], at(3));
    store.close(at(4));
    expect(contentsOf(directory)).toEqual({ a: 'one', b: 'two', c: 'one' });
    discard();
  });
});

/** At work as long as the test wants, unless somebody waits. */
class FakeDisk implements DataSync {
  /** The names of what it was to make durable. */
  readonly begun: string[] = [];
  #isSlow = false;
  #underWay = false;
  #outcome: 'ended' | 'failed' | undefined;

  begin(file: number): void {
    this.begun.push(basename(readlinkSync(`/proc/self/fd/${file}`)));
    this.#underWay = this.#isSlow;
    this.#outcome = undefined;
  }

  hasEnded(wait: boolean): boolean {
    if (this.#outcome === 'failed') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    return !this.#underWay || wait || this.#outcome === 'ended';
  }

  works(): void {
    this.#isSlow = true;
  }

  ends(): void {
    this.#outcome = 'ended';
  }

  fails(): void {
    this.#outcome = 'failed';
  }
}

/** Is never done. */
class NoCompaction implements Compaction {
  busy = false;

  start(): void {
    this.busy = true;
  }

  outcome(): undefined {}
  end(): void {}
}

function logNames(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.log'));
}
