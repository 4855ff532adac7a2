import {
  cpSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextBelow, pick, SeededRandom } from '#base/random.ts';
import { type ClockReading, milliseconds } from '#base/time.ts';
import { compact } from '#store/compaction.ts';
import type { Compaction, CompactionOutcome } from '#store/compaction-thread.ts';
import type { DataSync, SyncOf } from '#store/data-sync.ts';
import { HEADER_OCTETS } from '#store/log-format.ts';
import { readStore } from '#store/log-reader.ts';
import { LogStore } from '#store/log-store.ts';
import { type StoredChange, type StoredEntry, StoreError } from '#store/store.ts';
import { leftWaiting } from '#store/waiting-memory.ts';
import { at, put, remove } from './compliance.ts';

const window = milliseconds(1000);
const SEEDS = process.env.MOORING_NIGHTLY ? 500 : 8;
const STEPS = 50;
/** So that one group in three has another log begun. */
const COMPACT_ABOVE = 300;
const COMBINATIONS = 6;
/** A commit asks the disk for two, the change to another log for four. */
const OPERATIONS = 40;
const COMMITS = 14;

describe('after a crash, wherever it cut what was being written, a store', () => {
  let parent: string;
  beforeEach(() => {
    // In memory: the disk is played.
    parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mooring-crash-'));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'has what was durable, and of what came later a beginning; all of it when only the process was killed (seed %i)',
    (seed) => {
      const random = new SeededRandom(seed);
      let run = new Run(join(parent, 'state'), random, new Map());
      for (let i = 0; i < STEPS; i++) {
        run.step();
        run.isKilled();
        if (nextBelow(random, 8) === 0) run = run.next();
        else if (nextBelow(random, 3) === 0) run.crashes(join(parent, 'copy'));
      }
    },
  );

  it.each(Array.from({ length: OPERATIONS }, (_, i) => i + 1))(
    'has what was durable when the disk failed once before (operation %i)',
    (operation) => {
      const random = new SeededRandom(operation);
      const run = new Run(join(parent, 'state'), random, new Map());
      run.failAt(operation);
      for (let i = 0; i < COMMITS; i++) {
        run.promise();
        run.isKilled();
        run.crashes(join(parent, 'copy'));
      }
      expect(run.hasFailed).toBe(true);
      run.next();
    },
  );
});

/** A store that is told anything, on a disk that works, hangs and fails as it likes. */
class Run {
  readonly #directory: string;
  readonly #runtimeDirectory: string;
  readonly #random: SeededRandom;
  readonly #disk: UnsteadyDisk;
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
    this.#disk = new UnsteadyDisk(random, existsSync(directory) ? logsOf(directory) : []);
    const compaction = new PlayedCompaction(directory, random);
    const runtimeDirectory = join(directory, '../run');
    mkdirSync(runtimeDirectory, { recursive: true });
    this.#runtimeDirectory = runtimeDirectory;
    const options = { directory, window, compactAbove: COMPACT_ABOVE, sync: this.#disk, compaction, runtimeDirectory };
    this.#store = new LogStore(options);
    expect(texts(entriesOf(this.#store.load()))).toBe(texts(first));
    this.#store.begin(at(0));
  }

  step(): void {
    this.#disk.moods = ['slow', 'slow', 'quick', 'quick', 'broken'];
    this.#try((now) => {
      const what = nextBelow(this.#random, 6);
      if (what < 3) this.#commit();
      else if (what < 5) this.#store.settle(now, nextBelow(this.#random, 2) === 0);
      else this.#store.flush(now);
    });
  }

  /** The disk does all but the operation of this number, from now on. */
  failAt(operation: number): void {
    this.#disk.failsAt = this.#disk.operations + operation;
  }

  get hasFailed(): boolean {
    return this.#disk.failsAt <= this.#disk.operations;
  }

  promise(): void {
    this.#try((now) => {
      this.#commit();
      this.#store.settle(now, true);
    });
  }

  #try(action: (now: ClockReading) => void): void {
    try {
      action(at(++this.#time));
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
    const logs = logsOf(this.#directory);
    const expectPossible = () => expect(possible).toContain(texts(contentsOf(copy)));
    for (const name of logs) {
      for (const end of this.#ends(name)) {
        leave(join(copy, name), end);
        expectPossible();
        cpSync(join(this.#directory, name), join(copy, name));
      }
    }
    for (let i = 0; i < COMBINATIONS; i++) {
      for (const name of logs) {
        cpSync(join(this.#directory, name), join(copy, name));
        leave(join(copy, name), pick(this.#random, this.#ends(name)));
      }
      expectPossible();
    }
  }

  /** Expects of a process that is killed now that all that it was told is there. */
  isKilled(): void {
    const read = readStore(this.#directory, { left: leftWaiting(this.#directory, this.#runtimeDirectory) });
    expect(read.gap).toBeUndefined();
    expect(texts(entriesOf(read.entries()))).toBe(texts(this.#all));
    read.close();
  }

  get #all(): Map<string, string> {
    return this.#possible().at(-1) ?? new Map(this.#first);
  }

  /** The run after this one, which is closed, killed or crashes. */
  next(): Run {
    const end = nextBelow(this.#random, 3);
    if (end === 0) {
      this.#store.abandon();
      return new Run(this.#directory, this.#random, this.#all);
    }
    if (end === 1) this.#close();
    else this.#crash();
    rmSync(this.#runtimeDirectory, { recursive: true });
    const contents = contentsOf(this.#directory);
    expect(this.#possible().map(texts)).toContain(texts(contents));
    return new Run(this.#directory, this.#random, contents);
  }

  #close(): void {
    this.#disk.moods = nextBelow(this.#random, 2) === 0 ? ['quick'] : ['quick', 'broken'];
    try {
      this.#store.close(at(++this.#time));
      this.#promised = this.#changes.length;
    } catch (error) {
      expect(error).toBeInstanceOf(StoreError);
    }
  }

  #crash(): void {
    this.#store.abandon();
    for (const name of logsOf(this.#directory))
      leave(join(this.#directory, name), pick(this.#random, this.#ends(name)));
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

  /** What a loss of power may leave of a log: of what was not made durable a beginning, and behind that what was there before. */
  #ends(name: string): End[] {
    const path = join(this.#directory, name);
    const written = readFileSync(path);
    const durable = this.#disk.octets.get(statSync(path).ino) ?? written;
    const ends: End[] = this.#disk.names.has(name) ? [] : ['no name'];
    const first = firstDifference(written, durable);
    const last = Math.max(first, endOfText(written));
    for (let kept = last; kept >= first; kept -= Math.min(1 + nextBelow(this.#random, 9), kept - first || 1)) {
      const beginning = written.subarray(0, kept);
      // The file had not become longer.
      ends.push(Buffer.concat([beginning, durable.subarray(kept)]));
      // It had, but what was to be in it never came to the disk. A header, in one sector, comes as a whole or not at all.
      if (durable.length < written.length && (kept === 0 || kept >= HEADER_OCTETS)) {
        const before = durable.subarray(kept);
        ends.push(Buffer.concat([beginning, before], written.length));
      }
    }
    return ends;
  }
}

type End = 'no name' | Buffer;

function leave(path: string, end: End): void {
  if (end === 'no name') rmSync(path);
  else writeFileSync(path, end);
}

function firstDifference(one: Buffer, other: Buffer): number {
  const shared = Math.min(one.length, other.length);
  if (one.subarray(0, shared).equals(other.subarray(0, shared))) return shared;
  return one.findIndex((octet, i) => octet !== other[i]);
}

/** Where the zeros begin that it ends with. */
function endOfText(octets: Buffer): number {
  return octets.findLastIndex((octet) => octet !== 0) + 1;
}

/** What of a file or directory is durable it has until the next time that it is asked to make it so. */
class UnsteadyDisk implements DataSync {
  /** One of them it has whenever it is asked for something. */
  moods: readonly ('quick' | 'slow' | 'broken')[] = ['quick'];
  operations = 0;
  failsAt = Number.POSITIVE_INFINITY;
  /** Those of a file. */
  readonly octets = new Map<number, Buffer>();
  readonly names: Set<string>;
  readonly #random: SeededRandom;
  #underWay: (() => void) | undefined;

  constructor(random: SeededRandom, names: readonly string[]) {
    this.#random = random;
    this.names = new Set(names);
  }

  begin(file: number, of: SyncOf): void {
    const { ino } = fstatSync(file);
    const octets = of === 'octets' ? readFileSync(`/proc/self/fd/${file}`) : undefined;
    if (octets && !this.octets.has(ino)) this.octets.set(ino, Buffer.alloc(0));
    if (this.#mood === 'broken') throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' });
    const names = of === 'names' ? logsOf(readlinkSync(`/proc/self/fd/${file}`)) : [];
    this.#underWay = () => {
      for (const name of names) this.names.add(name);
      if (octets) this.octets.set(ino, octets);
    };
  }

  hasEnded(wait: boolean): boolean {
    const end = this.#underWay;
    const mood = this.#mood;
    if (!end || (mood === 'slow' && !wait)) return false;
    this.#underWay = undefined;
    if (mood === 'broken') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    end();
    return true;
  }

  get #mood(): UnsteadyDisk['moods'][number] {
    return ++this.operations === this.failsAt ? 'broken' : pick(this.#random, this.moods);
  }
}

/** Is done at any time after it was started, or fails. */
class PlayedCompaction implements Compaction {
  readonly #directory: string;
  readonly #random: SeededRandom;
  #before: number | undefined;

  constructor(directory: string, random: SeededRandom) {
    this.#directory = directory;
    this.#random = random;
  }

  get busy(): boolean {
    return this.#before !== undefined;
  }

  start(before: number): void {
    this.#before = before;
  }

  outcome(): CompactionOutcome | undefined {
    const before = this.#before;
    if (before === undefined || nextBelow(this.#random, 3) > 0) return undefined;
    this.#before = undefined;
    if (nextBelow(this.#random, 4) === 0) return { problem: 'it was played' };
    compact(this.#directory, before);
    return { before };
  }

  end(): void {}
}

function contentsOf(directory: string): Map<string, string> {
  const read = readStore(directory);
  const contents = entriesOf(read.entries());
  read.close();
  return contents;
}

function entriesOf(entries: Iterable<StoredEntry>): Map<string, string> {
  return new Map(Array.from(entries, ({ key, value }) => [key, new TextDecoder().decode(value)]));
}

function texts(contents: ReadonlyMap<string, string>): string {
  return JSON.stringify([...contents].sort());
}

function logsOf(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.log'));
}
