import { expect, it } from 'vitest';
import { after, elapsed, inSeconds, instant, milliseconds, seconds } from '#base/time.ts';

it('counts in milliseconds whatever unit it is given', () => {
  expect(seconds(1.5)).toBe(milliseconds(1500));
  expect(inSeconds(milliseconds(250))).toBe(0.25);
});

it('adds and subtracts instants', () => {
  const start = instant(100);
  const end = after(start, seconds(2));
  expect(end).toBe(2100);
  expect(elapsed(start, end)).toBe(2000);
  expect(elapsed(end, start)).toBe(-2000);
});
