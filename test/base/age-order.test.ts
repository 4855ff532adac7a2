import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgeOrder } from '#base/age-order.ts';

describe('AgeOrder', () => {
  it('has handles in the order in which they came, as a map has keys, also while somebody goes through them', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'add', 'remove', 'replace', 'look'),
      which: fc.nat({ max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 500 }), (steps) => {
        const order = new AgeOrder();
        const model = new Map<number, number>();
        let walks: { mine: Iterator<number>; theirs: Iterator<number> }[] = [];
        let last = 0;
        for (const { kind, which } of steps) {
          const serial = [...model.keys()][which % (model.size || 1)];
          if (kind === 'add') model.set(order.add(++last), last);
          else if (kind === 'look') {
            walks.push({ mine: order.values()[Symbol.iterator](), theirs: model.values() });
            walks = walks.filter(({ mine, theirs }) => {
              const next = theirs.next();
              expect(mine.next()).toEqual(next);
              return !next.done;
            });
          } else if (serial !== undefined && kind === 'remove') {
            order.remove(serial);
            model.delete(serial);
          } else if (serial !== undefined) {
            order.replace(serial, ++last);
            model.set(serial, last);
          }
        }
        expect([...order.values()]).toEqual([...model.values()]);
        expect(order.size).toBe(model.size);
      }),
    );
  });

  it('has those of a hundred thousand that are left', () => {
    const order = new AgeOrder();
    const serials = Array.from({ length: 100_000 }, (_, i) => order.add(i + 1));
    for (const serial of serials) if (serial % 1000 !== 0) order.remove(serial);
    expect([...order.values()]).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) * 1000));
  });
});
