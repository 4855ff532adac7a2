/** alice ── mag ── bob, and the anchor behind the gateway, each in a network namespace, with data planes in the kernels of the two routers. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { MacAddress } from '#base/mac-address.ts';
import type { AccessForwarding, Forwarding, NodeForwarding, Path } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { ALICE, BOB, ipv4, ipv6, mac, node, prefix4, prefix6 } from './bed.ts';
import { mirrored } from './encapsulations.ts';
import { ip } from './kernel-bed.ts';

const NODES = ['alice', 'bob', 'mag', 'lma'] as const;
export type NodeName = (typeof NODES)[number];
export const MAG = ipv6('2001:db8:cafe::15');
export const LMA = ipv6('2001:db8:cafe::101');
export const MAG4 = ipv4('198.18.0.15');
export const LMA4 = ipv4('198.18.0.101');
/** Of the two mobile nodes. */
export const FAMILIES = [
  { family: 'IPv4', alice: '192.0.2.1', bob: '192.0.2.2' },
  { family: 'IPv6', alice: '2001:db8:f00d:1::1', bob: '2001:db8:f00d:2::1' },
] as const;

const gateway: NodeForwarding = { ...node, pools: { ipv4: [], ipv6: [] }, localAddresses: [MAG, MAG4] };
const anchor: NodeForwarding = {
  ...node,
  accessInterfaces: [],
  pools: { ipv4: [prefix4('192.0.2.0/24')], ipv6: [prefix6('2001:db8:f00d::/48')] },
  localAddresses: [LMA, LMA4],
};
const BINDINGS = { alice: { station: ALICE, number: 1 }, bob: { station: BOB, number: 2 } } as const;

export class TwoMobileNodes {
  readonly mag: BpfDataPlane;
  readonly lma: BpfDataPlane;
  readonly #prefix: string;

  /** `prefix` begins the names of the namespaces. */
  constructor(prefix: string, change: Partial<NodeForwarding> = {}) {
    this.#prefix = prefix;
    this.#removeNamespaces();
    ip(['-batch', '-'], creation(prefix));
    for (const name of NODES) ip(['-n', this.namespace(name), '-batch', '-'], CONFIGURATION[name].join('\n'));
    this.mag = this.#start('mag', { ...gateway, ...change });
    this.lma = this.#start('lma', anchor);
  }

  namespace(name: NodeName): string {
    return `${this.#prefix}-${name}`;
  }

  /** Goes over to another configuration at the gateway. */
  reconfigure(change: Partial<NodeForwarding>): void {
    this.#within('mag', () => this.mag.reconfigure({ ...gateway, ...change }));
  }

  /** Both mobile nodes, or one of them, have their sessions through this tunnel. */
  carry(path: Path, ...names: ('alice' | 'bob')[]): void {
    for (const name of names.length > 0 ? names : (['alice', 'bob'] as const)) {
      const binding = accessBinding(name, path);
      const anchored = { ...binding, kind: 'anchor', paths: [mirrored(path)] } as Forwarding;
      for (const [plane, forwarding] of [
        [this.mag, binding],
        [this.lma, anchored],
      ] as const) {
        const { failed } = plane.apply([{ kind: 'set', forwarding }]);
        if (failed[0]) throw new Error(failed[0].reason);
      }
    }
  }

  /** The mobile node has left the gateway; the anchor does not know yet. */
  leave(name: 'alice' | 'bob'): void {
    this.mag.apply([{ kind: 'clear', forwardingKind: 'access', id: name }]);
  }

  /** Nobody has a session any more. */
  end(): void {
    for (const id of ['alice', 'bob'] as const) {
      this.leave(id);
      this.lma.apply([{ kind: 'clear', forwardingKind: 'anchor', id }]);
    }
  }

  /** What a command on a node prints, errors too; the slow paths are served meanwhile, as the packet workers do. */
  async run(name: NodeName, ...command: string[]): Promise<string> {
    const child = spawn('ip', ['netns', 'exec', this.namespace(name), ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        output += text;
      });
    const stop = this.serveSlowPaths();
    await once(child, 'close').finally(stop);
    return output;
  }

  /** In turns with the test; gives what ends it. */
  serveSlowPaths(): () => void {
    let serving = true;
    const serve = () => {
      if (!serving) return;
      for (const plane of [this.mag, this.lma]) for (const fd of plane.slowPathFds()) plane.handleSlowPath(fd);
      setImmediate(serve);
    };
    serve();
    return () => {
      serving = false;
    };
  }

  remove(): void {
    for (const name of ['mag', 'lma'] as const) this.#within(name, () => this[name].close());
    this.#removeNamespaces();
  }

  #start(name: 'mag' | 'lma', forwarding: NodeForwarding): BpfDataPlane {
    const plane = new BpfDataPlane();
    this.#within(name, () => plane.start(forwarding));
    return plane;
  }

  #within<T>(name: NodeName, action: () => T): T {
    return inNetworkNamespace(`/run/netns/${this.namespace(name)}`, action);
  }

  #removeNamespaces(): void {
    for (const name of NODES) spawnSync('ip', ['netns', 'del', this.namespace(name)], { stdio: 'ignore' });
  }
}

function accessBinding(id: 'alice' | 'bob', path: Path): AccessForwarding {
  const { station, number } = BINDINGS[id];
  return {
    kind: 'access',
    id,
    customer: 0,
    interface: node.accessInterfaces[number - 1]?.name as string,
    mac: station,
    homeAddress: ipv4(`192.0.2.${number}`),
    homePrefixLength: 24,
    defaultRouter: ipv4('192.0.2.254'),
    prefixes: [prefix6(`2001:db8:f00d:${number}::/64`)],
    paths: [path],
  };
}

function creation(prefix: string): string {
  return `${NODES.map((name) => `netns add ${prefix}-${name}`).join('\n')}
link add name eth0 netns ${prefix}-alice type veth peer name acc netns ${prefix}-mag
link add name eth0 netns ${prefix}-bob type veth peer name acc2 netns ${prefix}-mag
link add name core netns ${prefix}-mag type veth peer name core netns ${prefix}-lma`;
}

const CONFIGURATION: Record<NodeName, string[]> = {
  alice: mobileNode(ALICE, 1),
  bob: mobileNode(BOB, 2),
  mag: [
    'link set acc up',
    'link set acc2 up',
    'link set core up',
    `addr add ${MAG}/64 dev core nodad`,
    `addr add ${MAG4}/24 dev core`,
  ],
  lma: [
    `link set core address ${mac('02:00:00:00:00:ee')}`,
    'link set core up',
    `addr add ${LMA}/64 dev core nodad`,
    `addr add ${LMA4}/24 dev core`,
  ],
};

function mobileNode(station: MacAddress, number: number): string[] {
  return [
    `link set eth0 address ${station}`,
    'link set eth0 up',
    `addr add 192.0.2.${number}/32 dev eth0`,
    `addr add 2001:db8:f00d:${number}::1/64 dev eth0 nodad`,
    'route add 192.0.2.254 dev eth0',
    'route add default via 192.0.2.254',
    'route add default via fe80::200:5eff:fe00:5213 dev eth0',
  ];
}
