import type { Ipv4PoolRow, Ipv6PoolRow } from '#cli/show/index.ts';
import type { HeartbeatRow } from '#proto/heartbeat/index.ts';
import { describeStatistics } from '../describe.ts';
import type { StateReport } from '../durable-state.ts';
import type { Node } from '../node.ts';
import { readFilter } from '../show-filter.ts';
import { ipv4Pools, ipv6Pools } from '../show-pools.ts';

/** What a node is measured by: all its counters since it started, and nothing of which there is one for each binding. */
export interface MetricsView {
  readonly statistics: ReturnType<typeof describeStatistics>;
  readonly nodes: readonly {
    readonly role: 'lma' | 'mag';
    readonly name: string;
    readonly bindings: number;
    readonly paths: readonly HeartbeatRow[];
  }[];
  readonly ipv4Pools: readonly Ipv4PoolRow[];
  readonly ipv6Pools: readonly Ipv6PoolRow[];
  readonly store: StateReport;
  /** Events of the history that there was no time for. */
  readonly historyMissed: number;
}

export function describeMetrics(node: Node): MetricsView {
  node.runtime.refreshClock();
  const filter = readFilter({ request: 'show' });
  const measured = (
    role: 'lma' | 'mag',
    { config, machine }: (typeof node.lmas)[number] | (typeof node.mags)[number],
  ) => ({
    role,
    name: config.name,
    bindings: machine.bindingCount,
    paths: machine.heartbeats(),
  });
  return {
    statistics: describeStatistics(node),
    nodes: [...node.lmas.map((lma) => measured('lma', lma)), ...node.mags.map((mag) => measured('mag', mag))],
    ipv4Pools: ipv4Pools(node, filter),
    ipv6Pools: ipv6Pools(node, filter),
    store: node.state.report(),
    historyMissed: node.runtime.journal.recorder.missed,
  };
}
