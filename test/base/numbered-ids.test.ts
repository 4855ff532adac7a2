import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberedIds } from '#base/numbered-ids.ts';

describe('NumberedIds', () => {
  it('gives every id its own number, and has the id back from it', () => {
    const ids = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc
        .tuple(fc.constantFrom('L/', 'lma-1/', 'x/00', ''), fc.bigInt({ min: 0n, max: 10n ** 20n }))
        .map(([a, b]) => a + b),
    );
    fc.assert(
      fc.property(fc.uniqueArray(ids, { maxLength: 40 }), (texts) => {
        const numbers = new NumberedIds();
        const given = texts.map((text) => numbers.numberOf(text));
        expect(new Set(given).size).toBe(texts.length);
        expect(given.map((number) => numbers.idOf(number))).toEqual(texts);
        expect(texts.map((text) => numbers.find(text))).toEqual(given);
      }),
    );
  });

  it('knows nothing of an id with another beginning', () => {
    const numbers = new NumberedIds();
    numbers.numberOf('L/1');
    expect(numbers.find('M/1')).toBeUndefined();
  });
});
