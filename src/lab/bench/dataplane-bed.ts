import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Forwarding, NodeForwarding } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { LabError } from '../lab-error.ts';

/**
 * Three ways from a mobile node to a correspondent node through the same two routers:
 *
 * ```
 *  mn ─ acc ── mag ─ core ═ tunnel ═ core ─ lma ── cn
 *  mn ─ plain ── mag ─ plain ────── plain ─ lma ── cn
 *  mn ─ plain ── mag ─ plain ═ VXLAN ═ plain ─ lma ── cn
 * ```
 * The correspondent has an address for each; nothing of the data plane is attached to the interfaces of the plain way.
 */
export const BENCH_NODES = ['mn', 'mag', 'lma', 'cn'] as const;
export type BenchNode = (typeof BENCH_NODES)[number];
/** By the data plane, without a tunnel, or by the kernel's own VXLAN device over IPv6 (RFC 7348). */
export type Way = 'tunnel' | 'plain' | 'vxlan';
export type Family = 'IPv4' | 'IPv6';

/** Addresses by way and family, of the end that a node is. */
export const BENCH_ADDRESSES = {
  mn: {
    tunnel: { IPv4: '192.0.2.1', IPv6: '2001:db8:f00d:1::1' },
    plain: { IPv4: '203.0.113.1', IPv6: '2001:db8:beef:1::1' },
    vxlan: { IPv4: '203.0.113.2', IPv6: '2001:db8:beef:1::2' },
  },
  cn: {
    tunnel: { IPv4: '198.51.100.10', IPv6: '2001:db8:100::10' },
    plain: { IPv4: '198.51.100.20', IPv6: '2001:db8:100::20' },
    vxlan: { IPv4: '198.51.100.30', IPv6: '2001:db8:100::30' },
  },
} as const satisfies Record<string, Record<Way, Record<Family, string>>>;

const PREFIX = 'mtbench';
const STATION = '02:00:00:00:00:a1';
const MAG_ADDRESS = '2001:db8:cafe::15';
const LMA_ADDRESS = '2001:db8:cafe::101';

export function benchNamespace(node: BenchNode): string {
  return `${PREFIX}-${node}`;
}

/** Namespaces with a data plane on each router, without any daemon. `close` may be called more than once. */
export class DataPlaneBed {
  readonly #planes: { readonly node: BenchNode; readonly plane: BpfDataPlane }[] = [];

  /** Throws `LabError` or `DataPlaneError`. */
  open(): void {
    if (process.getuid?.() !== 0)
      throw new LabError('not-root', 'this benchmark makes network namespaces: run it as root');
    deleteNamespaces();
    ip(['-batch', '-'], creation());
    for (const node of BENCH_NODES) {
      inNamespace(node, () => {
        for (const [name, value] of settings(node)) writeFileSync(`/proc/sys/net/${name}`, value);
      });
      ip(['-n', benchNamespace(node), '-batch', '-'], configuration[node].join('\n'));
    }
    this.#start('mag', magForwarding, {
      ...binding,
      kind: 'access',
      interface: 'acc',
      mac: parse(MacAddress, STATION),
      homePrefixLength: 24,
      defaultRouter: parse(Ipv4Address, '192.0.2.254'),
      paths: [path(MAG_ADDRESS, LMA_ADDRESS)],
    });
    this.#start('lma', lmaForwarding, { ...binding, kind: 'anchor', paths: [path(LMA_ADDRESS, MAG_ADDRESS)] });
  }

  close(): void {
    for (const { node, plane } of this.#planes.splice(0)) inNamespace(node, () => plane.close());
    deleteNamespaces();
  }

  #start(node: BenchNode, forwarding: NodeForwarding, bound: Forwarding): void {
    const plane = new BpfDataPlane();
    inNamespace(node, () => plane.start(forwarding));
    this.#planes.push({ node, plane });
    const failed = plane.apply([{ kind: 'set', forwarding: bound }]).failed[0];
    if (failed) throw new LabError('forwarding-failed', `${node}: ${failed.reason}`);
  }
}

const binding = {
  id: 'mn',
  customer: 0,
  homeAddress: parse(Ipv4Address, BENCH_ADDRESSES.mn.tunnel.IPv4),
  prefixes: [parse(Ipv6Prefix, '2001:db8:f00d:1::/64')],
};

const magForwarding: NodeForwarding = {
  pools: { ipv4: [], ipv6: [] },
  accessInterfaces: [
    {
      name: 'acc',
      linkName: 'acc',
      mac: MacAddress.pmipv6Mag,
      linkLocal: parse(Ipv6Address, 'fe80::200:5eff:fe00:5213'),
      addresses: [],
    },
  ],
  localAddresses: [parse(Ipv6Address, MAG_ADDRESS)],
  tunnelMtu: 1452,
  maximumBindings: 16,
};

const lmaForwarding: NodeForwarding = {
  pools: { ipv4: [parse(Ipv4Prefix, '192.0.2.0/24')], ipv6: [parse(Ipv6Prefix, '2001:db8:f00d::/48')] },
  accessInterfaces: [],
  localAddresses: [parse(Ipv6Address, LMA_ADDRESS)],
  tunnelMtu: 1452,
  maximumBindings: 16,
};

function path(local: string, remote: string) {
  return {
    encapsulation: { kind: 'ip' as const },
    local: parse(Ipv6Address, local),
    remote: parse(Ipv6Address, remote),
  };
}

