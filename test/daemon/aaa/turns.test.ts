import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '#daemon/aaa/turns.ts';

function busyFor(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

describe('work that is done in turns', () => {
  it('is done in its order, a little in each turn, so that others have theirs', async () => {
    const turns = new Turns();
    const done: number[] = [];
    for (let i = 0; i < 40; i++)
      turns.add(() => {
        busyFor(0.5);
        done.push(i);
      });
    expect(done).toEqual([]);
    let others = 0;
    for (; done.length < 40; others++) {
      const before = done.length;
      await turn();
      // Half a millisecond each, in slices of one: three at most, as one may begin just before the end.
      expect(done.length - before).toBeLessThanOrEqual(3);
    }
    expect(others).toBeGreaterThan(40 / 3);
    expect(done).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('finishes what is begun before it begins more', async () => {
    const turns = new Turns();
    const done: string[] = [];
    for (const name of ['a', 'b']) turns.add(() => done.push(`begin ${name}`));
    for (const name of ['a', 'b']) turns.add(() => done.push(`finish ${name}`), true);
    await turn();
    expect(done).toEqual(['finish a', 'finish b', 'begin a', 'begin b']);
  });

  it('does the oldest at once when too much waits, and all of it in the end', async () => {
    const turns = new Turns();
    const done: number[] = [];
    for (let i = 0; i < 5000; i++) turns.add(() => done.push(i));
    expect(done).toEqual(Array.from({ length: 5000 - 4096 }, (_, i) => i));
    for (let i = 0; i < 1000 && done.length < 5000; i++) await turn();
    expect(done).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  it('goes on with what is added while it works, and is closed for good', async () => {
    const turns = new Turns();
    const done: string[] = [];
    turns.add(() => {
      done.push('first');
      turns.add(() => done.push('of the first'));
    });
    for (let i = 0; i < 100 && done.length < 2; i++) await turn();
    expect(done).toEqual(['first', 'of the first']);
    turns.add(() => done.push('never'));
    turns.close();
    await turn();
    await turn();
    expect(done).toHaveLength(2);
  });
});
