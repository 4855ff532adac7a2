import type { LmaStatsRow, MagStatsRow, PeerStatsView } from '#cli/show/index.ts';
import type { PeerMessageCounts } from '#proto/peer-messages.ts';
import { named } from './named-nodes.ts';
import type { LmaInstance, MagInstance, Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';
import { type WantedPeers, wantedLmas, wantedMags } from './wanted-peers.ts';

/** `show` counts from now on; the counters themselves go on. */
export function clearStats({ cleared }: Node, instance: LmaInstance | MagInstance): void {
  const { machine } = instance;
  cleared.clear(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats, peers: peerCounters(instance) });
  if ('access' in instance) cleared.clear(instance.access, instance.access.stats);
}

export function lmaStats(node: Node, filter: ShowFilter): LmaStatsRow[] {
  return named(node.lmas, 'LMA', filter.node).map(
    ({ config: { domain, name }, machine }): LmaStatsRow => ({
      domain,
      name,
      bindings: machine.bindingCount,
      ...node.cleared.since(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats }),
    }),
  );
}

export function magStats(node: Node, filter: ShowFilter): MagStatsRow[] {
  return named(node.mags, 'MAG', filter.node).map(
    ({ config: { domain, name }, machine, access }): MagStatsRow => ({
      domain,
      name,
      bindings: machine.bindingCount,
      ...node.cleared.since(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats }),
      access: node.cleared.since(access, access.stats),
    }),
  );
}

/** What LMAs exchanged with the MAGs that are meant, and how many bindings each has. A step for each binding that is looked at. */
export function* lmaPeerStats(node: Node, filter: ShowFilter): Generator<unknown, PeerStatsView[]> {
  const views: PeerStatsView[] = [];
  for (const lma of named(node.lmas, 'LMA', filter.node)) {
    const isWanted = yield* wantedMags(node, lma, filter);
    const bindings = yield* countBy(lma.machine.sessionPaths());
    views.push(peerStats(node, lma, isWanted, bindings));
  }
  return views;
}

/** The same of MAGs and their LMAs. */
export function* magPeerStats(node: Node, filter: ShowFilter): Generator<unknown, PeerStatsView[]> {
  const views: PeerStatsView[] = [];
  for (const mag of named(node.mags, 'MAG', filter.node)) {
    const isWanted = yield* wantedLmas(mag, filter);
    const bindings = yield* countBy(mag.machine.sessionPaths());
    views.push(peerStats(node, mag, isWanted, bindings));
  }
  return views;
}

function peerStats(
  node: Node,
  instance: LmaInstance | MagInstance,
  isWanted: WantedPeers,
  bindings: ReadonlyMap<string, number>,
): PeerStatsView {
  const { config, machine } = instance;
  const { peers: counters } = node.cleared.since(machine, { peers: peerCounters(instance) });
  const rows = machine.peerMessages().filter(({ peer, address }) => isWanted(peer, address));
  return {
    domain: config.domain,
    name: config.name,
    peers: rows.map((row) => ({ ...row, ...counters[row.address], bindings: bindings.get(row.address) ?? 0 })),
  };
}

/** By the peer's address. */
function peerCounters({ machine }: LmaInstance | MagInstance): Record<string, PeerMessageCounts> {
  return Object.fromEntries(machine.peerMessages().map(({ address, received, sent }) => [address, { received, sent }]));
}

function* countBy(
  sessions: Iterable<{ readonly path: { readonly remote: { toString(): string } } }>,
): Generator<unknown, Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { path } of sessions) {
    const address = `${path.remote}`;
    counts.set(address, (counts.get(address) ?? 0) + 1);
    yield;
  }
  return counts;
}
