import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBelow, nextFraction, SeededRandom } from '#base/random.ts';

const draw = (seed: number, count: number) => {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => random.nextU32());
};

describe('SeededRandom', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    expect(draw(1, 100)).toEqual(draw(1, 100));
    expect(draw(1, 100)).not.toEqual(draw(2, 100));
  });

  it('does not repeat itself early, whatever the seed', () => {
    for (const seed of [0, 1, -1, 0x7fffffff]) expect(new Set(draw(seed, 10_000)).size).toBeGreaterThan(9_990);
  });

  it('uses the whole range evenly', () => {
    const buckets = new Array<number>(16).fill(0);
    for (const value of draw(7, 16_000)) buckets[value >>> 28] = (buckets[value >>> 28] as number) + 1;
    for (const count of buckets) expect(count).toSatisfy((n: number) => n > 850 && n < 1_150);
  });
});

describe('nextBelow and nextFraction', () => {
  it('stay inside their bounds at both ends', () => {
    const fixed = (value: number) => ({ nextU32: () => value });
    expect(nextFraction(fixed(0))).toBe(0);
    expect(nextFraction(fixed(0xffffffff))).toBeLessThan(1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffffffff }), (limit) => {
        expect(nextBelow(fixed(0), limit)).toBe(0);
        expect(nextBelow(fixed(0xffffffff), limit)).toBe(limit - 1);
      }),
    );
  });
});
