import { release } from 'node:os';
import { inSeconds } from '#base/time.ts';
import type {
  DataplaneView,
  ForwardingRow,
  HeartbeatView,
  LmaStatsRow,
  MagStatsRow,
  ShowQuery,
} from '#cli/show/index.ts';
import { lmaGlobals, magGlobals } from '#cli/show/index.ts';
import { printConfiguration } from '#config/index.ts';
import type { HeartbeatConfig, HeartbeatRow } from '#proto/heartbeat/index.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import type { Node } from './node.ts';
import { optionalText } from './request-parameters.ts';

interface Filter {
  /** Of an LMA or MAG. */
  readonly node: string | undefined;
  readonly nai: string | undefined;
}

/** What a `show` command prints, as plain JSON. Throws `RequestError`. */
export function showData(node: Node, { query, node: name, nai }: ControlRequest): unknown {
  const handler =
    typeof query === 'string' && Object.hasOwn(QUERIES, query) ? QUERIES[query as keyof typeof QUERIES] : undefined;
  if (!handler) {
    throw new RequestError('bad-request', `"query" must be one of ${Object.keys(QUERIES).join(', ')}`);
  }
  return handler(node, { node: optionalText('node', name), nai: optionalText('nai', nai) });
}

/** What the log holds is known to the main thread alone. */
const QUERIES: Record<Exclude<ShowQuery, 'logging'>, (node: Node, filter: Filter) => unknown> = {
  'lma-binding': (node, filter) => bindings(node, named(node.lmas, 'LMA', filter.node), filter),
  'lma-globals': (node, filter) => {
    named(node.lmas, 'LMA', filter.node);
    return lmaGlobals(node.configuration, filter.node);
  },
  'lma-stats': (node, filter) =>
    named(node.lmas, 'LMA', filter.node).map(
      ({ config: { domain, name }, machine }): LmaStatsRow => ({
        domain,
        name,
        bindings: machine.snapshot().length,
        ...node.cleared.since(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats }),
      }),
    ),
  'lma-heartbeat': (node, filter) => heartbeats(node, named(node.lmas, 'LMA', filter.node)),
  'mag-binding': (node, filter) => bindings(node, named(node.mags, 'MAG', filter.node), filter),
  'mag-globals': (node, filter) => {
    named(node.mags, 'MAG', filter.node);
    return magGlobals(node.configuration, filter.node);
  },
  'mag-stats': (node, filter) =>
    named(node.mags, 'MAG', filter.node).map(
      ({ config: { domain, name }, machine, access }): MagStatsRow => ({
        domain,
        name,
        bindings: machine.snapshot().length,
        ...node.cleared.since(machine, { stats: machine.stats, heartbeat: machine.heartbeatStats }),
        access: node.cleared.since(access, access.stats),
      }),
    ),
  'mag-heartbeat': (node, filter) => heartbeats(node, named(node.mags, 'MAG', filter.node)),
  dataplane,
  'running-config': ({ configuration }) => ({ text: printConfiguration(configuration) }),
  version: ({ version }) => ({ mooring: version, node: process.version, kernel: release(), pid: process.pid }),
};

function bindings<Row extends { readonly nai: string }>(
  node: Node,
  nodes: readonly { readonly machine: { snapshot(): readonly Row[] } }[],
  { nai }: Filter,
): Row[] {
  node.runtime.refreshClock();
  const rows = nodes.flatMap(({ machine }) => machine.snapshot());
  return nai === undefined ? rows : rows.filter((row) => row.nai === nai);
}

function heartbeats(
  node: Node,
  nodes: readonly {
    readonly config: { readonly domain: string; readonly name: string; readonly heartbeat?: HeartbeatConfig };
    readonly machine: { heartbeats(): readonly HeartbeatRow[] };
  }[],
): HeartbeatView[] {
  node.runtime.refreshClock();
  return nodes.map(({ config: { domain, name, heartbeat }, machine }) => ({
    domain,
    name,
    interval: heartbeat ? inSeconds(heartbeat.interval) : null,
    retries: heartbeat?.retries ?? null,
    paths: machine.heartbeats(),
  }));
}

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
  return { forwarding: rows, drops: dataPlane.drops() };
}

/** By the id of an anchor's binding, and by the link-layer address of an access binding. */
function namesOfBindings({ lmas, mags }: Node): Map<string, string> {
  const anchors = lmas.flatMap(({ machine }) => machine.snapshot()).map(({ id, nai }) => [id, nai] as const);
  const access = mags.flatMap(({ machine }) => machine.snapshot()).map(({ llid, nai }) => [llid, nai] as const);
  return new Map([...anchors, ...access]);
}

/** Those of the name, or all without one. Throws `RequestError` when there is none. */
export function named<N extends { readonly config: { readonly name: string } }>(
  nodes: readonly N[],
  kind: string,
  name: string | undefined,
): readonly N[] {
  if (name === undefined) return nodes;
  const found = nodes.filter(({ config }) => config.name === name);
  if (found.length > 0) return found;
  const there = nodes.map(({ config }) => config.name).join(', ') || 'none';
  throw new RequestError('bad-request', `this node has no ${kind} "${name}"; it has: ${there}`);
}
