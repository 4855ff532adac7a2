import { inSeconds } from '#base/time.ts';
import type { HeartbeatView } from '#cli/show/index.ts';
import { named } from './named-nodes.ts';
import type { LmaInstance, MagInstance, Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';
import { type WantedPeers, wantedLmas, wantedMags } from './wanted-peers.ts';

/** The paths of LMAs to the MAGs that are meant. */
export function* lmaHeartbeats(node: Node, filter: ShowFilter): Generator<unknown, HeartbeatView[]> {
  const views: HeartbeatView[] = [];
  for (const lma of named(node.lmas, 'LMA', filter.node)) {
    const isWanted = yield* wantedMags(node, lma, filter);
    views.push(view(node, lma, isWanted));
  }
  return views;
}

/** The paths of MAGs to the LMAs that are meant. */
export function* magHeartbeats(node: Node, filter: ShowFilter): Generator<unknown, HeartbeatView[]> {
  const views: HeartbeatView[] = [];
  for (const mag of named(node.mags, 'MAG', filter.node)) {
    const isWanted = yield* wantedLmas(mag, filter);
    views.push(view(node, mag, isWanted));
  }
  return views;
}

function view(node: Node, { config, machine }: LmaInstance | MagInstance, isWanted: WantedPeers): HeartbeatView {
  const { domain, name, heartbeat } = config;
  node.runtime.refreshClock();
  return {
    domain,
    name,
    interval: heartbeat ? inSeconds(heartbeat.interval) : null,
    retries: heartbeat?.retries ?? null,
    paths: machine.heartbeats().filter(({ peer, destination }) => isWanted(peer, destination)),
  };
}
