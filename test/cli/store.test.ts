import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { ProgressLines } from '#cli/progress-lines.ts';
import { checkStore, exportStore } from '#cli/store.ts';
import { importStore } from '#cli/store-import.ts';
import { hasStore } from '#store/log-files.ts';
import { LogStore } from '#store/log-store.ts';
import { bindingChange, restartCounterChange } from '#store/records.ts';
import { Dialogue } from '../proto/lma/dialogue.ts';
import { at } from '../store/compliance.ts';

let directory: string;
let lines: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-store-'));
  lines = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function filled(window = 1000): LogStore {
  const store = new LogStore({ directory, window: milliseconds(window) });
  store.begin(at(0));
  const changes = new Dialogue()
    .update()
    .flatMap((output) => (output.kind === 'store' ? [bindingChange(output.change)] : []));
  store.commit([...changes, restartCounterChange(7)], at(1));
  return store;
}

it('says what a store holds, also while somebody uses it, and prints that as JSON', () => {
  const store = filled();
  checkStore(directory);
  expect(lines[0]).toContain('bindings of LMAs: 1');
  expect(lines[0]).toContain('last run: not closed');
  store.close(at(2));
  exportStore(directory);
  const [binding, counter] = lines.slice(1).map((line) => JSON.parse(line));
  expect(binding).toMatchObject({
    kind: 'binding',
    record: {
      mobileNode: { name: 'mn1@example.com' },
      homeAddress: { address: '192.0.2.1' },
      prefixes: ['2001:db8:f00d::/64'],
    },
  });
  expect(counter).toMatchObject({ kind: 'restart-counter', restartCounter: 7 });
});

/** What `mooring store export` prints of it, in a file. */
function exported(): string {
  lines = [];
  exportStore(directory);
  const file = join(directory, 'exported');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

it.each([
  ['closed', 1000],
  ['killed', 1000],
  ['killed', 0],
] as const)('makes a store of what it printed of one that was %s, with a window of %i ms', async (end, window) => {
  const store = filled(window);
  if (end === 'closed') store.close(at(2));
  else store.abandon();
  const file = exported();
  const before = lines.filter((line) => !line.includes('"gap"'));
  const copy = join(directory, 'copy');
  await importStore(file, copy);
  lines = [];
  exportStore(copy);
  expect(lines.filter((line) => !line.includes('"gap"'))).toEqual(before);
  // What the run before may have lost, the one after must know of.
  checkStore(copy);
  expect(lines.at(-1)).toContain(end === 'closed' ? 'last run: closed' : 'last run: not closed');
});

it('imports nothing over a store, and nothing that was changed or is not all of it', async () => {
  filled().close(at(2));
  const file = exported();
  const files = readdirSync(directory);
  await expect(importStore(file, directory)).rejects.toThrow('has a store');
  expect(readdirSync(directory)).toEqual(files);
  const copy = join(directory, 'copy');
  const text = lines.join('\n');
  const [binding, counter, end] = lines;
  for (const [changed, line] of [
    [text.replace('192.0.2.1', '192.0.2.9'), 1],
    [text.replace('"restartCounter":7', '"restartCounter":8'), 2],
    [`${binding}\n${counter}\n{"kind":"binding"}`, 3],
    [`${binding}\n${end}`, 2],
    [`${text}\n${counter}`, 4],
    [`${binding}\n{"kind":"gap","from":1,"window":1}`, 2],
    ['[]', 1],
    ['{', 1],
  ] as const) {
    writeFileSync(file, changed);
    await expect(importStore(file, copy)).rejects.toThrow(`${file}:${line}: not a line`);
  }
  writeFileSync(file, `${binding}\n${counter}\n`);
  await expect(importStore(file, copy)).rejects.toThrow(`${file} ends after 2 lines`);
  await expect(importStore(join(directory, 'nothing'), copy)).rejects.toThrow('ENOENT');
  expect(existsSync(copy)).toBe(false);
});

it('an import that is interrupted, even by kill -9, leaves no store', async () => {
  filled().close(at(2));
  const [binding] = readFileSync(exported(), 'utf8').split('\n');
  const copy = join(directory, 'copy');
  const interrupted = async (signal: 'SIGINT' | 'SIGKILL') => {
    const child = spawn(process.execPath, [resolve('bin/mooring'), 'store', 'import', '-', copy]);
    let output = '';
    child.stderr.on('data', (text: Buffer) => {
      output += text;
    });
    child.stdin.write(`${binding}\n`);
    while (!existsSync(join(copy, '00000001.log.new'))) await new Promise((done) => setTimeout(done, 20));
    child.kill(signal);
    const [status] = await once(child, 'close');
    return { status, output };
  };
  expect(await interrupted('SIGINT')).toEqual({ status: 1, output: 'mooring: interrupted; nothing was imported\n' });
  expect(existsSync(copy)).toBe(false);
  expect(await interrupted('SIGKILL')).toEqual({ status: null, output: '' });
  expect(hasStore(copy)).toBe(false);
  await importStore(exported(), copy);
  checkStore(copy);
  expect(lines.at(-1)).toContain('bindings of LMAs: 1');
}, 30_000);

it('tells of long work once a second, and of short work nothing', () => {
  let now = 0;
  const told: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(`${text}`) > 0);
  const progress = new ProgressLines(
    (count) => `checked ${count} records`,
    () => now,
  );
  for (const _ of progress.of(new Array(1000))) now++;
  expect(told).toEqual([]);
  for (const _ of progress.of(new Array(2000))) now++;
  expect(told).toEqual([
    'checked 1024 records in 1 s (1000 a second)\n',
    'checked 2048 records in 2 s (1000 a second)\n',
  ]);
});

it('says what is wrong with a damaged one', () => {
  filled().close(at(2));
  writeFileSync(join(directory, '00000001.log'), 'x'.repeat(100));
  expect(() => checkStore(directory)).toThrow('is not what was written');
  expect(() => checkStore('/nowhere')).toThrow('cannot read /nowhere');
});
