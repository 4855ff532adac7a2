import type { Ipv4PoolRow, Ipv6PoolRow } from '#cli/show/index.ts';
import type { BindingCounters } from '#dataplane/dataplane.ts';
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
  readonly tunnels: readonly PeerTraffic[];
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
    tunnels: peerTraffic(node),
    ipv4Pools: ipv4Pools(node, filter),
    ipv6Pools: ipv6Pools(node, filter),
    store: node.state.report(),
    historyMissed: node.runtime.journal.recorder.missed,
  };
}

/** What the tunnels between one address of a node and one peer have carried; up is from mobile nodes. */
export interface PeerTraffic extends BindingCounters {
  readonly role: 'lma' | 'mag';
  readonly name: string;
  readonly address: string;
}

/** Of every peer with a tunnel, as the data plane counts it by itself. */
function peerTraffic({ lmas, mags, dataPlane }: Node): PeerTraffic[] {
  const ends = new Map<string, { readonly role: 'lma' | 'mag'; readonly name: string }>();
  for (const [role, instances] of [
    ['lma', lmas],
    ['mag', mags],
  ] as const)
    for (const { config } of instances)
      for (const address of [config.addresses.ipv4, config.addresses.ipv6])
        if (address) ends.set(`${role} ${address}`, { role, name: config.name });
  const sums = new Map<string, PeerTraffic>();
  for (const { kind, path, upPackets, upOctets, downPackets, downOctets } of dataPlane.tunnelCounters()) {
    const end = ends.get(`${kind === 'anchor' ? 'lma' : 'mag'} ${path.local}`);
    if (!end) continue;
    const key = `${end.role} ${end.name} ${path.remote}`;
    const traffic = { ...end, address: `${path.remote}`, upPackets, upOctets, downPackets, downOctets };
    sums.set(key, added(traffic, sums.get(key)));
  }
  return [...sums.values()];
}

function added(traffic: PeerTraffic, other: PeerTraffic | undefined): PeerTraffic {
  if (!other) return traffic;
  return {
    ...traffic,
    upPackets: traffic.upPackets + other.upPackets,
    upOctets: traffic.upOctets + other.upOctets,
    downPackets: traffic.downPackets + other.downPackets,
    downOctets: traffic.downOctets + other.downOctets,
  };
}
