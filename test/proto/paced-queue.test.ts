import { expect, test } from 'vitest';
import { SeededRandom } from '#base/random.ts';
import { instant, milliseconds } from '#base/time.ts';
import { PacedQueue } from '#proto/paced-queue.ts';

test('work comes out in batches, each key once with its last value, with gaps that vary', () => {
  const queue = new PacedQueue<number, string>({ batch: 2, gap: milliseconds(100) }, new SeededRandom(1));
  for (const key of [1, 2, 3, 4, 5]) queue.add(key, 'old', instant(0));
  queue.add(2, 'new', instant(0));
  expect(queue.size).toBe(5);
  expect(queue.take(instant(49))).toEqual([]);
  const gaps: number[] = [];
  const taken: (readonly [number, string][])[] = [];
  let now = 0;
  for (let next = queue.next(); next !== undefined; next = queue.next()) {
    gaps.push(next - now);
    now = next;
    taken.push(queue.take(next));
  }
  expect(taken).toEqual([
    [
      [1, 'old'],
      [2, 'new'],
    ],
    [
      [3, 'old'],
      [4, 'old'],
    ],
    [[5, 'old']],
  ]);
  expect(gaps.every((gap) => gap >= 50 && gap <= 150)).toBe(true);
  expect(new Set(gaps).size).toBe(3);
});
