import type {
  Attachments,
  Binding,
  Peers,
  Pools,
  Readiness,
  Statistics,
  StreamedEvent,
  Tunnels,
} from '../../../web/src/api/types.ts';

/** What the mock node says of itself. */
export interface World {
  readonly ready: Readiness;
  readonly bindings: readonly Binding[];
  readonly peers: Peers;
  readonly tunnels: Tunnels;
  readonly pools: Pools;
  readonly statistics: Statistics;
  readonly attachments: Attachments;
  /** That happened before anybody looked, oldest first. */
  readonly events: readonly StreamedEvent[];
}

/** The time at which everything is looked at. */
export const NOW = Date.parse('2026-03-14T10:30:00Z');

const GATEWAYS = ['M1', 'M2', 'M3', 'M4'] as const;

export const emptyWorld: World = {
  ready: {
    ready: true,
    hostname: 'lma',
    nodes: [{ role: 'lma', name: 'lma1', domain: 'D1' }],
    bindings: 0,
    problems: [],
  },
  bindings: [],
  peers: { items: [] },
  tunnels: { items: [] },
  pools: { ipv4: [], ipv6: [] },
  statistics: {
    lmas: [],
    mags: [],
    runtime: {},
    costs: { pbuToPba: null, attachToPbu: null, pbaToForwarding: null },
    drops: {},
  },
  attachments: { items: [] },
  events: [],
};

/** An anchor with `count` mobile nodes behind four gateways, one of which does not answer. */
export function worldOf(count: number): World {
  const bindings = Array.from({ length: count }, (_, i) => bindingOf(i, count));
  const of = (gateway: string) => bindings.filter((one) => one.role === 'lma' && one.peer === gateway).length;
  return {
    ready: { ...emptyWorld.ready, bindings: count },
    bindings,
    peers: {
      items: [
        {
          role: 'lma',
          node: 'lma1',
          domain: 'D1',
          interval: 10,
          retries: 3,
          paths: GATEWAYS.map((gateway, i) => pathOf(gateway, i, of(gateway))),
        },
      ],
    },
    tunnels: {
      items: [
        {
          role: 'lma',
          node: 'lma1',
          domain: 'D1',
          tunnels: GATEWAYS.map((gateway, i) => tunnelOf(gateway, i, of(gateway))),
        },
      ],
    },
    pools: {
      ipv4: [
        {
          name: 'HOME_V4',
          begin: '192.0.2.1',
          end: '192.0.2.253',
          free: 253 - Math.min(count, 200),
          inUse: Math.min(count, 200),
          networks: ['lma1/example_A'],
        },
        {
          name: 'GUEST_V4',
          begin: '198.51.100.1',
          end: '198.51.100.126',
          free: 6,
          inUse: 120,
          networks: ['lma1/guest'],
        },
      ],
      ipv6: [
        {
          name: 'HOME_V6',
          prefix: '2001:db8:f00d::/48',
          assignedLength: 64,
          free: 65_536 - count,
          inUse: count,
          networks: ['lma1/example_A'],
        },
      ],
    },
    statistics: {
      ...emptyWorld.statistics,
      lmas: [{ domain: 'D1', name: 'lma1', bindings: count, stats: {}, heartbeat: {} }],
      costs: {
        pbuToPba: {
          ...{ count: 18_204, minimum: 118, median: 212, mean: 240, p99: 890, maximum: 4120 },
          distribution: [120, 150, 180, 212, 260, 400, 890, 4120].map((microseconds, i) => ({
            microseconds,
            count: [400, 2600, 5200, 6000, 3200, 700, 90, 14][i] as number,
          })),
        },
        attachToPbu: null,
        pbaToForwarding: null,
      },
      drops: { 'source-address': 41, 'no-binding': 12, 'ttl-expired': 3 },
    },
    attachments: { items: [] },
    events: eventsOf(bindings),
  };
}

const NAMES = ['ada', 'ben', 'cleo', 'dan', 'eva', 'finn', 'gus', 'hana', 'ivo', 'jun', 'kira', 'leo'];

