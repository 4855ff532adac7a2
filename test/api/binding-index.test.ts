import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindingFilter } from '#api/binding-filter.ts';
import { BindingIndex } from '#api/binding-index.ts';
import { type SortKey, sortValue } from '#api/sort-key.ts';
import type { BindingEntry } from '#daemon/observe/binding-index.ts';
import { entry, FakeNode } from './fake-node.ts';

type Order = { readonly sort: SortKey; readonly descending: boolean };
const BY_NAI: Order = { sort: 'nai', descending: false };

/** All pages, one after the other. */
async function walk(index: BindingIndex, order: Order, limit: number, between = () => {}): Promise<string[]> {
  const keys: string[] = [];
  let after: readonly [string, string] | undefined;
  do {
    const page = await index.page(bindingFilter({}), order, { after, offset: 0, limit });
    expect(page.keys.length).toBeLessThanOrEqual(limit);
    keys.push(...page.keys);
    after = page.last;
    between();
  } while (after);
  return keys;
}

const small = fc.nat({ max: 6 }).map(String);
const arbitraryEntry = fc
  .record({ key: small, nai: small, mac: small, peer: small, customer: small, registeredAt: fc.nat({ max: 3 }) })
  .map(({ key, ...more }) => entry(key, { ...more, addresses: [`192.0.2.${more.nai}`] }));
const change = fc.oneof(
  fc.record({ set: arbitraryEntry }),
  fc.record({ delete: small }),
  fc.constant({ forget: true as const }),
  fc.constant({ look: true as const }),
);
const order = fc.record({
  sort: fc.constantFrom<SortKey>('nai', 'mac', 'address', 'peer', 'customer', 'registered'),
  descending: fc.boolean(),
});

describe('the index of bindings', () => {
  it('pages have every binding once, in their order, whatever changed before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 40 }),
        order,
        fc.integer({ min: 1, max: 4 }),
        async (changes, wanted, limit) => {
          const node = new FakeNode();
          const index = new BindingIndex(node);
          for (const one of changes) {
            if ('set' in one) node.set(one.set);
            else if ('delete' in one) node.delete(one.delete);
            else if ('forget' in one) node.forget();
            else await walk(index, wanted, limit);
          }
          const sign = wanted.descending ? -1 : 1;
          const rank = (of: BindingEntry) => [sortValue(of, wanted.sort), of.key].join('\0');
          const expected = [...node.entries.values()].sort((a, b) => sign * (rank(a) < rank(b) ? -1 : 1));
          expect(await walk(index, wanted, limit)).toEqual(expected.map(({ key }) => key));
          index.close();
        },
      ),
    );
  });

  it('a binding that stays where it is in the order is on one page, whatever comes and goes meanwhile', async () => {
    const node = new FakeNode();
    const stay = Array.from({ length: 30 }, (_, i) => `stays${String(i).padStart(2, '0')}`);
    for (const key of stay) node.set(entry(key));
    const index = new BindingIndex(node);
    let turn = 0;
    const keys = await walk(index, BY_NAI, 4, () => {
      node.delete(`comes${turn}`);
      node.set(entry(`comes${++turn}`));
      node.set(entry(`zcomes${turn}`));
    });
    expect(keys.filter((key) => key.startsWith('stays'))).toEqual(stay);
    index.close();
  });

  it('leaves out as many as are asked for', async () => {
    const node = new FakeNode(100);
    for (const name of ['a', 'b', 'c', 'd', 'e']) node.set(entry(name, { nai: name }));
    const index = new BindingIndex(node);
    const page = (offset: number) => index.page(bindingFilter({}), BY_NAI, { after: undefined, offset, limit: 2 });
    expect(await page(2)).toMatchObject({ keys: ['c', 'd'], total: 5, last: ['d', 'd'] });
    expect(await page(4)).toMatchObject({ keys: ['e'], total: 5, last: undefined });
    expect(await page(9)).toMatchObject({ keys: [], total: 5, last: undefined });
    index.close();
  });

  it('asks only for what has changed', async () => {
    const node = new FakeNode(100);
    for (let i = 0; i < 50; i++) node.set(entry(`n${i}`));
    const index = new BindingIndex(node);
    await index.page(bindingFilter({}), BY_NAI, { after: undefined, offset: 0, limit: 1 });
    const before = node.asked.length;
    node.delete('n7');
    const { total } = await index.page(bindingFilter({}), BY_NAI, { after: undefined, offset: 0, limit: 1 });
    expect([total, node.asked.length - before]).toEqual([49, 1]);
    index.close();
  });

  it.each([
    [{ nai: 'a@x' }, ['a']],
    [{ mac: '02:00:5e:00:53:02' }, ['b']],
    [{ address: '192.0.2.7' }, ['a']],
    [{ address: '2001:db8:1::99' }, ['b']],
    [{ address: '2001:db8:1::/64' }, ['b']],
    [{ mag: 'M2' }, ['b']],
    [{ mag: '2001:db8:0::2' }, ['b']],
    [{ mag: 'G' }, ['c']],
    [{ customer: 'acme' }, ['b']],
    [{ role: 'mag' as const }, ['c']],
    [{ node: 'L' }, ['a', 'b']],
    [{ q: 'A@' }, ['a']],
    [{ q: '5e0053' }, ['a', 'b']],
    [{ q: 'nothing' }, []],
  ])('filters by %j', async (query, expected) => {
    const node = new FakeNode();
    node.set(entry('a', { nai: 'a@x', addresses: ['192.0.2.7'] }));
    node.set(
      entry('b', {
        nai: 'b',
        mac: '0200.5e00.5302',
        addresses: ['2001:db8:1::/64'],
        peer: 'M2',
        peerAddress: '2001:db8::2',
        customer: 'acme',
      }),
    );
    node.set(entry('c', { role: 'mag', node: 'G', nai: 'c', mac: '0600.0000.0001', addresses: [], peer: 'lma' }));
    const index = new BindingIndex(node);
    expect((await index.page(bindingFilter(query), BY_NAI, { after: undefined, offset: 0, limit: 10 })).keys).toEqual(
      expected,
    );
    index.close();
  });

  it('refuses addresses that are none', () => {
    expect(() => bindingFilter({ mac: 'x' })).toThrow('link-layer address');
    expect(() => bindingFilter({ address: 'x' })).toThrow('IPv4 or IPv6');
  });
});
