/** What `show` shows, as it shows it. */
import { Type } from 'typebox';
import { closed, count, nullable, role, timestamp, traffic } from './members.ts';

export const health = closed({
  status: Type.Literal('ok'),
  version: Type.String(),
  startedAt: timestamp('When the daemon started'),
  pid: Type.Integer(),
});

export const readiness = closed({
  ready: Type.Boolean({ description: 'It runs something, and takes registrations' }),
  hostname: Type.String(),
  nodes: Type.Array(closed({ role, name: Type.String(), domain: Type.String() })),
  bindings: count('Bindings of all LMAs and MAGs'),
  problems: Type.Array(Type.String(), { description: 'What does not work, for people' }),
});

const heartbeatPath = closed({
  peer: Type.String({ description: 'Name of the peer; its address when it was learnt' }),
  source: Type.String(),
  destination: Type.String(),
  sourcePort: nullable(Type.Integer()),
  destinationPort: nullable(Type.Integer()),
  ipv6Path: Type.Boolean(),
  status: Type.Boolean({ description: 'The peer answers' }),
  state: Type.String(),
  sessions: count('Bindings with it'),
  interval: Type.Number({ description: 'Seconds between requests' }),
  retries: count('Unanswered requests after which the path has failed'),
  missing: count('Unanswered requests'),
  restartCounter: nullable(Type.Integer()),
  lastHeardAgo: nullable(Type.Number({ description: 'Seconds since the last answer' })),
  roundTripMs: nullable(Type.Number({ description: 'Milliseconds' })),
});

export const peers = closed({
  items: Type.Array(
    closed({
      role,
      node: Type.String({ description: 'The LMA or MAG of this node' }),
      domain: Type.String(),
      interval: nullable(Type.Number({ description: 'Seconds between heartbeats; null when none are sent' })),
      retries: nullable(Type.Integer()),
      paths: Type.Array(heartbeatPath),
    }),
  ),
});

const tunnel = closed({
  peer: Type.String(),
  source: Type.String(),
  destination: Type.String(),
  encapsulation: Type.String(),
  greKeys: Type.Union([
    closed({ upstream: count(''), downstream: count('') }),
    Type.Literal('per binding'),
    Type.Null(),
  ]),
  nat: Type.Union([
    closed({
      port: Type.Union([count('The UDP port that a NAT gives to the peer'), Type.Null()]),
      moves: count('How often it was found to be another one'),
    }),
    Type.Null(),
  ]),
  mtu: count('Octets of the largest packet of a mobile node'),
  bindings: count('Bindings that use it, as far as the signalling goes'),
  forwarded: count('Of these, those whose packets are forwarded through it'),
  withoutBinding: count('What is forwarded through it without a binding'),
  up: traffic.properties.up,
  down: traffic.properties.down,
});

export const tunnels = closed({
  items: Type.Array(closed({ role, node: Type.String(), domain: Type.String(), tunnels: Type.Array(tunnel) })),
});

const poolMembers = {
  name: Type.String(),
  free: Type.Number({ minimum: 0, description: 'Addresses or prefixes that can be given out' }),
  inUse: count('Addresses or prefixes that mobile nodes have'),
  networks: Type.Array(Type.String({ examples: ['LMA1/network1'] })),
};

export const pools = closed({
  ipv4: Type.Array(closed({ ...poolMembers, begin: Type.String(), end: Type.String() })),
  ipv6: Type.Array(closed({ ...poolMembers, prefix: Type.String(), assignedLength: Type.Integer() })),
});

const counters = Type.Record(Type.String(), Type.Union([Type.Number(), Type.Record(Type.String(), Type.Number())]), {
  description: 'By name; those that are counted by kind or reason have one number for each',
});

const cost = nullable(
  closed({
    count: count('How often'),
    minimum: Type.Number(),
    median: Type.Number(),
    mean: Type.Number(),
    p99: Type.Number(),
    maximum: Type.Number(),
    distribution: Type.Array(closed({ microseconds: Type.Number(), count: count('How often it was about so long') }), {
      description: 'All of them, within 3 %; what did not occur is left out',
    }),
  }),
);

export const statistics = closed({
  lmas: Type.Array(
    closed({ domain: Type.String(), name: Type.String(), bindings: count(''), stats: counters, heartbeat: counters }),
  ),
  mags: Type.Array(
    closed({
      domain: Type.String(),
      name: Type.String(),
      bindings: count(''),
      stats: counters,
      heartbeat: counters,
      access: counters,
    }),
  ),
  runtime: counters,
  costs: closed(
    { pbuToPba: cost, attachToPbu: cost, pbaToForwarding: cost },
    { description: 'Microseconds from a message or frame until what follows from it was carried out' },
  ),
  drops: Type.Record(Type.String(), Type.Number(), {
    description: 'Packets of mobile nodes that were dropped, by reason',
  }),
});
