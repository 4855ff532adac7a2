import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { BackgroundSync } from '#host/background-sync.ts';
import { PollLoop } from '#host/poll-loop.ts';
import { compact } from '#store/compaction.ts';
import type { DataSync } from '#store/data-sync.ts';
import { LogStore } from '#store/log-store.ts';
import type { Store, StoreError } from '#store/store.ts';
import { at, describeStore, put, remove } from './compliance.ts';

const window = milliseconds(1000);

describeLogStore('LogStore');
const background = BackgroundSync.open();
if (background) describeLogStore('LogStore over a disk that works in the background', background);

function describeLogStore(name: string, sync?: DataSync): void {
  describeStore(name, () => mediumFor(sync));
}

function mediumFor(sync?: DataSync): ReturnType<Parameters<typeof describeStore>[1]> {
  const { directory, discard } = temporary();
  // A process that is killed leaves its files as they are and its lock free; here a copy stands for that.
  let current = directory;
  let copies = 0;
  return {
    open: () => new LogStore({ directory: current, window, ...(sync && { sync }) }),
    crash: () => {
      const copy = `${directory}-${++copies}`;
      cpSync(current, copy, { recursive: true });
      current = copy;
    },
    remove: discard,
  };
}

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
    expect([store.durable, store.stats.commits - before, store.stats.changes]).toEqual([first + 1, 2, 3]);
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
    // In the place of another.
    store.commit([big(0)], at(2));
    expect(() => store.commit([big(255)], at(2))).toThrowError(/more changes wait/);
    expect(store.awaited).toBeLessThanOrEqual(store.durable);
    disk.ends();
    expect(() => store.settle(at(3), false)).toThrowError(/more changes wait/);
    expect(() => store.commit([put('later', 'one')], at(4))).toThrowError(/more changes wait/);
    expect(() => store.close(at(5))).toThrowError(/more changes wait/);
    expect(contentsOf(directory)).toEqual({ first: 'one' });
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

