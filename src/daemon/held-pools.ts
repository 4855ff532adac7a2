import type { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Forwarding, NodeForwarding } from '#dataplane/desired.ts';

/**
 * The node with those pools of `before` too that it has no longer, but bindings have addresses of: what is sent to them is led into their
 * tunnels until they end. The second is how many such bindings there are.
 */
export function withHeldPools(
  node: NodeForwarding,
  before: NodeForwarding,
  held: Iterable<Forwarding>,
): readonly [node: NodeForwarding, bindings: number] {
  const gone4 = without(before.pools.ipv4, node.pools.ipv4);
  const gone6 = without(before.pools.ipv6, node.pools.ipv6);
  if (gone4.length + gone6.length === 0) return [node, 0];
  const ipv4 = new Set<Ipv4Prefix>();
  const ipv6 = new Set<Ipv6Prefix>();
  let bindings = 0;
  for (const forwarding of held) {
    if (forwarding.kind !== 'anchor') continue;
    const { homeAddress, prefixes } = forwarding;
    const pools4 = gone4.filter((pool) => homeAddress && pool.contains(homeAddress));
    const pools6 = gone6.filter((pool) => prefixes.some(({ address }) => pool.contains(address)));
    for (const pool of pools4) ipv4.add(pool);
    for (const pool of pools6) ipv6.add(pool);
    if (pools4.length + pools6.length > 0) bindings++;
  }
  const pools = { ipv4: [...node.pools.ipv4, ...ipv4], ipv6: [...node.pools.ipv6, ...ipv6] };
  return [{ ...node, pools }, bindings];
}

function without<Prefix extends Ipv4Prefix | Ipv6Prefix>(
  pools: readonly Prefix[],
  others: readonly Prefix[],
): Prefix[] {
  return pools.filter((pool) => !others.some((other) => `${other}` === `${pool}`));
}
