import { describe, expect, it } from 'vitest';
import { clearBindings } from '#daemon/clear-bindings.ts';
import type { Node } from '#daemon/node.ts';
import { Sliced } from '#daemon/sliced.ts';
import { Walks } from '#daemon/walks.ts';
import { type LmaBindingRow, LmaMachine } from '#proto/lma/index.ts';
import { baseConfig, Dialogue, ipv4 } from '../proto/lma/dialogue.ts';

const TEN_MINUTES = 600_000;

describe('long lists of the control socket', () => {
  it('come in portions, every row once, while bindings are extended, end and begin', () => {
    const dialogue = new Dialogue({ bindingMaximum: 5000, pools: manyAddresses });
    for (let number = 0; number < 2000; number++) dialogue.acknowledged({ nai: `mn${number}@example.com` });
    const walks = new Walks();
    const seen: string[] = [];
    const note = (rows: readonly unknown[]) => seen.push(...rows.map((row) => (row as LmaBindingRow).nai));
    let portion = walks.begin(slowly(dialogue.lma.rows()), 0);
    let portions = 1;
    for (note(portion.rows); portion.next !== null; note(portion.rows)) {
      // One that was seen is extended, one that was not ends, a new one comes.
      dialogue.update({ nai: seen[0] as string, handoff: 5 });
      dialogue.update({ nai: `mn${1999 - portions}@example.com`, lifetimeSeconds: 0, handoff: 4 });
      dialogue.update({ nai: `late${portions}@example.com` });
      portion = walks.continue(portion.next, 0);
      portions++;
    }
    expect(portions).toBeGreaterThan(3);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 1500)).toEqual(Array.from({ length: 1500 }, (_, number) => `mn${number}@example.com`));
    expect(walks.size).toBe(0);
  });

  it('are closed when nobody reads on for ten minutes, and when many others are begun', () => {
    const walks = new Walks();
    const first = walks.begin(endless(), 0).next as string;
    walks.expire(TEN_MINUTES - 1);
    expect(walks.continue(first, TEN_MINUTES - 1).next).toBe(first);
    walks.expire(2 * TEN_MINUTES);
    expect(() => walks.continue(first, 0)).toThrow('is closed; ask for it again');
    const second = walks.begin(endless(), 0).next as string;
    for (let count = 0; count < 32; count++) walks.begin(endless(), 0);
    expect(walks.size).toBe(32);
    expect(() => walks.continue(second, 0)).toThrow('closed');
  });

  it('count what is meant in slices of a few milliseconds', () => {
    const sliced = new Sliced(
      (function* () {
        for (let step = 0; step < 200; step++) yield pause(0.2);
        return 'all';
      })(),
    );
    let slices = 1;
    let outcome = sliced.work();
    for (; !outcome.done; outcome = sliced.work()) slices++;
    expect(outcome.answer).toBe('all');
    expect(slices).toBeGreaterThan(3);
  });
});

it('clearing all bindings leaves room for a registration after each, and is told of none of its own', () => {
  const dialogue = new Dialogue({ bindingMaximum: 500 });
  for (let number = 0; number < 100; number++) dialogue.acknowledged({ nai: `mn${number}@example.com` });
  const told: unknown[] = [];
  const node = {
    lmas: [{ config: dialogue.config, machine: dialogue.lma }],
    mags: [],
    runtime: { tellNodes: (_: unknown, event: Parameters<Dialogue['tell']>[0]) => told.push(dialogue.tell(event)) },
  } as unknown as Node;
  const steps = clearBindings(node, { role: 'lma' });
  for (let step = 0; step < 50; step++) steps.next();
  expect(told).toHaveLength(50);
  expect([...dialogue.lma.rows({})].filter((row) => row?.state === 'active')).toHaveLength(50);
  let end = steps.next();
  while (!end.done) end = steps.next();
  expect(end.value).toEqual({ bindings: 100 });
  expect([...dialogue.lma.rows({})].filter((row) => row?.state === 'active')).toEqual([]);
});

it('bindings of one mobile node are found without going through all of them', () => {
  const lma = new LmaMachine(baseConfig);
  expect([...lma.rows({ nai: 'nobody@example.com' })]).toEqual([]);
  const dialogue = new Dialogue({ bindingMaximum: 500 });
  for (let number = 0; number < 100; number++) dialogue.acknowledged({ nai: `mn${number}@example.com` });
  expect([...dialogue.lma.rows({ nai: 'mn7@example.com' })]).toMatchObject([{ nai: 'mn7@example.com' }]);
  expect([...dialogue.lma.rows({ customer: 1 })].filter((row) => row !== undefined)).toEqual([]);
  expect([...dialogue.lma.selected({ mag: 'mag1' })].filter(Boolean)).toHaveLength(100);
});

const manyAddresses = {
  ...baseConfig.pools,
  ipv4: [{ low: ipv4('198.18.0.1'), high: ipv4('198.18.255.254'), prefixLength: 15, gateway: ipv4('198.19.255.254') }],
};

function* slowly<Row>(rows: Iterable<Row>): Generator<Row> {
  for (const row of rows) {
    pause(0.02);
    yield row;
  }
}

function* endless(): Generator<undefined> {
  for (;;) yield undefined;
}

function pause(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