describe('the files of a store', () => {
  let directory: string;
  let discard: () => void;
  beforeEach(() => ({ directory, discard } = temporary()));
  afterEach(() => discard());
  const open = () => new LogStore({ directory, window });
  const begin = () => {
    const store = open();
    store.begin(at(0));
    return store;
  };
  const keys = () => {
    const store = open();
    try {
      return Array.from(store.load(), ({ key }) => key).sort();
    } finally {
      store.close(at(9));
    }
  };
  const files = (ending: string) =>
    readdirSync(directory)
      .filter((name) => name.endsWith(ending))
      .map((name) => join(directory, name));
  const failure = (): StoreError => {
    try {
      keys();
    } catch (error) {
      return error as StoreError;
    }
    throw new Error('it was opened');
  };
  const newestLog = () => Math.max(...files('.log').map((path) => Number(/\d+(?=\.log$)/.exec(path))));
  /** Leaves a base with `a` and a log with `b`. */
  const compacted = () => {
    for (const key of ['a', 'b']) {
      const store = begin();
      store.commit([put(key, 'one')], at(1));
      store.close(at(2));
    }
    compact(directory, 2);
  };
  /** What is in the directory, but for the lock. */
  const everything = () =>
    [...files('.log'), ...files('.base')].map((path) => [path, readFileSync(path).toString('hex')]);

  it('lose an interrupted write, wherever it was interrupted, and nothing else', () => {
    const store = begin();
    store.commit([put('a', 'one')], at(1));
    store.commit([put('b', 'a longer value, cut at every octet')], at(2));
    const [log] = files('.log') as [string];
    const whole = readFileSync(log);
    store.close(at(3));
    rmSync(directory, { recursive: true });
    const { length } = readFileOfOneCommit();
    for (let cut = length; cut < whole.length; cut++) {
      const copy = `${directory}-cut`;
      cpSync(`${directory}`, copy, { recursive: true, force: true });
      writeFileSync(join(copy, '00000001.log'), whole.subarray(0, cut));
      const cutStore = new LogStore({ directory: copy, window });
      expect(Array.from(cutStore.load(), ({ key }) => key)).toEqual(['a']);
      cutStore.close(at(4));
      rmSync(copy, { recursive: true });
    }

    function readFileOfOneCommit(): Buffer {
      const again = begin();
      again.commit([put('a', 'one')], at(1));
      const octets = readFileSync(join(directory, '00000001.log'));
      again.close(at(3));
      return octets;
    }
  });

  it('are refused and left alone when a bit of what was durable is another', () => {
    const store = begin();
    store.commit([put('a', 'one')], at(1));
    store.commit([put('b', 'two')], at(2));
    store.close(at(3));
    const [log] = files('.log') as [string];
    const whole = readFileSync(log);
    // The last frame says that the store was closed: damaged, it cannot be told from an interrupted write.
    const last = whole.length - 32;
    for (let octet = 0; octet < last; octet++) {
      const damaged = Buffer.from(whole);
      damaged[octet] = (damaged[octet] as number) ^ 0x10;
      writeFileSync(log, damaged);
      const before = everything();
      expect(failure().code).toMatch(/corrupt|newer/);
      expect(everything()).toEqual(before);
    }
    writeFileSync(log, whole);
    expect(keys()).toEqual(['a', 'b']);
  });

  it('are refused when a log is missing or shorter than the next one says', () => {
    for (let run = 0; run < 3; run++) {
      const store = begin();
      store.commit([put(`${run}`, 'x')], at(run));
      store.close(at(3));
    }
    const logs = files('.log');
    const second = logs[1] as string;
    const octets = readFileSync(second);
    truncateSync(second, octets.length - 40);
    expect(failure()).toMatchObject({ code: 'corrupt', message: expect.stringContaining('00000002.log') });
    rmSync(second);
    expect(failure()).toMatchObject({ code: 'corrupt', message: expect.stringContaining('missing') });
    writeFileSync(second, octets);
    expect(keys()).toEqual(['0', '1', '2']);
  });

  it('of a later version are refused with what to do', () => {
    begin().close(at(1));
    const [log] = files('.log') as [string];
    const octets = readFileSync(log);
    octets.writeUInt16BE(2, 8);
    octets.writeUInt32BE(crc(octets.subarray(0, 28)), 28);
    writeFileSync(log, octets);
    const before = everything();
    expect(failure()).toMatchObject({ code: 'newer', message: expect.stringContaining('has format 2') });
    expect(everything()).toEqual(before);
  });

  it('belong to one process, whose pid the other is told', () => {
    const store = open();
    expect(failure()).toMatchObject({ code: 'locked', message: expect.stringContaining(`pid ${process.pid}`) });
    store.close(at(1));
    expect(keys()).toEqual([]);
  });

  it('become one base, and are the same to whoever opens them', () => {
    for (let run = 0; run < 4; run++) {
      const store = begin();
      store.commit([put(`${run}`, 'x'), put('always', `${run}`), remove(`${run - 2}`)], at(run));
      store.close(at(3));
    }
    compact(directory, 4);
    expect(
      files('')
        .filter((name) => /\.(log|base)$/.test(name))
        .map((name) => name.slice(-13)),
    ).toEqual(['00000004.base', '/00000004.log']);
    expect(keys()).toEqual(['2', '3', 'always']);
    const store = begin();
    store.commit([remove('2')], at(9));
    store.close(at(10));
    compact(directory, newestLog());
    expect(keys()).toEqual(['3', 'always']);
  });

  it('are refused when the base is damaged or cut short', () => {
    compacted();
    const [base] = files('.base') as [string];
    const whole = readFileSync(base);
    for (const octets of [whole.subarray(0, whole.length - 1), whole.subarray(0, 40), damagedAt(whole, 70)]) {
      writeFileSync(base, octets);
      expect(failure()).toMatchObject({ code: 'corrupt', message: expect.stringContaining('.base') });
    }
  });

  it('are refused when the base is missing, or the log behind it', () => {
    compacted();
    const [base] = files('.base') as [string];
    const octets = readFileSync(base);
    rmSync(base);
    expect(failure()).toMatchObject({ code: 'corrupt', message: expect.stringContaining('00000002.base') });
    writeFileSync(base, octets);
    expect(keys()).toEqual(['a', 'b']);
    const [log] = files('.log') as [string];
    for (const header of [undefined, Buffer.alloc(32), Buffer.alloc(5, 1)]) {
      rmSync(log, { force: true });
      if (header) writeFileSync(log, header);
      expect(failure()).toMatchObject({ code: 'corrupt', message: expect.stringContaining('00000002.log') });
    }
  });

  it('say what may be missing when the process is killed just after a log was begun', () => {
    const store = new LogStore({ directory, window, compactAbove: 100 });
    store.begin(at(0));
    store.commit([put('a', 'one'.padEnd(100))], at(70));
    expect(files('.log')).toHaveLength(2);
    store.abandon();
    compact(directory, newestLog());
    const next = open();
    expect(next.gap).toEqual({ from: at(70).utc, window: 1000 });
    next.abandon();
  });

  it('are compacted by themselves as they grow, and hold the same before, meanwhile and after', async () => {
    const store = new LogStore({ directory, window, compactAbove: 20_000 });
    store.begin(at(0));
    for (let i = 0; store.stats.compactions < 2; i++) {
      store.commit([put(`${i % 50}`, `${i}`.padStart(100))], at(i));
      if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (i > 200_000) throw new Error('it was never compacted');
    }
    store.commit([put('last', 'one')], at(1));
    store.close(at(2));
    expect(keys()).toHaveLength(51);
    expect(files('.base')).toHaveLength(1);
    const octets = [...files('.log'), ...files('.base')].reduce((sum, path) => sum + readFileSync(path).length, 0);
    expect(octets).toBeLessThan(2_000_000);
  });

  it('hold what any sequence of changes, restarts, crashes and compactions leaves', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('put' as const), key, value: fc.string({ maxLength: 9 }) }),
      },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'compact' as const }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        rmSync(directory, { recursive: true, force: true });
        const model = new Map<string, string>();
        let store: Store = begin();
        for (const each of steps) {
          if (each.kind === 'put') {
            store.commit([put(each.key, each.value)], at(1));
            model.set(each.key, each.value);
          } else if (each.kind === 'remove') {
            store.commit([remove(each.key)], at(1));
            model.delete(each.key);
          } else {
            store.close(at(2));
            store = begin();
            if (each.kind === 'compact') compact(directory, newestLog());
          }
        }
        store.close(at(3));
        const again = open();
        const found = new Map(Array.from(again.load(), (entry) => [entry.key, new TextDecoder().decode(entry.value)]));
        again.close(at(4));
        expect(found).toEqual(model);
      }),
      { numRuns: 60 },
    );
  });
});

function damagedAt(octets: Buffer, place: number): Buffer {
  const copy = Buffer.from(octets);
  copy[place] = (copy[place] as number) ^ 1;
  return copy;
}

function temporary(): { directory: string; discard: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'mooring-store-'));
  return { directory: join(parent, 'state'), discard: () => rmSync(parent, { recursive: true }) };
}

function crc(octets: Buffer): number {
  let value = ~0;
  for (const octet of octets) {
    value ^= octet;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

function contentsOf(directory: string): Record<string, string> {
  const store = new LogStore({ directory, window });
  const contents = Array.from(store.load(), ({ key, value }) => [key, new TextDecoder().decode(value)]);
  store.close(at(9));
  return Object.fromEntries(contents);
}

/** At work as long as the test wants, unless somebody waits. */
class FakeDisk implements DataSync {
  #isSlow = false;
  #underWay = false;
  #outcome: 'ended' | 'failed' | undefined;

  begin(): void {
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
