import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Granted } from '#proto/load/granted.ts';
import { HeldAddresses } from '#proto/load/held-addresses.ts';

const NODES = 6;

/** One of few, so that mobile nodes often get the same: with no address, an IPv4 home address, and up to three prefixes. */
function grantedOf(choice: number): Granted {
  const granted = new Granted();
  if (choice & 1) granted.setHome(choice >> 1, 24);
  for (let i = 0; i < choice >> 2; i++) granted.addWords(0x20010db8, choice, 0, i, 64);
  return granted;
}

describe('what the mobile nodes of a load have', () => {
  it('is what they were given last, and is known to be that of another one who was given it last', () => {
    const step = fc.tuple(fc.nat(NODES - 1), fc.nat(15), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const held = new HeldAddresses(NODES);
        const has = new Map<number, string>();
        const owners = new Map<string, number>();
        const leave = (node: number) => {
          const key = has.get(node);
          has.delete(node);
          if (key !== undefined && owners.get(key) === node) owners.delete(key);
        };
        for (const [node, choice, leaves] of steps) {
          const granted = grantedOf(choice);
          const key = JSON.stringify(granted.toGrant());
          expect(held.isSame(node, granted)).toBe(has.get(node) === key);
          if (leaves || (has.has(node) && has.get(node) !== key)) {
            held.leave(node);
            leave(node);
          }
          if (!leaves) {
            const owner = owners.get(key);
            expect(held.take(node, granted)).toBe(owner !== undefined && owner !== node);
            has.set(node, key);
            owners.set(key, node);
          }
          expect(held.size).toBe(has.size);
          for (let one = 0; one < NODES; one++) {
            expect(held.has(one)).toBe(has.has(one));
            const now = new Granted();
            if (held.has(one)) held.read(one, now);
            if (held.has(one)) expect(JSON.stringify(now.toGrant())).toBe(has.get(one));
          }
        }
      }),
    );
  });
});
