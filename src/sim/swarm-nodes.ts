import { MacAddress } from '#base/mac-address.ts';
import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, pick } from '#base/random.ts';
import type { DhcpHabits } from './dhcp-client.ts';
import { DHCLIENT, EAGER_DHCP, UDHCPC } from './dhcp-client.ts';

export interface SwarmNode {
  readonly name: string;
  readonly mac: MacAddress;
  /** Of its profile; the second interface of a multi-homed node has that of the first. */
  readonly nai: string;
  readonly stable: boolean;
  /** Index of its anchor; without a profile of its own it has the first. */
  readonly lma: number | undefined;
  readonly service: 'ipv4' | 'ipv6' | 'dual';
  readonly dhcp: DhcpHabits | 'none';
  readonly network: string | undefined;
  readonly apn: string | undefined;
  readonly multihomed: boolean;
  /** Whether it reaches others of its gateway without its anchor; `undefined`: as the gateway says. */
  readonly localRouting: boolean | undefined;
  /** Index of what its profile states as its own: a home address and some prefixes. */
  readonly fixed: number | undefined;
}

/** What all nodes of a world have in common. */
export interface NodeTraits {
  readonly lmas: number;
  readonly hasStable: boolean;
  readonly defaultProfile: boolean;
  readonly scarce: boolean;
  /** Those that are not stable; drawn when it is not stated. */
  readonly count: number | undefined;
  readonly networks: readonly string[];
  /** Peers know a mobile node by its link-layer address alone. */
  readonly namedByAddress: boolean;
}

const SERVICES = ['dual', 'dual', 'dual', 'ipv4', 'ipv6'] as const;
const APN = 'internet.example';

export function drawNodes(random: Random, traits: NodeTraits): SwarmNode[] {
  const drawn = 1 + nextBelow(random, 8);
  const wild = traits.count ?? drawn;
  const stable = traits.hasStable ? 1 + nextBelow(random, 2) : 0;
  const nodes: SwarmNode[] = [];
  for (let i = 0; i < wild + stable; i++) {
    const node = drawNode(random, traits, nodes.length, i >= wild);
    nodes.push(node);
    if (node.multihomed) nodes.push(furtherInterface(random, node, nodes.length));
  }
  return nodes;
}

function drawNode(random: Random, traits: NodeTraits, i: number, stable: boolean): SwarmNode {
  const { lmas, networks, namedByAddress } = traits;
  const hasProfile = stable || !traits.defaultProfile || nextFraction(random) < 0.5;
  const service = pick(random, SERVICES);
  const mac = macOf(i);
  const extra = hasProfile ? nextFraction(random) : 1;
  return {
    name: `mn${i + 1}`,
    mac,
    nai: `${namedByAddress ? mac.toCiscoString() : `mn${i + 1}`}@example.com`,
    stable,
    lma: hasProfile ? (stable ? lmas - 1 : nextBelow(random, lmas)) : undefined,
    service,
    dhcp: drawDhcp(random, service),
    network: hasProfile && networks.length > 0 ? pick(random, [...networks, undefined]) : undefined,
    apn: hasProfile && !namedByAddress && nextFraction(random) < 0.2 ? APN : undefined,
    multihomed: extra < 0.15 && !namedByAddress,
    localRouting: hasProfile ? pick(random, [undefined, undefined, true, false]) : undefined,
    fixed: extra > 0.8 && extra < 1 && !traits.scarce ? i : undefined,
  };
}

/** It may be at another place than the first, with a session of its own. */
function furtherInterface(random: Random, first: SwarmNode, i: number): SwarmNode {
  const dhcp = drawDhcp(random, first.service);
  return { ...first, name: `mn${i + 1}`, mac: macOf(i), dhcp };
}

function drawDhcp(random: Random, service: SwarmNode['service']): SwarmNode['dhcp'] {
  const dhcp = pick(random, [DHCLIENT, UDHCPC, EAGER_DHCP]);
  return service === 'ipv6' && nextFraction(random) < 0.5 ? 'none' : dhcp;
}

function macOf(i: number): MacAddress {
  return new MacAddress(0x0024, 0xd78e2100 + i);
}
