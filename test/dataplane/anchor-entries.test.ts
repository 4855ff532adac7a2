import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { AnchorBindings } from '#dataplane/anchor-bindings.ts';
import { AnchorEntries, emptyWords, targetOfWords, writeTarget } from '#dataplane/anchor-entries.ts';
import type { AnchorForwarding } from '#dataplane/desired.ts';
import type { PathPart } from '#dataplane/part.ts';
import { anchored, ipv4, path, prefix6 } from './bed.ts';

describe('the entries of anchors', () => {
  it.each([1, 2, 3])('are found, changed and gone as in a map of their keys (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const entries = new AnchorEntries();
    const expected = new Map<string, number>();
    for (let step = 0; step < 30_000; step++) {
      const words = { ...emptyWords(), tag: nextBelow(random, 4), high: -nextBelow(random, 60), low: 0 };
      if ((words.tag & 1) === 1) words.low = nextBelow(random, 60);
      const key = `${words.tag} ${words.high} ${words.low}`;
      const row = entries.find(words);
      expect(row >= 0).toBe(expected.has(key));
      if (row < 0 && nextBelow(random, 2) === 0) {
        words.counters = step;
        entries.add(words);
        expected.set(key, step);
      } else if (row >= 0) {
        expect(entries.counters(row)).toBe(expected.get(key));
        if (nextBelow(random, 2) === 0) {
          entries.remove(row);
          expected.delete(key);
        }
      }
    }
    expect(entries.size).toBe(expected.size);
    const found = Array.from(entries.rows(), (row) => entries.counters(row)).sort();
    expect(found).toEqual([...expected.values()].sort());
  });

  it.each([
    new Ipv4Address(-1),
    new Ipv4Address(0),
    new Ipv6Prefix(new Ipv6Address(-1, 0x80000000, 0, 0), 64),
    new Ipv6Prefix(new Ipv6Address(0, 0, 0, 0), 64),
  ])('are told apart by family, customer and address: %s', (target) => {
    const words = emptyWords();
    writeTarget(words, 65535, target);
    expect(targetOfWords(words)).toEqual(target);
    const entries = new AnchorEntries();
    entries.add(words);
    expect(entries.find(words)).toBeGreaterThanOrEqual(0);
    for (const other of [new Ipv4Address(7), new Ipv6Prefix(new Ipv6Address(7, 7, 0, 0), 64)]) {
      writeTarget(words, 65535, other);
      expect(entries.find(words)).toBe(-1);
    }
    writeTarget(words, 0, target);
    expect(entries.find(words)).toBe(-1);
  });
});

describe('the bindings of anchors', () => {
  const keyed: PathPart = {
    kind: 'path',
    key: 'keyed',
    index: 3,
    customer: 7,
    path: { ...path, encapsulation: { kind: 'gre', keys: { send: 1, receive: 2 } } },
  };
  const bindings = () => new AnchorBindings(() => keyed);
  const wanted = (more: Partial<AnchorForwarding>): AnchorForwarding => ({
    ...anchored,
    customer: 7,
    paths: [{ ...path, encapsulation: { kind: 'gre', keys: { send: 0xffffffff, receive: 0x80000000 } } }],
    ...more,
  });

  it.each([
    wanted({}),
    wanted({ prefixes: [] }),
    wanted({ prefixes: [prefix6('2001:db8:beef:1::/64'), prefix6('2001:db8:beef:2::/64')] }),
  ])('say what was set', (forwarding) => {
    const held = bindings();
    held.set(forwarding, 3, 5000);
    expect(held.forwarding(5000)).toEqual(forwarding);
    expect(held.says(forwarding, 3, 5000)).toBe(true);
    expect(held.says({ ...forwarding, prefixes: [prefix6('2001:db8:1::/64')] }, 3, 5000)).toBe(false);
    expect(held.says(forwarding, 4, 5000)).toBe(false);
  });

  it('have nothing left of addresses that a binding has no longer, nor of bindings that have ended', () => {
    const held = bindings();
    held.set(wanted({ homeAddress: ipv4('192.0.2.1') }), 3, 1);
    held.set(wanted({ homeAddress: ipv4('192.0.2.2'), prefixes: [] }), 3, 1);
    expect(held.idOf({ customer: 7, target: ipv4('192.0.2.1') })).toBeUndefined();
    expect(held.idOf({ customer: 7, target: ipv4('192.0.2.2') })).toBe(anchored.id);
    expect(held.entries).toBe(1);
    held.delete(anchored.id);
    expect([held.size, held.entries]).toEqual([0, 0]);
  });
});
