import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentMap } from '#base/recent-map.ts';

it('keeps what was used last, in the order of use, as a list does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(fc.integer({ min: 0, max: 9 })), (maximum, keys) => {
      const map = new RecentMap<number>(maximum);
      let listed: number[] = [];
      for (const [i, key] of keys.entries()) {
        const known = listed.find((one) => Math.floor(one / 1000) === key);
        expect(map.get(`${key}`)).toBe(known);
        const value = known ?? map.add(`${key}`, key * 1000 + i);
        listed = [...listed.filter((one) => one !== known), value].slice(-maximum);
        expect([...map.values()]).toEqual(listed);
      }
      map.clear();
      expect([...map.values(), map.get('0')]).toEqual([undefined]);
    }),
  );
});
