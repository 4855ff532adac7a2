import { release } from 'node:os';
import type { DataplaneView, ForwardingRow, ListQuery, ShowQuery, VersionView } from '#cli/show/index.ts';
import { printConfiguration } from '#config/index.ts';
import type { Forwarding } from '#dataplane/desired.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import type { Node } from './node.ts';
import { optionalText } from './request-parameters.ts';
import { clientDetail, dhcpBindings, dhcpProxies, routeMaps } from './show-access.ts';
import { accessLists } from './show-access-lists.ts';
import { countLmaBindings, countMagBindings, lmaBindings, magBindings } from './show-bindings.ts';
import { readFilter, type ShowFilter } from './show-filter.ts';
import { lmaGlobalsOf, magGlobalsOf } from './show-globals.ts';
import { lmaHeartbeats, magHeartbeats } from './show-heartbeats.ts';
import { hostInterfaces, hostRoutes } from './show-host.ts';
import { ipv4Pools, ipv6Pools } from './show-pools.ts';
import { lmaPeerStats, lmaStats, magPeerStats, magStats } from './show-stats.ts';
import { lmaTunnels, magTunnels } from './show-tunnels.ts';
import { vrfs } from './show-vrfs.ts';
import { Sliced } from './sliced.ts';
import type { Portion, Walk } from './walks.ts';

/** Rows that are answered at once; more are a list. */
const WHOLE_MAXIMUM = 1000;

/** What a `show` command prints, as plain JSON, or `Sliced`. Throws `RequestError`. */
export function showData(node: Node, request: ControlRequest): unknown {
  const { query } = request;
  const filter = readFilter(request);
  if (isListed(query)) return new Sliced(whole(LISTS[query](node, filter)));
  const handler =
    typeof query === 'string' && Object.hasOwn(QUERIES, query) ? QUERIES[query as keyof typeof QUERIES] : undefined;
  if (handler) return handler(node, filter);
  const known = [...Object.keys(LISTS), ...Object.keys(QUERIES)].join(', ');
  throw new RequestError('bad-request', `"query" must be one of ${known}`);
}

/** Some rows of what `show` answers in one piece: the first ones of `"query"`, or those after the ones that came with `"next"`. Throws `RequestError`. */
export function listRows(node: Node, request: ControlRequest): Portion {
  const now = monotonicMilliseconds();
  const next = optionalText('next', request.next);
  if (next !== undefined) return node.walks.continue(next, now);
  const { query } = request;
  if (isListed(query)) return node.walks.begin(LISTS[query](node, readFilter(request)), now);
  throw new RequestError('bad-request', `"query" must be one of ${Object.keys(LISTS).join(', ')}`);
}

/** What may have as many rows as there are bindings. */
const LISTS: Record<ListQuery, (node: Node, filter: ShowFilter) => Walk> = {
  'lma-binding': lmaBindings,
  'mag-binding': magBindings,
  'controller-binding': magBindings,
  'dhcp-binding': dhcpBindings,
  'route-map': routeMaps,
};

function isListed(query: unknown): query is ListQuery {
  return typeof query === 'string' && Object.hasOwn(LISTS, query);
}

function* whole(walk: Walk): Generator<unknown, unknown[]> {
  const rows: unknown[] = [];
  for (let next = walk.next(); !next.done; next = walk.next()) {
    if (next.value !== undefined) rows.push(next.value);
    if (rows.length > WHOLE_MAXIMUM)
      throw new RequestError('refused', `more than ${WHOLE_MAXIMUM} rows: ask for them with the request "list"`);
    yield;
  }
  return rows;
}

/** What the log and the file hold is known to the main thread alone. */
const QUERIES: Record<
  Exclude<ShowQuery, ListQuery | 'logging' | 'startup-config' | 'aaa-servers'>,
  (node: Node, filter: ShowFilter) => unknown
> = {
  'lma-binding-count': (node, filter) => new Sliced(countLmaBindings(node, filter)),
  'aaa-domains': ({ domainViews }) => domainViews,
  'lma-globals': (node, filter) => new Sliced(lmaGlobalsOf(node, filter)),
  'lma-stats': lmaStats,
  'lma-peer-stats': (node, filter) => new Sliced(lmaPeerStats(node, filter)),
  'lma-heartbeat': (node, filter) => new Sliced(lmaHeartbeats(node, filter)),
  'lma-tunnel': (node, filter) => new Sliced(lmaTunnels(node, filter)),
  'mag-binding-count': (node, filter) => new Sliced(countMagBindings(node, filter)),
  'mag-globals': (node, filter) => new Sliced(magGlobalsOf(node, filter)),
  'mag-stats': magStats,
  'mag-peer-stats': (node, filter) => new Sliced(magPeerStats(node, filter)),
  'mag-heartbeat': (node, filter) => new Sliced(magHeartbeats(node, filter)),
  'mag-tunnel': (node, filter) => new Sliced(magTunnels(node, filter)),
  'client-detail': clientDetail,
  'dhcp-proxy': dhcpProxies,
  'ipv4-pool': ipv4Pools,
  'ipv6-pool': ipv6Pools,
  'ipv6-interface': hostInterfaces,
  'interface-summary': hostInterfaces,
  'route-summary': hostRoutes,
  'access-lists': accessLists,
  dataplane: (node, filter) => new Sliced(dataplane(node, filter)),
  vrf: vrfs,
  store: ({ state }) => state.report(),
  'running-config': ({ configuration }) => ({ text: printConfiguration(configuration) }),
  'effective-config': ({ effectiveText }) => ({ text: effectiveText }),
  version: ({ version }): VersionView => ({
    mooring: version,
    node: process.version,
    kernel: release(),
    pid: process.pid,
    uptimeSeconds: Math.floor(process.uptime()),
  }),
};

function* dataplane(node: Node, { nai }: ShowFilter): Generator<unknown, DataplaneView> {
  const { dataPlane } = node;
  const forwarding: ForwardingRow[] = [];
  let entries = 0;
  for (const one of dataPlane.forwardings()) {
    yield;
    const name = nameOf(node, one);
    if (nai !== undefined && name !== nai) continue;
    entries++;
    if (forwarding.length < WHOLE_MAXIMUM) forwarding.push(forwardingRow(dataPlane, one, name));
  }
  const agreement = yield* dataPlane.auditing();
  const { kind, reason, restoration, proxy } = dataPlane;
  return {
    plane: kind,
    ...(reason !== undefined && { reason }),
    entries,
    forwarding,
    drops: dataPlane.drops(),
    agreement,
    ...(restoration && { restoration }),
    ...((proxy.interfaces.length > 0 || proxy.answeredMobileNodes > 0) && { proxy }),
  };
}

function forwardingRow(dataPlane: Node['dataPlane'], forwarding: Forwarding, nai: string | undefined): ForwardingRow {
  const { kind, id, homeAddress, prefixes, paths } = forwarding;
  const counters = dataPlane.counters(id, kind);
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
}

/** Of the mobile node that is forwarded for. */
function nameOf({ lmas, mags }: Node, forwarding: Forwarding): string | undefined {
  const nodes = forwarding.kind === 'anchor' ? lmas : mags;
  for (const { machine } of nodes) {
    const name = machine.nameOf(forwarding.id);
    if (name !== undefined) return name;
  }
  return undefined;
}
