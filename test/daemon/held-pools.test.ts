import { expect, test } from 'vitest';
import { withHeldPools } from '#daemon/held-pools.ts';
import { anchored, attached, ipv4, node, prefix4, prefix6 } from '../dataplane/bed.ts';

test('a pool that is gone stays routed as long as a binding has an address of it', () => {
  const more = { ...node.pools, ipv4: [...node.pools.ipv4, prefix4('198.19.0.0/24')] };
  const next = { ...node, pools: { ipv4: [prefix4('198.19.1.0/24')], ipv6: [] } };
  const [held, bindings] = withHeldPools(next, { ...node, pools: more }, [anchored, attached]);
  expect(bindings).toBe(1);
  expect(held.pools.ipv4.map(String)).toEqual(['198.19.1.0/24', '192.0.2.0/24']);
  expect(held.pools.ipv6).toEqual([prefix6('2001:db8:f00d::/48')]);
  expect(withHeldPools(next, held, [])).toEqual([next, 0]);
  const elsewhere = { ...anchored, homeAddress: ipv4('203.0.113.77'), prefixes: [] };
  expect(withHeldPools(next, held, [elsewhere])).toEqual([next, 0]);
});
