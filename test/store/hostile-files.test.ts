import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nextBelow, pick, SeededRandom } from '#base/random.ts';
import { compact } from '#store/compaction.ts';
import { LogStore } from '#store/log-store.ts';
import { countRecords } from '#store/records.ts';
import { StoreError } from '#store/store.ts';
import { at } from './compliance.ts';
import { window } from './directory.ts';

const ROUNDS = process.env.MOORING_NIGHTLY ? 50_000 : 1_500;
let parent: string;
beforeAll(() => {
  parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mooring-hostile-'));
});
afterAll(() => rmSync(parent, { recursive: true }));

it('whatever its files hold, a store is opened or refused with a reason, and what is refused is left alone', () => {
  const random = new SeededRandom(8);
  const original = join(parent, 'original');
  makeStore(original);
  const outcomes = { opened: 0, corrupt: 0, newer: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const directory = join(parent, 'store');
    rmSync(directory, { recursive: true, force: true });
    cpSync(original, directory, { recursive: true });
    const path = join(directory, pick(random, filesOf(directory)));
    writeFileSync(path, spoiled(readFileSync(path), random));
    const before = contentsOf(directory);
    const outcome = open(directory);
    outcomes[outcome]++;
    if (outcome !== 'opened') expect(contentsOf(directory)).toEqual(before);
  }
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(0);
});

function open(directory: string): 'opened' | 'corrupt' | 'newer' {
  let store: LogStore | undefined;
  try {
    store = new LogStore({ directory, window });
    countRecords(store.load());
    return 'opened';
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code !== 'corrupt' && error.code !== 'newer') throw error;
    return error.code;
  } finally {
    store?.abandon();
  }
}

/** A base and two logs. */
function makeStore(directory: string): void {
  for (let run = 0; run < 4; run++) {
    const store = new LogStore({ directory, window });
    store.begin(at(run));
    const value = Uint8Array.from([1, 0, 0, 0, run]);
    for (let i = 0; i < 3; i++)
      store.commit([{ table: 0, key: 'restart-counter', value, urgency: 'before-reply' }], at(run));
    store.close(at(run));
    if (run === 2) compact(directory, 3);
  }
  expect(open(directory)).toBe('opened');
}

/** Some octets are others, are missing, are more, or stand twice; and their checksums may say that all is well. */
function spoiled(octets: Buffer, random: SeededRandom): Buffer {
  let result = Buffer.from(octets);
  for (let times = 1 + nextBelow(random, 3); times > 0; times--) {
    const place = nextBelow(random, result.length + 1);
    const length = nextBelow(random, 40);
    const other = Buffer.from(
      Array.from({ length }, () => pick(random, [0, 1, 0x7f, 0x80, 0xff, nextBelow(random, 256)])),
    );
    const rest = pick(random, [place, place + length, place + 1]);
    result = Buffer.concat([
      result.subarray(0, place),
      pick(random, [other, result.subarray(rest)]),
      result.subarray(rest),
    ]);
  }
  if (result.length >= 32 && nextBelow(random, 2) === 0) result.writeUInt32BE(crc32(result.subarray(0, 28)), 28);
  for (let frame = 32; nextBelow(random, 4) > 0 && frame + 32 <= result.length; ) {
    const end = frame + 32 + result.readUInt32BE(frame);
    if (end > result.length) break;
    result.writeUInt32BE(crc32(result.subarray(frame + 8, end)), frame + 4);
    frame = end;
  }
  return result;
}

function filesOf(directory: string): string[] {
  return readdirSync(directory).filter((name) => name !== 'lock');
}

function contentsOf(directory: string): string[] {
  return filesOf(directory).map((name) => `${name} ${readFileSync(join(directory, name)).toString('hex')}`);
}
