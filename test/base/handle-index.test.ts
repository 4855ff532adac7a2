import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandleIndex } from '#base/handle-index.ts';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { handlesOf } from './handles-of.ts';

interface Pair {
  readonly hash: number;
  readonly handle: number;
}

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

  it('has what a list of pairs has where many hashes begin alike, or are alike', () => {
    const random = new SeededRandom(7);
    const below = (limit: number) => nextBelow(random, limit);
    // Up to 40 alike, some hundreds that have all but their last twelve bits in common, and thousands of all kinds.
    const newHash = () => {
      const kind = below(3);
      if (kind === 0) return below(5) << 29;
      return kind === 1 ? 0x5a5a5000 | below(1 << 12) : below(2 ** 32) | 0;
    };
    const index = new HandleIndex();
    const pairs: Pair[] = [];
    const held = (hash: number) => pairs.filter((pair) => pair.hash === hash).map(({ handle }) => handle);
    let handle = 0;
    for (const grows of [true, false, true, false]) {
      for (let i = 0; i < 3000; i++) {
        if (below(4) === 0 ? !grows : grows) {
          const hash = newHash();
          pairs.push({ hash, handle: ++handle });
          index.add(hash, handle);
        } else if (pairs.length > 0) {
          const at = below(pairs.length);
          const { hash, handle: gone } = pairs[at] as Pair;
          pairs[at] = pairs.at(-1) as Pair;
          pairs.pop();
          index.remove(hash, gone);
        }
        index.remove(newHash(), 1_000_000);
      }
      expect(index.size).toBe(pairs.length);
      for (const { hash } of pairs.slice(0, 300)) expect(handlesOf(index, hash).sort()).toEqual(held(hash).sort());
    }
    for (const { hash, handle } of pairs) index.remove(hash, handle);
    expect(index.size).toBe(0);
    for (const { hash } of pairs) expect(index.first(hash)).toBe(0);
  });
});
