import { afterAll, afterEach, beforeAll } from 'vitest';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { DataPlane } from '#dataplane/dataplane.ts';
import type { AccessForwarding, AnchorForwarding, NodeForwarding, Path } from '#dataplane/desired.ts';

/** A node with two access links, a transport network and the rest of the world, and a data plane on it. */
export interface Bed {
  /** Lets time pass. */
  later(durationMs: number): void;
  /** Another one after `succeed`. */
  readonly plane: DataPlane;
  /** The process of the data plane is killed, and another starts with this node. */
  succeed(node: NodeForwarding): void;
  /** Lets one packet arrive, and gives what leaves the node because of it. */
  exchange(arrival: Arrival): Departed[];
  /** The ARP packets that answer one on an access link, each to who has sent it alone; not those of a kernel for its own addresses. */
  answersToArp(from: 'access' | 'access2', mac: MacAddress, packet: Uint8Array): Uint8Array[];
  /** The link of the first access interface carries packets of so many octets from now on. */
  setAccessMtu(octets: number): void;
  /** Where the node is. */
  inside<T>(action: () => T): T;
  /** What it was sent may be answered long after; no other bed is to see that. */
  retire(): void;
  close(): void;
}

/** One bed for all tests of a suite: to open one takes the kernel long. What a test has set is taken away after it, and the node is as it was. */
export function bedForAll(makeBed: (node?: NodeForwarding) => Bed): () => Bed {
  let bed: Bed;
  beforeAll(() => {
    bed = makeBed();
  });
  afterEach(() => {
    bed.inside(() => {
      bed.plane.reconfigure(node);
      for (const { kind, id } of [...bed.plane.forwardings()])
        bed.plane.apply([{ kind: 'clear', forwardingKind: kind, id }]);
    });
  });
  afterAll(() => bed.close());
  return () => bed;
}

export type Arrival =
  | { readonly from: 'access' | 'access2'; readonly mac: MacAddress; readonly packet: Uint8Array }
  /** It waited in the daemon after it came in on the first access link. */
  | { readonly from: 'held'; readonly mac: MacAddress; readonly packet: Uint8Array }
  | { readonly from: 'transport'; readonly packet: Uint8Array }
  | { readonly from: CorePort; readonly packet: Uint8Array };

/** Where correspondent nodes are: of the node itself, and of customers 1 and 2 where it has them. */
export const CORE_PORTS = ['core', 'core1', 'core2'] as const;
export type CorePort = (typeof CORE_PORTS)[number];

export interface Departed {
  readonly to: 'access' | 'access2' | 'transport' | CorePort;
  /** On an access link: to whom. */
  readonly mac?: MacAddress;
  readonly packet: Uint8Array;
}

export const ipv4 = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
export const ipv6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;
export const prefix4 = (text: string) => Ipv4Prefix.parse(text) as Ipv4Prefix;
export const prefix6 = (text: string) => Ipv6Prefix.parse(text) as Ipv6Prefix;
export const mac = (text: string) => MacAddress.parse(text) as MacAddress;

export const NODE_ADDRESS = ipv6('2001:db8:cafe:1024::101');
export const NODE_ADDRESS4 = ipv4('198.18.0.101');
export const PEER4 = ipv4('198.18.1.15');
export const STRANGER4 = ipv4('198.18.3.15');
export const PEER = ipv6('2001:db8:cafe:1025::15');
export const OTHER_PEER = ipv6('2001:db8:cafe:1026::15');
export const STRANGER = ipv6('2001:db8:cafe:1027::15');
export const ALICE = mac('02:00:00:00:00:a1');
export const BOB = mac('02:00:00:00:00:b0');
export const CORRESPONDENT4 = ipv4('198.51.100.10');
export const CORRESPONDENT6 = ipv6('2001:db8:100::10');

export const path: Path = { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS, remote: PEER };
export const otherPath: Path = { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS, remote: OTHER_PEER };

export const node: NodeForwarding = {
  pools: { ipv4: [prefix4('192.0.2.0/24')], ipv6: [prefix6('2001:db8:f00d::/48')] },
  accessInterfaces: ['acc', 'acc2'].map((linkName, i) => ({
    name: `GigabitEthernet0/1/${i}`,
    linkName,
    mac: MacAddress.pmipv6Mag,
    linkLocal: ipv6('fe80::200:5eff:fe00:5213'),
    addresses: [],
  })),
  localAddresses: [NODE_ADDRESS, NODE_ADDRESS4],
  tunnelMtu: 1452,
  maximumBindings: 8,
};

/** Whether the node itself has the address: on an access link, towards the transport network or the core. */
export function isOfNode(address: Ipv4Address | Ipv6Address): boolean {
  return OF_NODE.includes(`${address}`);
}

const OF_NODE = [
  ...['198.18.0.101', '203.0.113.254', '198.51.100.1'],
  ...['2001:db8:cafe:1024::101', 'fe80::200:5eff:fe00:5213', '2001:db8:100::1'],
];

/** Anchored here. */
export const anchored: AnchorForwarding = {
  kind: 'anchor',
  id: 'anchored',
  customer: 0,
  homeAddress: ipv4('192.0.2.1'),
  prefixes: [prefix6('2001:db8:f00d:1::/64')],
  paths: [path],
};

/** Attached here, anchored elsewhere. */
export const attached: AccessForwarding = {
  kind: 'access',
  id: 'attached',
  customer: 0,
  interface: 'GigabitEthernet0/1/0',
  mac: ALICE,
  homeAddress: ipv4('203.0.113.1'),
  homePrefixLength: 24,
  defaultRouter: ipv4('203.0.113.254'),
  prefixes: [prefix6('2001:db8:beef:1::/64')],
  paths: [path],
};

export const attachedBob: AccessForwarding = {
  ...attached,
  id: 'attached-bob',
  mac: BOB,
  homeAddress: ipv4('203.0.113.2'),
  prefixes: [prefix6('2001:db8:beef:2::/64')],
};
