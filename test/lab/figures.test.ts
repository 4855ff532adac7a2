import { expect, it } from 'vitest';
import { SeededRandom } from '#base/random.ts';
import { medianInterval } from '#lab/figures.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1).reverse();

it('takes the interval of a median from the tables of the sign test', () => {
  expect(medianInterval(upTo(6))).toEqual({ low: 1, high: 6 });
  expect(medianInterval(upTo(8))).toEqual({ low: 1, high: 8 });
  expect(medianInterval(upTo(9))).toEqual({ low: 2, high: 8 });
  expect(medianInterval(upTo(20))).toEqual({ low: 6, high: 15 });
  expect(medianInterval(upTo(40))).toEqual({ low: 14, high: 27 });
});

it('gives the ends of too few numbers, and nothing of none', () => {
  expect(medianInterval([0.97, 0.95])).toEqual({ low: 0.95, high: 0.97 });
  expect(medianInterval([])).toBeUndefined();
});

it('holds the median of a lopsided distribution nineteen times of twenty', () => {
  const random = new SeededRandom(5213);
  const draw = () => -Math.log(1 - random.nextU32() / 2 ** 32);
  const held = Array.from({ length: 2000 }, () => medianInterval(Array.from({ length: 12 }, draw))).filter(
    (one) => one !== undefined && one.low <= Math.LN2 && one.high >= Math.LN2,
  );
  expect(held.length / 2000).toBeGreaterThan(0.94);
});
