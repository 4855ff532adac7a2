import type { FastifyInstance } from 'fastify';
import type { HeartbeatView, Ipv4PoolRow, Ipv6PoolRow, LmaStatsRow, MagStatsRow, TunnelView } from '#cli/show/index.ts';
import type { NodeAccess } from '../node-access.ts';
import type { ApiParts } from '../parts.ts';
import { log } from '../schemas/log.ts';
import { peers, pools, statistics, tunnels } from '../schemas/views.ts';
import { route } from './route.ts';

export async function viewRoutes(app: FastifyInstance, { node }: ApiParts): Promise<void> {
  const view = { tag: 'node', audience: 'read-only' } as const;
  app.get(
    '/peers',
    route({ ...view, id: 'listPeers', summary: 'The paths to the peers, and their heartbeats', answer: peers }),
    async () => ({ items: ofBoth(await ofEachRole<HeartbeatView>(node, 'heartbeat')) }),
  );
  app.get(
    '/tunnels',
    route({ ...view, id: 'listTunnels', summary: 'The tunnels, and what they carried', answer: tunnels }),
    async () => ({ items: ofBoth(await ofEachRole<TunnelView>(node, 'tunnel')) }),
  );
  app.get(
    '/pools',
    route({ ...view, id: 'listPools', summary: 'The pools, and how full they are', answer: pools }),
    async () => ({
      ipv4: await show<Ipv4PoolRow[]>(node, 'ipv4-pool'),
      ipv6: await show<Ipv6PoolRow[]>(node, 'ipv6-pool'),
    }),
  );
  app.get(
    '/statistics',
    route({ ...view, id: 'getStatistics', summary: 'Counters since they were cleared, and costs', answer: statistics }),
    async () => {
      const { runtime, costs, drops } = await node.ask<Record<string, unknown>>({ request: 'statistics' });
      const lmas = await show<LmaStatsRow[]>(node, 'lma-stats');
      return { lmas, mags: await show<MagStatsRow[]>(node, 'mag-stats'), runtime, costs, drops };
    },
  );
  app.get(
    '/log',
    route({
      ...view,
      audience: 'read-write',
      id: 'getLog',
      summary: 'The latest lines of the log, and how much each part of the daemon logs',
      answer: log,
    }),
    () => show(node, 'logging'),
  );
}

export function show<View>(node: NodeAccess, query: string): Promise<View> {
  return node.ask<View>({ request: 'show', query });
}

interface Both<View> {
  readonly lma: readonly View[];
  readonly mag: readonly View[];
}

async function ofEachRole<View>(node: NodeAccess, what: string): Promise<Both<View>> {
  return { lma: await show<View[]>(node, `lma-${what}`), mag: await show<View[]>(node, `mag-${what}`) };
}

/** With whose it is. */
function ofBoth<View extends { readonly name: string }>({ lma, mag }: Both<View>) {
  const named =
    (role: 'lma' | 'mag') =>
    ({ name, ...view }: View) => ({ role, node: name, ...view });
  return [...lma.map(named('lma')), ...mag.map(named('mag'))];
}
