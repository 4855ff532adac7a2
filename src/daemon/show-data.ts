import { release } from 'node:os';
import {
  type DataplaneView,
  type ForwardingRow,
  type LmaStatsRow,
  lmaGlobals,
  type MagStatsRow,
  magGlobals,
  type ShowQuery,
  storeWarnings,
} from '#cli/show/index.ts';
import { printConfiguration } from '#config/index.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import { named } from './named-nodes.ts';
import type { Node } from './node.ts';
import { clientDetail, dhcpBindings, dhcpProxies, routeMaps } from './show-access.ts';
import { accessLists } from './show-access-lists.ts';
import { countLmaBindings, countMagBindings, heartbeats, lmaBindings, magBindings } from './show-bindings.ts';
import { readFilter, type ShowFilter } from './show-filter.ts';
import { hostInterfaces, hostRoutes } from './show-host.ts';
import { ipv4Pools, ipv6Pools } from './show-pools.ts';
import { lmaTunnels, magTunnels } from './show-tunnels.ts';

/** What a `show` command prints, as plain JSON. Throws `RequestError`. */
export function showData(node: Node, request: ControlRequest): unknown {
  const { query } = request;
  const handler =
    typeof query === 'string' && Object.hasOwn(QUERIES, query) ? QUERIES[query as keyof typeof QUERIES] : undefined;
  if (!handler) {
    throw new RequestError('bad-request', `"query" must be one of ${Object.keys(QUERIES).join(', ')}`);
  }
  return handler(node, readFilter(request));
}

/** What the log holds is known to the main thread alone. */
const QUERIES: Record<Exclude<ShowQuery, 'logging' | 'aaa-servers'>, (node: Node, filter: ShowFilter) => unknown> = {
  'lma-binding': lmaBindings,
  'lma-binding-count': countLmaBindings,
  'aaa-domains': ({ domainViews }) => domainViews,
  'lma-globals': (node, filter) => {
    named(
      node.effectiveConfiguration.lmas.map((config) => ({ config })),
      'LMA',
      filter.node,
    );
    return warned(node, lmaGlobals(node.effectiveConfiguration, filter.node));
  },
  'lma-stats': (node, filter) =>
    named(node.lmas, 'LMA', filter.node).map(
      ({ config: { domain, name }, machine }): LmaStatsRow => ({
        domain,
        name,
        bindings: machine.bindingCount,
        ...node.cleared.since(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats }),
      }),
    ),
  'lma-heartbeat': (node, filter) => heartbeats(node, named(node.lmas, 'LMA', filter.node), filter.mag),
  'lma-tunnel': lmaTunnels,
  'mag-binding': magBindings,
  'mag-binding-count': countMagBindings,
  'mag-globals': (node, filter) => {
    named(
      node.effectiveConfiguration.mags.map((config) => ({ config })),
      'MAG',
      filter.node,
    );
    return warned(node, magGlobals(node.effectiveConfiguration, filter.node));
  },
  'mag-stats': (node, filter) =>
    named(node.mags, 'MAG', filter.node).map(
      ({ config: { domain, name }, machine, access }): MagStatsRow => ({
        domain,
        name,
        bindings: machine.bindingCount,
        ...node.cleared.since(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats }),
        access: node.cleared.since(access, access.stats),
      }),
    ),
  'mag-heartbeat': (node, filter) => heartbeats(node, named(node.mags, 'MAG', filter.node), filter.lma),
  'mag-tunnel': magTunnels,
  'controller-binding': magBindings,
  'client-detail': clientDetail,
  'dhcp-binding': dhcpBindings,
  'dhcp-proxy': dhcpProxies,
  'route-map': routeMaps,
  'ipv4-pool': ipv4Pools,
  'ipv6-pool': ipv6Pools,
  'ipv6-interface': hostInterfaces,
  'interface-summary': hostInterfaces,
  'route-summary': hostRoutes,
  'access-lists': accessLists,
  dataplane,
  store: ({ state }) => state.report(),
  'running-config': ({ configuration }) => ({ text: printConfiguration(configuration) }),
  version: ({ version }) => ({ mooring: version, node: process.version, kernel: release(), pid: process.pid }),
};

function dataplane(node: Node): DataplaneView {
  const { dataPlane } = node;
  const names = namesOfBindings(node);
  const rows = Array.from(dataPlane.forwardings(), (forwarding): ForwardingRow => {
    const { kind, id, homeAddress, prefixes, paths } = forwarding;
    const counters = dataPlane.counters(id, kind);
    const nai = names.get(kind === 'anchor' ? id : forwarding.mac.toCiscoString());
    return {
      id,
      role: kind,
      ...(nai !== undefined && { nai }),
      addresses: [...(homeAddress ? [homeAddress.toString()] : []), ...prefixes.map(String)],
      local: paths[0].local.toString(),
      remote: paths[0].remote.toString(),
      up: { packets: counters?.upPackets ?? 0, octets: counters?.upOctets ?? 0 },
      down: { packets: counters?.downPackets ?? 0, octets: counters?.downOctets ?? 0 },
    };
  });
  return { forwarding: rows, drops: dataPlane.drops(), agreement: dataPlane.audit() };
}

/** By the id of an anchor's binding, and by the link-layer address of an access binding. */
function namesOfBindings({ lmas, mags }: Node): Map<string, string> {
  const anchors = lmas.flatMap(({ machine }) => machine.snapshot()).map(({ id, nai }) => [id, nai] as const);
  const access = mags.flatMap(({ machine }) => machine.snapshot()).map(({ llid, nai }) => [llid, nai] as const);
  return new Map([...anchors, ...access]);
}

/** A store that does not work is the first thing that is said; how a domain from AAA stands is said too. */
function warned<Globals extends { readonly domain: string; readonly warnings: readonly string[] }>(
  { state, domainViews }: Node,
  globals: readonly Globals[],
): Globals[] {
  const loud = storeWarnings(state.report());
  return globals.map((each) => {
    const domainFromAaa = domainViews.find(({ domain }) => domain === each.domain);
    return { ...each, ...(domainFromAaa && { domainFromAaa }), warnings: [...loud, ...each.warnings] };
  });
}
