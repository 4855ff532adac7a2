import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { BackgroundSync } from '#host/background-sync.ts';
import { compact, writeBase } from '#store/compaction.ts';
import type { Compaction } from '#store/compaction-thread.ts';
import { FRAME_HEADER_OCTETS, FrameWriter } from '#store/log-format.ts';
import { readStore } from '#store/log-reader.ts';
import { LogStore, type LogStoreOptions } from '#store/log-store.ts';
import type { Store, StoredEntry, StoreError } from '#store/store.ts';
import { at, describeStore, put, remove } from './compliance.ts';
import { temporary, window } from './directory.ts';

describeLogStore('LogStore');
const background = BackgroundSync.open();
if (background) {
  describeLogStore('LogStore over a disk that works in the background', { sync: background });
  const spacing = milliseconds(0.5);
  describeLogStore('LogStore, groups of which keep a distance', { sync: background, spacing });
}

function describeLogStore(name: string, disk: Disk = {}): void {
  describeStore(name, () => mediumFor(disk));
}

type Disk = Partial<Pick<LogStoreOptions, 'spacing' | 'sync'>>;

function mediumFor(disk: Disk): ReturnType<Parameters<typeof describeStore>[1]> {
  const { directory, discard } = temporary();
  // A process that is killed leaves its files as they are and its lock free; here a copy stands for that.
  let current = directory;
  let copies = 0;
  return {
    open: () => new LogStore({ directory: current, window, ...disk }),
    crash: () => {
      const copy = `${directory}-${++copies}`;
      cpSync(current, copy, { recursive: true });
      current = copy;
    },
    remove: discard,
  };
}

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

  /** Of a log that is open, as far as something was written. */
  const writtenTo = (log: string) => {
    const octets = readFileSync(log);
    return octets.subarray(0, octets.findLastIndex((octet) => octet !== 0) + 1);
  };

  it('lose an interrupted write, wherever it was interrupted, and nothing else', () => {
    const store = begin();
    store.commit([put('a', 'one')], at(1));
    store.commit([put('b', 'a longer value, cut at every octet')], at(2));
    const [log] = files('.log') as [string];
    const whole = writtenTo(log);
    store.close(at(3));
    rmSync(directory, { recursive: true });
    const { length } = readFileOfOneCommit();
    for (let cut = length; cut < whole.length; cut++) {
      // The file had become longer for what was to be written into it, or not.
      for (const zeros of [0, whole.length - cut, 100_000]) {
        const copy = `${directory}-cut`;
        cpSync(`${directory}`, copy, { recursive: true, force: true });
        writeFileSync(join(copy, '00000001.log'), Buffer.concat([whole.subarray(0, cut), Buffer.alloc(zeros)]));
        const cutStore = new LogStore({ directory: copy, window });
        expect(Array.from(cutStore.load(), ({ key }) => key)).toEqual(['a']);
        cutStore.close(at(4));
        rmSync(copy, { recursive: true });
      }
    }

    function readFileOfOneCommit(): Buffer {
      const again = begin();
      again.commit([put('a', 'one')], at(1));
      const octets = writtenTo(join(directory, '00000001.log'));
      again.close(at(3));
      return octets;
    }
  });

  it('seldom become longer while changes are written, and are no longer than those when they are left', () => {
    const store = begin();
    const [log] = files('.log') as [string];
    const sizes = new Set<number>();
    for (let i = 0; i < 100; i++) {
      store.commit([put(`${i}`, 'x'.repeat(2000))], at(i));
      sizes.add(statSync(log).size);
    }
    expect(sizes.size).toBeLessThan(4);
    const written = writtenTo(log).length;
    store.close(at(100));
    expect(statSync(log).size - written).toBe(FRAME_HEADER_OCTETS);
    expect(keys()).toHaveLength(100);
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

  it('are refused when the first frame behind a base is damaged, however many there were before', () => {
    const frame = (number: number, key: string) => {
      const writer = new FrameWriter();
      writer.begin();
      writer.add(put(key, 'one'));
      return Buffer.from(writer.finish({ number, written: at(1).utc, window, flags: 0 }));
    };
    const many = 50_000_000;
    begin().close(at(1));
    writeBase(directory, 1, [put('a', 'one') as StoredEntry], many);
    const [log] = files('.log') as [string];
    const header = readFileSync(log).subarray(0, 32);
    const frames = [frame(many + 1, 'b'), frame(many + 2, 'c')] as const;
    writeFileSync(log, Buffer.concat([header, ...frames]));
    expect(keys()).toEqual(['a', 'b', 'c']);
    writeFileSync(log, Buffer.concat([header, damagedAt(frames[0], 40), frames[1]]));
    expect(failure()).toMatchObject({ code: 'corrupt', message: expect.stringContaining('octet 32') });
  });

  it('lose an interrupted write in which a mobile node has put what looks like a frame', () => {
    const store = begin();
    store.commit([put('a', 'one')], at(1));
    const [log] = files('.log') as [string];
    const whole = writtenTo(log);
    const writer = new FrameWriter();
    writer.begin();
    const forged = Buffer.from(writer.finish({ number: 1000, written: at(1).utc, window, flags: 0 }));
    store.commit([{ table: 1, key: 'b', value: forged, urgency: 'before-reply' }, put('c', 'one')], at(2));
    store.abandon();
    const endOfForged = whole.length + 32 + 7 + 1 + forged.length;
    truncateSync(log, endOfForged);
    expect(readFileSync(log).subarray(-forged.length)).toEqual(forged);
    expect(keys()).toEqual(['a']);
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

  it('are read by others while their owner compacts them', () => {
    const store = new LogStore({ directory, window, compactAbove: 300 });
    store.begin(at(0));
    store.commit([put('first', 'one')], at(1));
    for (let i = 0; store.stats.compactions < 20; i++) {
      store.commit([put(`${i % 50}`, `${i}`.padStart(100))], at(i));
      const contents = readStore(directory);
      const entries = Array.from(contents.entries(), ({ key }) => key);
      expect(entries).toContain('first');
      contents.close();
      if (i > 20_000) throw new Error('it was never compacted');
    }
    const contents = readStore(directory);
    store.close(at(2));
    const last = begin();
    compact(directory, newestLog());
    expect(Array.from(contents.entries(), ({ key }) => key)).toContain('first');
    contents.close();
    last.close(at(3));
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
    // The base has each key once; behind it are the present log, and one of which a base may just have been made.
    expect(readFileSync(files('.base')[0] as string).length).toBeLessThan(20_000);
    expect(files('.log').length).toBeLessThanOrEqual(2);
  });

  it('are compacted again after a failure, of the thread or of the next log, when as many more have come together', () => {
    const orders: number[] = [];
    const isUnderWay = () => orders.length > outcomes;
    let outcomes = 0;
    const compaction: Compaction = {
      get busy() {
        return isUnderWay();
      },
      start: (before) => orders.push(before),
      outcome: () => {
        if (!isUnderWay()) return undefined;
        outcomes++;
        return { problem: 'no room' };
      },
      end: () => {},
    };
    const store = new LogStore({ directory, window, compactAbove: 10_000, compaction });
    store.begin(at(0));
    let time = 0;
    const commit = (octets: number) => {
      for (let i = 0; i < octets / 1000; i++) store.commit([put(`${i}`, 'x'.repeat(1000))], at(++time));
    };
    commit(11_000);
    expect(orders).toEqual([2]);
    commit(8000);
    expect(orders).toEqual([2]);
    expect(store.stats).toMatchObject({ compactionFailures: 1, compactionProblem: 'no room', failures: 0 });
    commit(3000);
    expect(orders).toEqual([2, 3]);
    mkdirSync(join(directory, '00000004.log'));
    commit(11_000);
    expect(store.stats).toMatchObject({ compactionFailures: 3, compactionProblem: expect.stringContaining('EISDIR') });
    commit(5000);
    expect(store.stats.compactionFailures).toBe(3);
    rmSync(join(directory, '00000004.log'), { recursive: true });
    commit(3000);
    expect(orders).toEqual([2, 3, 4]);
    store.close(at(++time));
    expect(keys()).toHaveLength(11);
  });

  it('go on when somebody took away the base that was just made', () => {
    const outcomes = [{ before: 99 }];
    const compaction: Compaction = {
      ...{ busy: false, start: () => {}, end: () => {} },
      outcome: () => outcomes.pop(),
    };
    const store = new LogStore({ directory, window, compactAbove: 10_000, compaction });
    store.begin(at(0));
    store.commit([put('a', 'one')], at(1));
    expect(store.stats).toMatchObject({ compactionFailures: 1, compactionProblem: expect.stringContaining('ENOENT') });
    store.close(at(2));
    expect(keys()).toEqual(['a']);
  });

  it('are none that nobody could read: another begins when one is large, also while a base is made of those before', () => {
    const compaction: Compaction = { busy: true, start: () => {}, outcome: () => undefined, end: () => {} };
    const store = new LogStore({ directory, window, compactAbove: 1000, logMaximum: 5000, compaction });
    store.begin(at(0));
    for (let i = 0; i < 20; i++) store.commit([put(`${i}`, 'x'.repeat(1000))], at(i));
    store.close(at(20));
    const logs = readdirSync(directory).filter((name) => name.endsWith('.log'));
    expect(logs.length).toBeGreaterThanOrEqual(4);
    for (const name of logs) expect(statSync(join(directory, name)).size).toBeLessThan(7000);
    expect(keys()).toHaveLength(20);
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

function crc(octets: Buffer): number {
  let value = ~0;
  for (const octet of octets) {
    value ^= octet;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}
