import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue, OTHERS } from '#daemon/fair-queue.ts';

function drain<Item>(queue: FairQueue<Item>, most = Number.POSITIVE_INFINITY): Item[] {
  const items: Item[] = [];
  for (let item = queue.next(); item !== undefined; item = queue.next()) {
    items.push(item);
    if (items.length >= most) break;
  }
  return items;
}

describe('FairQueue', () => {
  it('serves one of each source in turn, and of one source in the order in which they came', () => {
    const queue = new FairQueue<string>({ sources: 10, items: 100 });
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.charAt(0), () => item);
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(queue.length).toBe(0);
  });

  it('gives a source fewer turns whose items take more of them', () => {
    const queue = new FairQueue<string>({ sources: 8, items: 100 });
    for (let i = 0; i < 3; i++) queue.push('a', () => `a${i}`);
    for (let i = 0; i < 6; i++) queue.push('b', () => `b${i}`);
    const served: (string | undefined)[] = [];
    const turns = (item: string) => (item.startsWith('a') ? 3 : 1);
    for (let i = 0; i < 9; i++) served.push(queue.next(undefined, turns));
    expect(served).toEqual(['a0', 'b0', 'b1', 'b2', 'a1', 'b3', 'b4', 'b5', 'a2']);
    expect(queue.next(undefined, turns)).toBeUndefined();
  });

  it('leaves half of the room when one source floods, and tells whose items it dropped', () => {
    const queue = new FairQueue<number>({ sources: 10, items: 100 });
    let made = 0;
    for (let i = 0; i < 1000; i++) queue.push('flood', () => made++);
    expect([queue.length, made, queue.dropped]).toEqual([50, 50, 950]);
    expect(queue.push('other', () => -1)).toBe(true);
    expect(drain(queue, 2)).toEqual([0, -1]);
    expect(queue.losses()).toEqual([{ source: 'flood', dropped: 950 }]);
  });

  it('has sources beyond its limit share one queue', () => {
    const queue = new FairQueue<string>({ sources: 2, items: 1000 });
    for (const item of ['a1', 'b1', 'c1', 'd1', 'c2', 'b2']) queue.push(item.charAt(0), () => item);
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'b2', 'd1', 'c2']);
    queue.push(OTHERS, () => 'e');
    expect(drain(queue)).toEqual(['e']);
  });

  it('remembers no source of which nothing was taken', () => {
    const queue = new FairQueue<string>({ sources: 3, items: 1 });
    queue.push('first', () => 'a');
    for (const name of ['b', 'c', 'd', 'e']) expect(queue.push(name, () => name)).toBe(false);
    expect(drain(queue)).toEqual(['a']);
    const after = new FairQueue<string>({ sources: 3, items: 100 });
    for (const one of [queue, after]) one.push('late', () => 'x');
    expect([queue.first('late'), after.first('late'), queue.first(OTHERS)]).toEqual(['x', 'x', undefined]);
  });

  it('shows what has waited longest of sources that share a queue', () => {
    const queue = new FairQueue<string>({ sources: 1, items: 100 });
    for (const item of ['a1', 'b1', 'c1']) queue.push(item.charAt(0), () => item);
    expect([queue.first('a'), queue.first('c'), queue.first('unheard of')]).toEqual(['a1', 'b1', 'b1']);
  });

  it('holds on to few of the items that were served', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const queue = new FairQueue<object>({ sources: 4, items: 8192 });
    const made: WeakRef<object>[] = [];
    const push = () =>
      queue.push('busy', () => {
        const item = { octets: new Uint8Array(100) };
        made.push(new WeakRef(item));
        return item;
      });
    for (let i = 0; i < 100; i++) push();
    for (let i = 0; i < 5000; i++) {
      push();
      queue.next();
    }
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(made.filter((one) => one.deref()).length).toBeLessThan(400);
    expect(queue.length).toBe(100);
  });

  it('tells the losses of a bounded number of sources by name', () => {
    const queue = new FairQueue<number>({ sources: 1000, items: 0 });
    for (let i = 0; i < 500; i++) queue.push(`s${i}`, () => i);
    expect(queue.losses()).toHaveLength(65);
    expect(queue.losses()[0]).toEqual({ source: OTHERS, dropped: 436 });
  });

  it('drops what is not wanted any more, tells whose it was, and goes on with the next', () => {
    const queue = new FairQueue<string>({ sources: 10, items: 100 });
    for (const item of ['a-old', 'a-new', 'b-old']) queue.push(item.charAt(0), () => item);
    const isNew = (item: string) => item.endsWith('new');
    expect([queue.next(isNew), queue.next(isNew), queue.length]).toEqual(['a-new', undefined, 0]);
    expect(queue.losses()).toEqual([
      { source: 'a', dropped: 1 },
      { source: 'b', dropped: 1 },
    ]);
  });

  it('keeps its limit and loses nothing that it took, whatever the order', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 5 }) },
      { weight: 2, arbitrary: fc.constant('serve' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new FairQueue<readonly [number, number]>({ sources: 4, items: 20 });
        const [taken, served]: [string[], string[]] = [[], []];
        for (const [i, one] of steps.entries()) {
          if (one === 'serve') served.push(String(queue.next() ?? ''));
          else if (queue.push(String(one), () => [one, i])) taken.push(`${one},${i}`);
          expect(queue.length).toBeLessThanOrEqual(20);
        }
        served.push(...drain(queue).map(String));
        const got = served.filter((item) => item !== '');
        expect(got.toSorted()).toEqual(taken.toSorted());
        for (const source of ['0', '1', '2']) {
          const own = (items: string[]) => items.filter((item) => item.startsWith(`${source},`));
          expect(own(got)).toEqual(own(taken));
        }
      }),
    );
  });
});