function creation(): string {
  const link = (a: BenchNode, aLink: string, b: BenchNode, bLink: string) =>
    `link add name ${aLink} netns ${benchNamespace(a)} type veth peer name ${bLink} netns ${benchNamespace(b)}`;
  return [
    ...BENCH_NODES.map((node) => `netns add ${benchNamespace(node)}`),
    link('mn', 'acc', 'mag', 'acc'),
    link('mn', 'plain', 'mag', 'access'),
    link('mag', 'core', 'lma', 'core'),
    link('mag', 'plain', 'lma', 'plain'),
    link('lma', 'inet', 'cn', 'inet'),
  ].join('\n');
}

const configuration: Record<BenchNode, string[]> = {
  mn: [
    `link set acc address ${STATION}`,
    ...up('acc', 'plain'),
    'addr add 192.0.2.1/24 dev acc',
    'addr add 2001:db8:f00d:1::1/64 dev acc nodad',
    'addr add 203.0.113.1/24 dev plain',
    'addr add 2001:db8:beef:1::1/64 dev plain nodad',
    'addr add 203.0.113.2/24 dev plain',
    'addr add 2001:db8:beef:1::2/64 dev plain nodad',
    'route add 198.51.100.10/32 via 192.0.2.254',
    'route add 2001:db8:100::10/128 via fe80::200:5eff:fe00:5213 dev acc',
    'route add 198.51.100.20/32 via 203.0.113.254',
    'route add 2001:db8:100::20/128 via 2001:db8:beef:1::254',
    'route add 198.51.100.30/32 via 203.0.113.254',
    'route add 2001:db8:100::30/128 via 2001:db8:beef:1::254',
  ],
  mag: [
    ...up('acc', 'access', 'core', 'plain'),
    `addr add ${MAG_ADDRESS}/64 dev core nodad`,
    'addr add 203.0.113.254/24 dev access',
    'addr add 2001:db8:beef:1::254/64 dev access nodad',
    'addr add 10.0.0.1/24 dev plain',
    'addr add 2001:db8:1::1/64 dev plain nodad',
    'route add 198.51.100.0/24 via 10.0.0.2',
    'route add 2001:db8:100::/64 via 2001:db8:1::2',
    ...vxlan('1', '2'),
    'route add 198.51.100.30/32 via 10.0.1.2',
    'route add 2001:db8:100::30/128 via 2001:db8:2::2',
  ],
  lma: [
    ...up('core', 'plain', 'inet'),
    `addr add ${LMA_ADDRESS}/64 dev core nodad`,
    'addr add 10.0.0.2/24 dev plain',
    'addr add 2001:db8:1::2/64 dev plain nodad',
    'addr add 198.51.100.1/24 dev inet',
    'addr add 2001:db8:100::1/64 dev inet nodad',
    'route add 203.0.113.0/24 via 10.0.0.1',
    'route add 2001:db8:beef::/48 via 2001:db8:1::1',
    ...vxlan('2', '1'),
    'route add 203.0.113.2/32 via 10.0.1.1',
    'route add 2001:db8:beef:1::2/128 via 2001:db8:2::1',
  ],
  cn: [
    ...up('inet'),
    ...Object.values(BENCH_ADDRESSES.cn).flatMap(({ IPv4, IPv6 }) => [
      `addr add ${IPv4}/24 dev inet`,
      `addr add ${IPv6}/64 dev inet nodad`,
    ]),
    'route add default via 198.51.100.1',
    'route add default via 2001:db8:100::1',
  ],
};

function settings(node: BenchNode): [string, string][] {
  const forwarding = node === 'mag' || node === 'lma' ? '1' : '0';
  return [
    ['ipv6/conf/all/forwarding', forwarding],
    ['ipv4/ip_forward', forwarding],
    ['ipv6/conf/default/accept_dad', '0'],
    ['ipv6/conf/default/accept_ra', '0'],
  ];
}

/** A VXLAN device between the routers, with the MTU that 70 octets of headers leave of 1500. */
function vxlan(own: string, other: string): string[] {
  const ends = `local 2001:db8:1::${own} remote 2001:db8:1::${other}`;
  return [
    `link add vxlan type vxlan id 1 ${ends} dstport 4789 udp6zerocsumtx udp6zerocsumrx`,
    'link set vxlan mtu 1430 up',
    `addr add 10.0.1.${own}/24 dev vxlan`,
    `addr add 2001:db8:2::${own}/64 dev vxlan nodad`,
  ];
}

function up(...links: string[]): string[] {
  return ['lo', ...links].map((link) => `link set ${link} up`);
}

function inNamespace<T>(node: BenchNode, action: () => T): T {
  return inNetworkNamespace(`/run/netns/${benchNamespace(node)}`, action);
}

function deleteNamespaces(): void {
  for (const node of BENCH_NODES) spawnSync('ip', ['netns', 'del', benchNamespace(node)], { stdio: 'ignore' });
}

function ip(options: readonly string[], input: string): void {
  const done = spawnSync('ip', options, { input, encoding: 'utf8' });
  if (done.status === 0) return;
  throw new LabError('ip-failed', `ip ${options.join(' ')}: ${done.error?.message ?? done.stderr.trim()}`);
}

function parse<T>(type: { parse(text: string): T | undefined }, text: string): T {
  return type.parse(text) as T;
}
