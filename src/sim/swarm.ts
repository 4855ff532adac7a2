import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, SeededRandom } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { DhcpHabits } from './dhcp-client.ts';
import { DHCLIENT, EAGER_DHCP, UDHCPC } from './dhcp-client.ts';
import type { LinkFaults } from './link.ts';
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
  /** Addresses of each anchor's pools. */
  readonly addresses: number;
  readonly scarce: boolean;
  readonly defaultProfile: boolean;
  readonly authentication: boolean;
  readonly dynamicMagLearning: boolean;
  readonly timestampCheck: boolean;
  readonly stationMaximum: number;
  readonly transport: LinkFaults;
  readonly radio: LinkFaults;
  readonly trafficInterval: Duration;
  /** Between two faults, at most. */
  readonly pause: Duration;
  readonly weights: Readonly<Record<FaultKind, number>>;
}

export interface SwarmNode {
  readonly name: string;
  readonly mac: MacAddress;
  readonly stable: boolean;
  /** Index of its anchor; without a profile of its own it has the first. */
  readonly lma: number | undefined;
  readonly service: 'ipv4' | 'ipv6' | 'dual';
  readonly dhcp: DhcpHabits | 'none';
}

/** `without`: what does not happen, to find out what a failure needs. */
export function drawSwarm(seed: number, without: readonly FaultKind[] = []): Swarm {
  const random = new SeededRandom(seed ^ 0x5ee0);
  const chance = (probability: number) => nextFraction(random) < probability;
  const lmas = chance(0.2) ? 1 : 2;
  const mags = 2 + nextBelow(random, 3);
  const hasStable = lmas === 2 && chance(0.7);
  const lifetime = seconds(pick(random, [20, 40, 40, 120, 120, 300, 900]));
  const weights = drawWeights(random, without);
  const scarce = chance(0.1);
  const defaultProfile = chance(0.6);
  return {
    seed,
    lmas,
    mags,
    interfaces: chance(0.3) ? 2 : 1,
    mobileNodes: drawNodes(random, lmas, hasStable, defaultProfile),
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
    authentication: chance(0.4),
    dynamicMagLearning: chance(0.2),
    timestampCheck: chance(0.85),
    stationMaximum: pick(random, [32, 256, 4096]),
    transport: drawTransport(random),
    radio: chance(0.3) ? { ...RADIO_LINK, loss: 0.1 * nextFraction(random), jitter: milliseconds(5) } : RADIO_LINK,
    trafficInterval: milliseconds(500 + nextBelow(random, 4000)),
    pause: milliseconds(pick(random, [300, 1500, 5000, 20_000])),
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

/** Movement is always there; of everything else about half. */
function drawWeights(random: Random, without: readonly FaultKind[]): Swarm['weights'] {
  const entries = FAULT_KINDS.map((kind) => {
    const happens = kind === 'roam' || nextFraction(random) < 0.45;
    const weight = happens ? 1 + nextBelow(random, kind === 'roam' ? 12 : 4) : 0;
    return [kind, without.includes(kind) ? 0 : weight] as const;
  });
  return Object.fromEntries(entries) as Record<FaultKind, number>;
}

function drawNodes(random: Random, lmas: number, hasStable: boolean, defaultProfile: boolean): SwarmNode[] {
  const wild = 1 + nextBelow(random, 8);
  const stable = hasStable ? 1 + nextBelow(random, 2) : 0;
  return Array.from({ length: wild + stable }, (_, i) => {
    const isStable = i >= wild;
    const hasProfile = isStable || !defaultProfile || nextFraction(random) < 0.5;
    const service = pick(random, ['dual', 'dual', 'dual', 'ipv4', 'ipv6'] as const);
    const dhcp = pick(random, [DHCLIENT, UDHCPC, EAGER_DHCP]);
    return {
      name: `mn${i + 1}`,
      mac: new MacAddress(0x0024, 0xd78e2100 + i),
      stable: isStable,
      lma: hasProfile ? (isStable ? lmas - 1 : nextBelow(random, lmas)) : undefined,
      service,
      dhcp: service === 'ipv6' && nextFraction(random) < 0.5 ? 'none' : dhcp,
    };
  });
}

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[nextBelow(random, from.length)] as T;
}