function bindingOf(i: number, count: number): Binding {
  const user = count <= NAMES.length ? NAMES[i] : `mn${`${i}`.padStart(6, '0')}`;
  const gateway = GATEWAYS[(i * 7) % 3] as string;
  const number = (GATEWAYS as readonly string[]).indexOf(gateway) + 1;
  return {
    id: `lma:lma1/${i + 1}`,
    role: 'lma',
    node: 'lma1',
    domain: 'D1',
    customer: 0,
    nai: `${user}@example.com`,
    state: i % 97 === 96 ? 'deleting' : 'active',
    llid: `0024.d7${hex(i >> 16)}.${hex((i >> 8) & 255)}${hex(i & 255)}`,
    att: 4,
    apn: null,
    peer: gateway,
    hoa: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255 || 254}`,
    hoaPrefixLength: 8,
    defaultRouter: '10.255.255.254',
    hnps: [`2001:db8:f00d:${i.toString(16)}::/64`],
    lifetime: 3600,
    lifetimeRemaining: 3600 - ((i * 37) % 1700),
    registeredAt: NOW - ((i * 37) % 1700) * 1000,
    careOfAddresses: [
      {
        peer: gateway,
        address: `2001:db8:cafe:${number}::15`,
        local: '2001:db8:cafe:1024::101',
        transport: 'ipv6',
        encapsulation: 'IPV6 in IPV6',
        greKeyUpstream: 0,
        greKeyDownstream: 0,
        path: 'up',
      },
    ],
  };
}

function hex(octet: number): string {
  return (octet & 255).toString(16).padStart(2, '0');
}

function pathOf(peer: string, i: number, sessions: number): Peers['items'][number]['paths'][number] {
  const dead = peer === 'M4';
  return {
    peer,
    source: '2001:db8:cafe:1024::101',
    destination: `2001:db8:cafe:${i + 1}::15`,
    sourcePort: null,
    destinationPort: null,
    ipv6Path: true,
    status: !dead,
    state: dead ? 'failed' : 'up',
    sessions,
    interval: 10,
    retries: 3,
    missing: dead ? 3 : 0,
    restartCounter: dead ? null : 4 + i,
    lastHeardAgo: dead ? 94 : 2 + i,
    roundTripMs: dead ? null : 0.4 + i / 5,
  };
}

function tunnelOf(peer: string, i: number, bindings: number): Tunnels['items'][number]['tunnels'][number] {
  return {
    peer,
    source: '2001:db8:cafe:1024::101',
    destination: `2001:db8:cafe:${i + 1}::15`,
    encapsulation: 'IPV6 in IPV6',
    greKeys: null,
    nat: null,
    mtu: 1460,
    bindings,
    forwarded: bindings,
    withoutBinding: 0,
    up: { packets: 120_000 * (i + 1), octets: 94_000_000 * (i + 1) },
    down: { packets: 310_000 * (i + 1), octets: 402_000_000 * (i + 1) },
  };
}

/** The comings of all, at most the latest twenty, and some handovers. */
function eventsOf(bindings: readonly Binding[]): StreamedEvent[] {
  const created = bindings.slice(0, 20).map((binding, i) => createdEvent(binding, NOW - 600_000 + i * 20_000));
  const moved = bindings.slice(0, 6).map((binding, i) => handoverEvent(binding, i, NOW - 50_000 + i * 8000));
  const failed: StreamedEvent = {
    at: new Date(NOW - 90_000).toISOString(),
    kind: 'path-failed',
    level: 'warn',
    node: 'lma1',
    text: 'A peer does not answer heartbeats any more',
    fields: { peer: 'M4', address: '2001:db8:cafe:4::15', missing: 3 },
  };
  return bindings.length === 0 ? [] : [...created, failed, ...moved];
}

export function createdEvent(binding: Binding, at: number): StreamedEvent {
  return {
    at: new Date(at).toISOString(),
    kind: 'binding-created',
    level: 'info',
    node: 'lma1',
    text: 'A mobile node was registered',
    fields: {
      binding: binding.id.slice(4),
      nai: binding.nai,
      mac: binding.llid,
      mag: gatewayOf(binding),
      homeAddress: binding.hoa,
    },
  };
}

export function handoverEvent(binding: Binding, i: number, at: number): StreamedEvent {
  const to = gatewayOf(binding);
  const previousMag = GATEWAYS[(GATEWAYS.indexOf(to as 'M1') + 1 + (i % 2)) % 3];
  return {
    at: new Date(at).toISOString(),
    kind: 'binding-handed-over',
    level: 'info',
    node: 'lma1',
    text: 'A mobile node moved to another gateway',
    fields: { binding: binding.id.slice(4), nai: binding.nai, mac: binding.llid, mag: to, previousMag },
  };
}

export function gatewayOf(binding: Binding): string {
  return binding.role === 'lma' ? binding.peer : binding.node;
}
