import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { checkStore, exportStore } from '#cli/store.ts';
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

function filled(): LogStore {
  const store = new LogStore({ directory, window: milliseconds(1000) });
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
  expect(counter).toEqual({ kind: 'restart-counter', restartCounter: 7 });
});

it('says what is wrong with a damaged one', () => {
  filled().close(at(2));
  writeFileSync(join(directory, '00000001.log'), 'x'.repeat(100));
  expect(() => checkStore(directory)).toThrow('is not what was written');
  expect(() => checkStore('/nowhere')).toThrow('cannot read /nowhere');
});
