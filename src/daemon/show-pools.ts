import type { Ipv4PoolRow, Ipv6PoolRow } from '#cli/show/index.ts';
import { RequestError } from './control-protocol.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

/** The pools of the configuration, with what LMAs of this node have lent of them. Throws `RequestError` when one is named that is not there. */
export function ipv4Pools(node: Node, { name }: ShowFilter): Ipv4PoolRow[] {
  const use = usage(node, 'ipv4');
  return chosen(node.configuration.ipv4Pools, name).map(({ name: pool, low, high }) => {
    const used = use.get(`${low}-${high}`);
    return {
      name: pool,
      begin: `${low}`,
      end: `${high}`,
      free: used?.available ?? (high.word >>> 0) - (low.word >>> 0) + 1,
      inUse: used?.held ?? 0,
      networks: networksWith(node, 'ipv4Pool', pool),
    };
  });
}

export function ipv6Pools(node: Node, { name }: ShowFilter): Ipv6PoolRow[] {
  const use = usage(node, 'ipv6');
  return chosen(node.configuration.ipv6Pools, name).map(({ name: pool, prefix, assignedLength }) => {
    const used = use.get(`${prefix.network}`);
    return {
      name: pool,
      prefix: `${prefix.network}`,
      assignedLength,
      free: used?.available ?? 2 ** (assignedLength - prefix.length),
      inUse: used?.held ?? 0,
      networks: networksWith(node, 'ipv6Pool', pool),
    };
  });
}

function usage(node: Node, family: 'ipv4' | 'ipv6') {
  return new Map(node.lmas.flatMap(({ machine }) => machine.poolUse()[family].map((use) => [use.range, use])));
}

function networksWith({ configuration }: Node, which: 'ipv4Pool' | 'ipv6Pool', pool: string): string[] {
  return configuration.lmas.flatMap((lma) =>
    lma.networks.filter((network) => network[which]?.pool === pool).map((network) => `${lma.name}/${network.name}`),
  );
}

function chosen<Pool extends { readonly name: string }>(
  pools: readonly Pool[],
  name: string | undefined,
): readonly Pool[] {
  const found = pools.filter((pool) => name === undefined || pool.name === name);
  if (found.length > 0 || name === undefined) return found;
  const there = pools.map((pool) => pool.name).join(', ') || 'none';
  throw new RequestError('refused', `no pool "${name}" is configured; there are: ${there}`);
}
