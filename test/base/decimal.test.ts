import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '#base/decimal.ts';

describe('decimal', () => {
  it('writes whole numbers as String does', () => {
    for (const number of [0, 9, 999, 1000, 1001, 999_999, 1_000_000, 2 ** 40, Number.MAX_SAFE_INTEGER])
      expect(decimal(number)).toBe(String(number));
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        expect(decimal(number)).toBe(String(number));
      }),
    );
  });
});
