import { describe, expect, it } from 'vitest';
import { Histogram } from '#base/histogram.ts';

describe('Histogram', () => {
  it('has nothing to say before the first record', () => {
    expect(new Histogram().summary()).toBeUndefined();
  });

  it('gives extremes and mean exactly, and quantiles within three percent', () => {
    const histogram = new Histogram();
    for (let i = 1; i <= 1000; i++) histogram.record(i);
    const summary = histogram.summary();
    expect(summary).toMatchObject({ count: 1000, minimum: 1, maximum: 1000, mean: 500.5 });
    expect(Math.abs((summary?.median ?? 0) / 500 - 1)).toBeLessThan(0.03);
    expect(Math.abs((summary?.p99 ?? 0) / 990 - 1)).toBeLessThan(0.03);
  });

  it('tells what occurred how often, within three percent', () => {
    const histogram = new Histogram();
    for (const value of [100, 100, 100, 5000]) histogram.record(value);
    const [usual, rare, ...others] = histogram.distribution();
    expect(others).toEqual([]);
    expect([usual?.count, rare?.count]).toEqual([3, 1]);
    expect(Math.abs((usual?.microseconds ?? 0) / 100 - 1)).toBeLessThan(0.03);
    expect(Math.abs((rare?.microseconds ?? 0) / 5000 - 1)).toBeLessThan(0.03);
    expect(new Histogram().distribution()).toEqual([]);
  });

  it('keeps values beyond its range', () => {
    const histogram = new Histogram();
    histogram.record(-5);
    histogram.record(1e12);
    expect(histogram.summary()).toMatchObject({ count: 2, minimum: 0, maximum: 1e12 });
  });
});
