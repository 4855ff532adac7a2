import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandleIndex } from '#base/handle-index.ts';
import { handlesOf } from './handles-of.ts';

describe('HandleIndex', () => {
  it('has what a list of pairs has, through growth, shrinking and equal hashes', () => {
    const step = fc.record({
      adds: fc.boolean(),
      hash: fc.integer({ min: -3, max: 40 }),
      handle: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const index = new HandleIndex();
        const pairs = new Map<string, { hash: number; handle: number }>();
        for (const { adds, hash, handle } of steps) {
          const name = `${hash}/${handle}`;
          if (adds && !pairs.has(name)) {
            index.add(hash, handle);
            pairs.set(name, { hash, handle });
          } else if (!adds) {
            index.remove(hash, handle);
            pairs.delete(name);
          }
        }
        for (let hash = -3; hash <= 40; hash++) {
          const held = [...pairs.values()].filter((pair) => pair.hash === hash).map(({ handle }) => handle);
          expect(handlesOf(index, hash).sort()).toEqual(held.sort());
        }
      }),
    );
  });

  it('finds each of a hundred thousand, and none when all are gone', () => {
    const index = new HandleIndex();
    for (let handle = 1; handle <= 100_000; handle++) index.add(Math.imul(handle, 0x9e3779b1), handle);
    for (let handle = 1; handle <= 100_000; handle += 97)
      expect(handlesOf(index, Math.imul(handle, 0x9e3779b1))).toEqual([handle]);
    for (let handle = 1; handle <= 100_000; handle++) index.remove(Math.imul(handle, 0x9e3779b1), handle);
    expect(index.first(Math.imul(5, 0x9e3779b1))).toBe(0);
  });
});
