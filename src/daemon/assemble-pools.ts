import type { Ipv4PoolConfig, Ipv6PoolConfig, LmaConfig } from '#proto/lma/events.ts';
import type { Report } from './assemble-report.ts';

/**
 * An address that two pools have in common would be given twice: the later one is left out. Networks of one LMA may name the same pool,
 * as they share it then.
 */
export function withDistinctPools(lmas: readonly LmaConfig[], report: Report): LmaConfig[] {
  const ipv4: Used<Ipv4PoolConfig>[] = [];
  const ipv6: Used<Ipv6PoolConfig>[] = [];
  return lmas.map((lma) => ({
    ...lma,
    pools: {
      ...lma.pools,
      ipv4: lma.pools.ipv4.filter((pool) => isDistinct(pool, lma, ipv4, overlap4, report)),
      ipv6: lma.pools.ipv6.filter((pool) => isDistinct(pool, lma, ipv6, overlap6, report)),
    },
  }));
}

interface Used<Pool> {
  readonly lma: LmaConfig;
  readonly pool: Pool;
}

function isDistinct<Pool extends { readonly network?: string }>(
  pool: Pool,
  lma: LmaConfig,
  used: Used<Pool>[],
  overlap: (a: Pool, b: Pool) => 'none' | 'some' | 'same',
  report: Report,
): boolean {
  for (const earlier of used) {
    const how = overlap(earlier.pool, pool);
    if (how === 'none' || (how === 'same' && earlier.lma === lma)) continue;
    const other = `network ${earlier.pool.network} of LMA ${earlier.lma.name}`;
    report(
      `ipv6 mobile pmipv6-lma ${lma.name}, network ${pool.network}: its pool has addresses in common with that of ${other}; give it a range of its own`,
    );
    return false;
  }
  used.push({ lma, pool });
  return true;
}

function overlap4(a: Ipv4PoolConfig, b: Ipv4PoolConfig): 'none' | 'some' | 'same' {
  const [low, high] = [a.low.word >>> 0, a.high.word >>> 0];
  const [otherLow, otherHigh] = [b.low.word >>> 0, b.high.word >>> 0];
  if (high < otherLow || otherHigh < low) return 'none';
  const same = low === otherLow && high === otherHigh && a.prefixLength === b.prefixLength;
  return same && a.gateway.equals(b.gateway) ? 'same' : 'some';
}

function overlap6(a: Ipv6PoolConfig, b: Ipv6PoolConfig): 'none' | 'some' | 'same' {
  if (!a.prefix.contains(b.prefix.address) && !b.prefix.contains(a.prefix.address)) return 'none';
  return a.prefix.equals(b.prefix) && a.assignedLength === b.assignedLength ? 'same' : 'some';
}
