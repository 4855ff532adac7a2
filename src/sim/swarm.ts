import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, pick, SeededRandom } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { HeartbeatConfig } from '#proto/heartbeat/index.ts';
import type { LinkFaults } from './link.ts';
import type { SwarmNode } from './swarm-nodes.ts';
import { drawNodes } from './swarm-nodes.ts';
import type { SwarmTransport } from './swarm-transport.ts';
import { drawTransports } from './swarm-transport.ts';
import { RADIO_LINK, TRANSPORT_LINK } from './world.ts';

/** What may happen to a world, by name; each happens in some worlds and not in others. */
export const FAULT_KINDS = [
  /** A mobile node moves to another access point. */
  'roam',
  /** It goes out of reach without a word, and comes back somewhere. */
  'leave',
  /** It gives its lease back, and goes; later it is switched on again. */
  'detach',
  /** A node of the domain is cut off, in one direction or in both. */
  'partition',
  /** Its links lose, double, delay and reorder more than before, or less. */
  'impair',
  /** Its wall clock is set wrong. */
  'clock',
  'mag-crash',
  'mag-stop',
  'lma-crash',
  /** An anchor is killed and loses its store. */
  'lma-forget',
  /** An access link loses its carrier for a while. */
  'link',
  /** An operator clears bindings, at an anchor or a gateway. */
  'clear',
  /** An operator changes heartbeats, lifetimes and refresh times of a running node, or changes them back. */
  'configure',
  /** A box that translates a gateway's addresses is restarted. */
  'nat',
  /** The AAA server does not answer, or limits how long sessions last; or neither any more. */
  'aaa',
  /** The AAA server changes what a session was authorized for. */
  'authorization-change',
  /** The DHCP server that gateways relay to is silent, forgets, errs, or is right again. */
  'dhcp-server',
  /** A data plane refuses what it is asked to forward. */
  'forwarding',
  /** Random, mutated, replayed and forged messages, from an address that no peer has. */
  'stranger',
  /** The same from the addresses of peers. */
  'spoof',
  /** Mobile nodes with bad intentions: floods of link-layer addresses, DHCP storms, spoofed sources, malformed frames. */
  'hostile-station',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** One configuration of a world and of what happens in it, drawn from a seed. */
export interface Swarm {
  readonly seed: number;
  readonly lmas: number;
  readonly mags: number;
  readonly interfaces: number;
  readonly mobileNodes: readonly SwarmNode[];
  /** Nothing happens to the last anchor and the last gateway, nor to the mobile nodes that stay with them. */
  readonly hasStable: boolean;
  readonly lifetime: Duration;
  readonly refreshTime: Duration;
  readonly deleteWait: Duration;
  readonly briRetries: number;
  readonly detection: { readonly pollInterval: Duration; readonly timeout: Duration; readonly retries: number };
  /** Of each of an anchor's pools of home addresses. */
  readonly addresses: number;
  /** Each has pools of its own, beside those of mobile nodes of none. */
  readonly networks: readonly string[];
  /** Nodes without a profile of their own ask for a service by name, and have the addresses of the first network. */
  readonly defaultService: boolean;
  readonly scarce: boolean;
  readonly defaultProfile: boolean;
  /** Gateways have the profiles of mobile nodes from an AAA server. */
  readonly aaa: boolean;
  /** Gateways know of no anchor but the first and those that the AAA server names. */
  readonly unlistedAnchors: boolean;
  /** Anchors ask an AAA server before a session begins. */
  readonly authorization: boolean;
  /** How long a session lasts when the AAA server limits it. */
  readonly sessionTimeout: Duration;
  readonly authentication: boolean;
  /** No gateway is configured at the anchors. */
  readonly dynamicMagLearning: boolean;
  readonly timestampCheck: boolean;
  /** False: sequence numbers order the messages of gateways. */
  readonly timestamps: boolean;
  readonly linkLocalFromLma: boolean;
  /** Mobile nodes of one gateway reach each other without their anchor, but for those whose profile forbids it. */
  readonly localRouting: boolean;
  /** Which gateways relay DHCP to a server, by index. */
  readonly relays: readonly number[];
  /** Of that server. */
  readonly leaseTime: Duration;
  readonly quarantine: Duration;
  readonly refreshAdvice: Duration | undefined;
  readonly anchorHeartbeat: HeartbeatConfig | undefined;
  readonly gatewayHeartbeat: HeartbeatConfig | undefined;
  readonly transports: SwarmTransport;
  /** Anchors carry out together what messages of one instant lead to. */
  readonly inBatches: boolean;
  readonly stationMaximum: number;
  readonly transport: LinkFaults;
  readonly radio: LinkFaults;
  readonly trafficInterval: Duration;
  /** Between two faults, at most. */
  readonly pause: Duration;
  readonly weights: Readonly<Record<FaultKind, number>>;
}

/** What is not as it is drawn. */
export interface SwarmChanges {
  /** What does not happen, to find out what a failure needs. */
  readonly without?: readonly FaultKind[];
  /** How many mobile nodes there are beside the stable ones. */
  readonly nodes?: number;
}

/** Mobile nodes; as many more as there are, so much more happens. */
const FEW = 8;

export function drawSwarm(seed: number, { without = [], nodes }: SwarmChanges = {}): Swarm {
  const random = new SeededRandom(seed ^ 0x5ee0);
  const chance = (probability: number) => nextFraction(random) < probability;
  const lmas = chance(0.2) ? 1 : 2;
  const mags = 2 + nextBelow(random, 3);
  const hasStable = lmas === 2 && chance(0.7);
  const lifetime = seconds(pick(random, [20, 40, 40, 120, 120, 300, 900]));
  const weights = drawWeights(random, without);
  const scarce = chance(0.1);
  const defaultProfile = chance(0.6);
  const authentication = chance(0.4);
  // With a default profile, whom the server does not answer for in time would be served as a node of no name.
  const aaa = !defaultProfile && chance(0.5);
  const transports = drawTransports(random, mags, authentication);
  const networks = chance(0.3) ? ['corporate', 'guests'] : [];
  const namedByAddress = transports.anchorInterop === 'cisco';
  const traits = { lmas, hasStable, defaultProfile, scarce, count: nodes, networks, namedByAddress };
  const mobileNodes = drawNodes(new SeededRandom(seed ^ 0x6275), traits);
  return {
    seed,
    lmas,
    mags,
    interfaces: chance(0.3) ? 2 : 1,
    mobileNodes,
    hasStable,
    lifetime,
    refreshTime: milliseconds(Math.max(5000, Math.min(300_000, lifetime * (0.2 + 0.6 * nextFraction(random))))),
    deleteWait: milliseconds(pick(random, [100, 1000, 10_000])),
    briRetries: nextBelow(random, 4),
    detection: {
      pollInterval: seconds(pick(random, [5, 10, 20])),
      timeout: seconds(pick(random, [1, 2])),
      retries: 1 + nextBelow(random, 3),
    },
    addresses: scarce ? 4 : 4000,
    scarce,
    defaultProfile,
    networks,
    defaultService: networks.length > 0 && chance(0.4),
    aaa,
    authorization: chance(0.3),
    sessionTimeout: seconds(pick(random, [10, 30, 60])),
    unlistedAnchors: aaa && chance(0.5),
    authentication,
    // How a gateway speaks that is not configured nobody can tell an anchor.
    dynamicMagLearning: transports.anchorInterop === 'strict' && chance(0.25),
    timestampCheck: chance(0.85),
    timestamps: chance(0.9),
    linkLocalFromLma: chance(0.2),
    localRouting: chance(0.4),
    relays: chance(0.4) ? Array.from({ length: mags - Number(hasStable) }, (_, i) => i).filter(() => chance(0.7)) : [],
    leaseTime: milliseconds(lifetime * (0.3 + 0.7 * nextFraction(random))),
    quarantine: seconds(pick(random, [0, 60, 600])),
    refreshAdvice: chance(0.2) ? seconds(10) : undefined,
    anchorHeartbeat: chance(0.5) ? drawHeartbeat(random) : undefined,
    gatewayHeartbeat: chance(0.5) ? drawHeartbeat(random) : undefined,
    transports,
    inBatches: chance(0.4),
    stationMaximum: Math.max(pick(random, [32, 256, 4096]), 4 * (nodes ?? 0)),
    transport: drawTransport(random),
    radio: chance(0.3) ? { ...RADIO_LINK, loss: 0.1 * nextFraction(random), jitter: milliseconds(5) } : RADIO_LINK,
    trafficInterval: milliseconds(500 + nextBelow(random, 4000)),
    pause: milliseconds(pick(random, [300, 1500, 5000, 20_000]) / Math.max(1, (nodes ?? 0) / FEW)),
    weights,
  };
}

export function drawTransport(random: Random): LinkFaults {
  if (nextFraction(random) < 0.3) return TRANSPORT_LINK;
  return {
    delay: milliseconds(0.1 + 20 * nextFraction(random)),
    jitter: milliseconds(nextFraction(random) < 0.5 ? 0 : 60 * nextFraction(random)),
    loss: nextFraction(random) < 0.5 ? 0 : 0.3 * nextFraction(random),
    duplication: nextFraction(random) < 0.5 ? 0 : 0.2 * nextFraction(random),
    reordering: nextFraction(random) < 0.5 ? 0 : 0.5 * nextFraction(random),
  };
}

function drawHeartbeat(random: Random): HeartbeatConfig {
  return { interval: seconds(pick(random, [5, 10, 30])), retries: 1 + nextBelow(random, 3) };
}

/** Movement is always there; of everything else about half. */
function drawWeights(random: Random, without: readonly FaultKind[]): Swarm['weights'] {
  const entries = FAULT_KINDS.map((kind) => {
    const happens = kind === 'roam' || nextFraction(random) < 0.45;
    const weight = happens ? 1 + nextBelow(random, kind === 'roam' ? 12 : 4) : 0;
    return [kind, without.includes(kind) ? 0 : weight] as const;
  });
  return Object.fromEntries(entries) as Record<FaultKind, number>;
}
