import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberSet } from '#base/number-set.ts';

describe('NumberSet', () => {
  it('is a set of numbers', () => {
    const number = fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(fc.array(fc.record({ adds: fc.boolean(), number }), { maxLength: 200 }), (steps) => {
        const numbers = new NumberSet();
        const model = new Set<number>();
        for (const { adds, number: one } of steps) {
          if (adds) {
            numbers.add(one);
            model.add(one);
          } else expect(numbers.delete(one)).toBe(model.delete(one));
          expect(numbers.size).toBe(model.size);
          expect(numbers.has(one)).toBe(model.has(one));
        }
        for (const { number: one } of steps) expect(numbers.has(one)).toBe(model.has(one));
        expect([...numbers]).toEqual([...model].sort((a, b) => a - b));
        numbers.clear();
        expect([numbers.size, ...numbers]).toEqual([0]);
      }),
    );
  });
});
