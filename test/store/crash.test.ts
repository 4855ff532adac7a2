import {
  cpSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextBelow, pick, SeededRandom } from '#base/random.ts';
import { milliseconds } from '#base/time.ts';
import { compact } from '#store/compaction.ts';
import type { DataSync } from '#store/data-sync.ts';
import { readStore } from '#store/log-reader.ts';
import { LogStore } from '#store/log-store.ts';
import { type StoredChange, StoreError } from '#store/store.ts';
import { at, put, remove } from './compliance.ts';

const window = milliseconds(1000);
const SEEDS = process.env.MOORING_NIGHTLY ? 500 : 8;
const STEPS = 50;

describe('after a crash, wherever it cut what was being written, a store', () => {
  let parent: string;
  beforeEach(() => {
    // In memory: the disk is played.
    parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mooring-crash-'));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'has what was durable, and of what came later a beginning (seed %i)',
    (seed) => {
      const random = new SeededRandom(seed);
      let run = new Run(join(parent, 'state'), random, new Map());
      for (let i = 0; i < STEPS; i++) {
        run.step();
        if (nextBelow(random, 8) === 0) run = run.next();
        else if (nextBelow(random, 3) === 0) run.crashes(join(parent, 'copy'));
      }
    },
  );
});

/** A store that is told anything, on a disk that works, hangs and fails as it likes. */
class Run {
  readonly #directory: string;
  readonly #random: SeededRandom;
  readonly #disk = new UnsteadyDisk();
  readonly #store: LogStore;
  /** What was there when it began, and the changes since. */
  readonly #first: ReadonlyMap<string, string>;
  readonly #changes: StoredChange[] = [];
  /** So many changes are promised once a group is durable. */
  #promises: { readonly group: number; readonly changes: number }[] = [];
  #promised = 0;
  #time = 0;

  constructor(directory: string, random: SeededRandom, first: ReadonlyMap<string, string>) {
    this.#directory = directory;
    this.#random = random;
    this.#first = first;
    this.#store = new LogStore({ directory, window, sync: this.#disk });
    this.#store.begin(at(0));
    if (nextBelow(random, 3) === 0)
      compact(directory, Math.max(...logsOf(directory).map((name) => Number.parseInt(name, 10))));
  }

  step(): void {
    const now = at(++this.#time);
    this.#disk.mood = pick(this.#random, ['slow', 'slow', 'quick', 'broken'] as const);
    try {
      const what = nextBelow(this.#random, 6);
      if (what < 3) this.#commit();
      else if (what < 5) this.#store.settle(now, nextBelow(this.#random, 2) === 0);
      else this.#store.flush(now);
    } catch (error) {
      expect(error).toBeInstanceOf(StoreError);
      this.#promises = [];
    }
    const isKept = ({ group }: { readonly group: number }) => group <= this.#store.durable;
    this.#promised = this.#promises.findLast(isKept)?.changes ?? this.#promised;
    this.#promises = this.#promises.filter((one) => !isKept(one));
  }

  /** Expects of every way in which the process and its host may end now that what it had promised is there. */
  crashes(copy: string): void {
    rmSync(copy, { recursive: true, force: true });
    cpSync(this.#directory, copy, { recursive: true });
    const possible = new Set(this.#possible().map(texts));
    for (const name of logsOf(this.#directory)) {
      const { length, durable } = this.#extent(name);
      const path = join(copy, name);
      for (let cut = length; cut >= durable; cut -= Math.min(1 + nextBelow(this.#random, 9), cut - durable || 1)) {
        truncateSync(path, cut);
        expect(possible).toContain(texts(contentsOf(copy)));
        if (cut === length) continue;
        // What was to be written, but its octets never came to the disk.
        writeFileSync(path, Buffer.alloc(length - cut), { flag: 'a' });
        expect(possible).toContain(texts(contentsOf(copy)));
      }
      cpSync(join(this.#directory, name), path);
    }
  }

  /** The run after this one, which is closed or crashes. */
  next(): Run {
    if (nextBelow(this.#random, 2) === 0) this.#close();
    else this.#crash();
    const contents = contentsOf(this.#directory);
    expect(this.#possible().map(texts)).toContain(texts(contents));
    return new Run(this.#directory, this.#random, contents);
  }

  #close(): void {
    this.#disk.mood = pick(this.#random, ['quick', 'broken'] as const);
    try {
      this.#store.close(at(++this.#time));
      this.#promised = this.#changes.length;
    } catch (error) {
      expect(error).toBeInstanceOf(StoreError);
    }
  }

  #crash(): void {
    this.#store.abandon();
    for (const name of logsOf(this.#directory)) {
      const { length, durable } = this.#extent(name);
      truncateSync(join(this.#directory, name), durable + nextBelow(this.#random, length - durable + 1));
    }
  }

  #commit(): void {
    const changes = Array.from({ length: 1 + nextBelow(this.#random, 4) }, () => this.#change());
    this.#changes.push(...changes);
    this.#store.commit(changes, at(this.#time));
    if (changes.some(({ urgency }) => urgency === 'before-reply'))
      this.#promises.push({ group: this.#store.awaited, changes: this.#changes.length });
  }

  #change(): StoredChange {
    const key = pick(this.#random, ['a', 'b', 'c', 'd', 'e']);
    if (nextBelow(this.#random, 3) === 0) return remove(key);
    const value = `${this.#time}`.padEnd(nextBelow(this.#random, 40), '.');
    return put(key, value, pick(this.#random, ['before-reply', 'within-window'] as const));
  }

  /** What there may be: all changes up to one of them, all that were promised among these. */
  #possible(): Map<string, string>[] {
    const contents = new Map(this.#first);
    const possible: Map<string, string>[] = this.#promised === 0 ? [new Map(contents)] : [];
    for (const [i, { key, value }] of this.#changes.entries()) {
      if (value) contents.set(key, new TextDecoder().decode(value));
      else contents.delete(key);
      if (i + 1 >= this.#promised) possible.push(new Map(contents));
    }
    return possible;
  }

  #extent(name: string): { readonly length: number; readonly durable: number } {
    const { ino, size } = statSync(join(this.#directory, name));
    return { length: size, durable: this.#disk.durable.get(ino) ?? size };
  }
}

/** What of a file is durable it has until the next time that it is asked to make it so. */
class UnsteadyDisk implements DataSync {
  mood: 'quick' | 'slow' | 'broken' = 'quick';
  /** Octets by file. */
  readonly durable = new Map<number, number>();
  #underWay: { readonly ino: number; readonly size: number } | undefined;

  begin(file: number): void {
    const { ino, size } = fstatSync(file);
    // Its header and its first frame, which were made durable in another way.
    if (!this.durable.has(ino)) this.durable.set(ino, 64);
    if (this.mood === 'broken' && size % 2 === 0) throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' });
    this.#underWay = { ino, size };
  }

  hasEnded(wait: boolean): boolean {
    const file = this.#underWay;
    if (!file || (this.mood === 'slow' && !wait)) return false;
    this.#underWay = undefined;
    if (this.mood === 'broken') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    this.durable.set(file.ino, file.size);
    return true;
  }
}

function contentsOf(directory: string): Map<string, string> {
  const read = readStore(directory);
  const contents = Array.from(read.entries(), ({ key, value }) => [key, new TextDecoder().decode(value)] as const);
  read.close();
  return new Map(contents);
}

function texts(contents: ReadonlyMap<string, string>): string {
  return JSON.stringify([...contents].sort());
}

function logsOf(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.log'));
}
