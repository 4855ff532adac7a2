import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { HistogramSummary } from '#base/histogram.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { MetricsView } from '#daemon/observe/metrics-view.ts';
import type { NodeAccess } from '../node-access.ts';
import { type Labels, MetricFamilies } from './families.ts';
import { inWords, snakeCase, splitOf } from './names.ts';

const MICROSECONDS = 1e6;
const NANOSECONDS = 1e9;

/** What the API counts of itself. */
export interface ApiCounters {
  /** Requests by the class of their answers: `2xx`. */
  readonly requests: ReadonlyMap<string, number>;
  readonly followers: number;
  readonly connections: number;
}

/** Everything that is counted or measured, in the text format of Prometheus. */
export class Metrics {
  readonly #node: NodeAccess;
  readonly #counters: () => ApiCounters;
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor(node: NodeAccess, counters: () => ApiCounters) {
    this.#node = node;
    this.#counters = counters;
    this.#delay.enable();
  }

  async scrape(): Promise<{ readonly text: string; readonly contentType: string }> {
    const families = new MetricFamilies();
    const asked = process.hrtime.bigint();
    const view = await this.#node.ask<MetricsView>({ request: 'metrics' });
    const answered = Number(process.hrtime.bigint() - asked) / NANOSECONDS;
    const help = 'Time in which the packet worker answered this scrape';
    families.gauge('mooring_packet_worker_answer_seconds', help, answered);
    addNode(families, view);
    addTunnels(families, view);
    addStatistics(families, view);
    addStore(families, view);
    addRadius(families, await this.#node.ask<AaaServersView>({ request: 'show', query: 'aaa-servers' }));
    this.#addProcess(families);
    return { text: await families.text(), contentType: families.contentType };
  }

  close(): void {
    this.#delay.disable();
  }

  #addProcess(families: MetricFamilies): void {
    const { user, system } = process.cpuUsage();
    const started = Date.parse(this.#node.startedAt) / 1000;
    const { version } = this.#node;
    families.gauge('mooring_build_info', 'Version of the program; always 1', 1, { version, node: process.version });
    families.gauge('process_start_time_seconds', 'Start of the process since 1970', started);
    families.counter('process_cpu_seconds_total', 'Processor time of all threads', (user + system) / MICROSECONDS);
    families.gauge('process_resident_memory_bytes', 'Memory that the process occupies', process.memoryUsage.rss());
    const lag = 'How late the main thread came to its timers since the last scrape';
    for (const [statistic, value] of [
      ['mean', this.#delay.mean],
      ['p99', this.#delay.percentile(99)],
      ['maximum', this.#delay.max],
    ] as const) {
      const seconds = Number.isFinite(value) ? value / NANOSECONDS : 0;
      families.gauge('mooring_event_loop_delay_seconds', lag, seconds, { statistic });
    }
    this.#delay.reset();
    const { requests, followers, connections } = this.#counters();
    for (const [status, count] of requests)
      families.counter('mooring_http_requests_total', 'Requests to the HTTP API by class of answer', count, { status });
    families.gauge('mooring_http_connections', 'Connections to the HTTP API', connections);
    families.gauge('mooring_http_event_clients', 'Clients that follow the events', followers);
  }
}

function addNode(families: MetricFamilies, { nodes, ipv4Pools, ipv6Pools, historyMissed }: MetricsView): void {
  for (const { role, name, bindings, paths } of nodes) {
    families.gauge('mooring_bindings', 'Bindings of an LMA or MAG', bindings, { role, node: name });
    for (const { peer, destination: address, status, sessions, roundTripMs } of paths) {
      const of = { role, node: name, peer, address };
      families.gauge('mooring_peer_up', 'Whether the peer answers heartbeats', status ? 1 : 0, of);
      families.gauge('mooring_peer_bindings', 'Bindings with the peer', sessions, of);
      if (roundTripMs !== null)
        families.gauge('mooring_peer_round_trip_seconds', 'Of the last heartbeat', roundTripMs / 1000, of);
    }
  }
  const pools = [
    ...ipv4Pools.map((pool) => ({ ...pool, family: 'ipv4' })),
    ...ipv6Pools.map((pool) => ({ ...pool, family: 'ipv6' })),
  ];
  for (const { name: pool, family, inUse, free } of pools) {
    families.gauge('mooring_pool_in_use', 'Addresses or prefixes that mobile nodes have', inUse, { pool, family });
    families.gauge('mooring_pool_free', 'Addresses or prefixes that can be given out', free, { pool, family });
  }
  families.counter(
    'mooring_history_missed_total',
    'Steps of mobile nodes that there was no time to keep',
    historyMissed,
  );
}

function addTunnels(families: MetricFamilies, { tunnels }: MetricsView): void {
  for (const { role, name: node, address, upPackets, upOctets, downPackets, downOctets } of tunnels) {
    for (const [direction, packets, octets] of [
      ['up', upPackets, upOctets],
      ['down', downPackets, downOctets],
    ] as const) {
      const of = { role, node, address, direction };
      families.counter('mooring_tunnel_packets_total', 'Packets of mobile nodes in the tunnels to a peer', packets, of);
      families.counter('mooring_tunnel_octets_total', 'Their octets', octets, of);
    }
  }
}

function addStatistics(families: MetricFamilies, { statistics }: MetricsView): void {
  const { lmas, mags, runtime, sockets, costs, drops } = statistics;
  for (const { name, statistics: stats, heartbeatStatistics } of lmas) {
    addCounters(families, 'lma', stats, { lma: name });
    addCounters(families, 'heartbeat', heartbeatStatistics, { role: 'lma', node: name });
  }
  for (const { name, statistics: stats, heartbeatStatistics, accessStatistics } of mags) {
    addCounters(families, 'mag', stats, { mag: name });
    addCounters(families, 'heartbeat', heartbeatStatistics, { role: 'mag', node: name });
    addCounters(families, 'access', accessStatistics, { mag: name });
  }
  addCounters(families, 'runtime', runtime, {});
  addSockets(families, sockets);
  addSummary(
    families,
    'mooring_pbu_to_pba_seconds',
    'LMA: from the arrival of a PBU until its PBA was sent',
    costs.pbuToPba,
  );
  addSummary(
    families,
    'mooring_attach_to_pbu_seconds',
    'MAG: from a frame of a mobile node until its PBU was sent',
    costs.attachToPbu,
  );
  addSummary(
    families,
    'mooring_pba_to_forwarding_seconds',
    'MAG: from the arrival of a PBA until its forwarding was in place',
    costs.pbaToForwarding,
  );
  for (const [reason, packets] of Object.entries(drops))
    families.counter('mooring_dataplane_drops_total', 'Packets of mobile nodes that were dropped', packets, { reason });
}

/** Lists of sockets, each with its counters. */
function addSockets(families: MetricFamilies, sockets: Readonly<Record<string, unknown>>): void {
  for (const [list, label] of [
    ['signalling', 'socket'],
    ['relays', 'socket'],
    ['access', 'interface'],
  ] as const) {
    for (const row of (sockets[list] ?? []) as readonly Readonly<Record<string, unknown>>[]) {
      addCounters(families, `${list}_socket`, numbersOf(row), { [label]: String(row[label]) });
    }
  }
  const { waiting, ...reception } = numbersOf((sockets.reception ?? {}) as Readonly<Record<string, unknown>>);
  families.gauge('mooring_signalling_waiting', 'Messages that wait to be served', waiting ?? 0);
  addCounters(families, 'signalling', { ...reception, ...numbersOf(sockets) }, {});
}

function addStore(families: MetricFamilies, { store: { stats, commit, problem, directory } }: MetricsView): void {
  const working = 'Whether bindings can be kept on disk; absent when they are to be kept in memory';
  if (directory !== null) families.gauge('mooring_store_working', working, problem === null ? 1 : 0);
  addCounters(families, 'store', { ...stats }, {});
  addSummary(families, 'mooring_store_commit_seconds', 'How long a group of changes took to be on disk', commit);
}

function addRadius(families: MetricFamilies, view: AaaServersView): void {
  addServers(families, view.servers, {});
  addCounters(families, 'login', view.logins.stats, {});
  for (const { group, servers, stats } of view.logins.groups) {
    addServers(families, servers, { group });
    addCounters(families, 'radius_login', stats, { group });
  }
  addCounters(families, 'radius', { ...view.stats }, {});
  const { waiting, ...accounting } = view.accounting;
  families.gauge('mooring_accounting_waiting', 'Accounting records that no server has answered', waiting);
  addCounters(families, 'accounting', accounting, {});
  if (view.dynamicAuthorization)
    addCounters(families, 'radius_dynamic_authorization', { ...view.dynamicAuthorization.stats }, {});
  if (view.accountingProxy)
    addCounters(
      families,
      'accounting_proxy',
      { ...view.accountingProxy.stats, results: view.accountingProxy.results },
      {},
    );
}

function addServers(families: MetricFamilies, servers: AaaServersView['servers'], labels: Labels): void {
  for (const { address, authenticationPort, state, waiting } of servers) {
    const of = { ...labels, server: `${address} port ${authenticationPort}` };
    families.gauge('mooring_radius_server_up', 'Whether a RADIUS server answers', state === 'up' ? 1 : 0, of);
    families.gauge('mooring_radius_server_waiting', 'Requests that it has not answered', waiting, of);
  }
}

/** All that is a number counts on; a record of numbers is one family with a label. */
function addCounters(families: MetricFamilies, group: string, counters: object, labels: Labels): void {
  for (const [name, value] of Object.entries(counters)) {
    const family = `mooring_${group}_${snakeCase(name)}_total`;
    const help = `${inWords(name)} (${group.replaceAll('_', ' ')})`;
    if (typeof value === 'number') families.counter(family, help, value, labels);
    else if (typeof value === 'object' && value !== null)
      for (const [kind, count] of Object.entries(value as Readonly<Record<string, number>>))
        families.counter(family, help, count, { ...labels, [splitOf(name)]: kind });
  }
}

function addSummary(families: MetricFamilies, name: string, help: string, summary: HistogramSummary | null): void {
  if (!summary) return;
  for (const statistic of ['median', 'mean', 'p99', 'maximum'] as const)
    families.gauge(name, help, summary[statistic] / MICROSECONDS, { statistic });
}

function numbersOf(row: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(row).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
