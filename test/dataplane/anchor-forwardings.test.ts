import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnchorForwardings } from '#dataplane/anchor-forwardings.ts';
import type { AnchorForwarding } from '#dataplane/desired.ts';
import { anchored, ipv4, path, prefix6 } from './bed.ts';

const gre = (send: number): AnchorForwarding['paths'] => [
  { ...path, encapsulation: { kind: 'gre', keys: { send, receive: send + 1 } } },
];

/** One of few ids, with addresses that no other id has. */
const any = fc
  .record({
    n: fc.nat({ max: 9 }),
    customer: fc.nat({ max: 1 }),
    hasHome: fc.boolean(),
    prefixes: fc.nat({ max: 2 }),
    key: fc.option(fc.nat({ max: 2 ** 32 - 2 }), { nil: undefined }),
  })
  .map(
    ({ n, customer, hasHome, prefixes, key }): AnchorForwarding => ({
      kind: 'anchor',
      id: `L/${n}`,
      customer,
      ...(hasHome && { homeAddress: ipv4('203.0.113.0').plus(n) }),
      prefixes: Array.from({ length: prefixes }, (_, i) => prefix6(`2001:db8:${n}:${i}::/64`)),
      paths: key === undefined ? anchored.paths : gre(key),
    }),
  );

describe('forwarding that is kept without objects', () => {
  it('is what was put last under each id, until it is deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: any }, fc.nat({ max: 9 })), { maxLength: 40 }), (steps) => {
        const [kept, model] = [new AnchorForwardings(), new Map<string, AnchorForwarding>()];
        for (const step of steps) {
          if (typeof step === 'number') expect(kept.delete(`L/${step}`)).toBe(model.delete(`L/${step}`));
          else {
            // Its keys are with its addresses.
            const isWhole = step.homeAddress !== undefined || step.prefixes.length > 0;
            expect(kept.set(step)).toBe(isWhole);
            if (isWhole) model.set(step.id, step);
            else model.delete(step.id);
          }
        }
        expect(kept.size).toBe(model.size);
        expect(new Map(Array.from(kept.values(), (one) => [one.id, one]))).toEqual(model);
        for (const [id, one] of model) expect(kept.get(id)).toEqual(one);
      }),
    );
  });

  it('is refused when it cannot be kept whole, and is then not there', () => {
    const kept = new AnchorForwardings();
    expect(kept.set({ ...anchored, id: 'L/1' })).toBe(true);
    const others: Partial<AnchorForwarding>[] = [
      { id: 'L/2' },
      { id: 'L/1', prefixes: [prefix6('2001:db8::/56')] },
      { id: 'L/1', paths: [path, path] },
    ];
    for (const other of others) expect(kept.set({ ...anchored, ...other })).toBe(false);
    expect(kept.size).toBe(0);
  });
});
