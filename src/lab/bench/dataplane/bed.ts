import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { inNetworkNamespace } from '#host/netns.ts';
import { LabError } from '../../lab-error.ts';
import { type Family, HOMES, type PlaneKind, STATION, TUNNEL_ENDS } from './tunnels.ts';

/**
 * Four ways from a mobile node to a correspondent node, three of them through the same two routers:
 *
 * ```
 *  mn ─ acc ─── mag ─ core ═ tunnel ═ core ─ lma ── cn
 *  mn ─ plain ─ mag ─ plain ────── plain ─── lma ── cn
 *  mn ─ plain ─ mag ─ plain ═ VXLAN ═ plain ─ lma ── cn
 *  mn ─ uacc ── umag ─ core ═ tunnel ═ core ─ ulma ── cn
 * ```
 * The correspondent has an address for each; nothing of the data plane is attached to the interfaces of the plain way.
 */
export const BENCH_NODES = ['mn', 'mag', 'lma', 'umag', 'ulma', 'cn'] as const;
export type BenchNode = (typeof BENCH_NODES)[number];
/** By the data plane in the kernel, without a tunnel, by the kernel's own VXLAN device over IPv6 (RFC 7348), or by the data plane in user space. */
export type Way = 'tunnel' | 'plain' | 'vxlan' | 'user';

/** Addresses by way and family, of the end that a node is. */
export const BENCH_ADDRESSES: Readonly<Record<'mn' | 'cn', Readonly<Record<Way, Readonly<Record<Family, string>>>>>> = {
  mn: {
    tunnel: HOMES.ebpf,
    plain: { IPv4: '203.0.113.1', IPv6: '2001:db8:beef:1::1' },
    vxlan: { IPv4: '203.0.113.2', IPv6: '2001:db8:beef:1::2' },
    user: HOMES.user,
  },
  cn: {
    tunnel: { IPv4: '198.51.100.10', IPv6: '2001:db8:100::10' },
    plain: { IPv4: '198.51.100.20', IPv6: '2001:db8:100::20' },
    vxlan: { IPv4: '198.51.100.30', IPv6: '2001:db8:100::30' },
    user: { IPv4: '198.51.101.10', IPv6: '2001:db8:101::10' },
  },
};

const PREFIX = 'mtbench';

/** That of `ip -n`. */
export function namespaceName(node: BenchNode): string {
  return `${PREFIX}-${node}`;
}
/** Of the router that packets of the plain way are sent to. */
const PLAIN_MAC = '02:00:00:00:00:b1';
const GATEWAY_MAC = '00:00:5e:00:52:13';
const GATEWAY = 'fe80::200:5eff:fe00:5213';

/** Where the mobile node's frames go, by way. */
export const FIRST_HOPS: Readonly<Record<Way, { readonly link: string; readonly mac: string }>> = {
  tunnel: { link: 'acc', mac: GATEWAY_MAC },
  plain: { link: 'plain', mac: PLAIN_MAC },
  vxlan: { link: 'plain', mac: PLAIN_MAC },
  user: { link: 'uacc', mac: GATEWAY_MAC },
};

/** The correspondent's link, by way. */
export const LAST_LINKS: Readonly<Record<Way, string>> = {
  tunnel: 'inet',
  plain: 'inet',
  vxlan: 'inet',
  user: 'uinet',
};

export function namespaceFile(node: BenchNode): string {
  return `/run/netns/${PREFIX}-${node}`;
}

/** Makes the namespaces. Throws `LabError`. */
export function openBed(): void {
  if (process.getuid?.() !== 0)
    throw new LabError('not-root', 'this benchmark makes network namespaces: run it as root');
  closeBed();
  ip(['-batch', '-'], creation());
  for (const node of BENCH_NODES) {
    inNetworkNamespace(namespaceFile(node), () => {
      for (const [name, value] of settings(node)) writeFileSync(`/proc/sys/net/${name}`, value);
    });
    ip(['-n', `${PREFIX}-${node}`, '-batch', '-'], configuration[node].join('\n'));
  }
}

export function closeBed(): void {
  for (const node of BENCH_NODES) spawnSync('ip', ['netns', 'del', `${PREFIX}-${node}`], { stdio: 'ignore' });
}

/** Packets that an interface has received, of the correspondent if not said otherwise. */
export function packetsReceived(link: string, node: BenchNode = 'cn'): number {
  const text = inNetworkNamespace(namespaceFile(node), () => readFileSync('/proc/thread-self/net/dev', 'utf8'));
  const row = text.split('\n').find((line) => line.trim().startsWith(`${link}:`));
  return Number(row?.split(':')[1]?.trim().split(/\s+/)[1]);
}

function creation(): string {
  const link = (a: BenchNode, aLink: string, b: BenchNode, bLink: string) =>
    `link add name ${aLink} netns ${PREFIX}-${a} type veth peer name ${bLink} netns ${PREFIX}-${b}`;
  return [
    ...BENCH_NODES.map((node) => `netns add ${PREFIX}-${node}`),
    link('mn', 'acc', 'mag', 'acc'),
    link('mn', 'plain', 'mag', 'access'),
    link('mn', 'uacc', 'umag', 'acc'),
    link('mag', 'core', 'lma', 'core'),
    link('mag', 'plain', 'lma', 'plain'),
    link('umag', 'core', 'ulma', 'core'),
    link('lma', 'inet', 'cn', 'inet'),
    link('ulma', 'inet', 'cn', 'uinet'),
  ].join('\n');
}

/** The mobile node on the access link of a gateway. */
function mobileNode(link: string, kind: PlaneKind, correspondent: Readonly<Record<Family, string>>): string[] {
  const { IPv4, IPv6, gateway } = HOMES[kind];
  return [
    `link set ${link} address ${STATION}`,
    ...up(link),
    `addr add ${IPv4}/24 dev ${link}`,
    `addr add ${IPv6}/64 dev ${link} nodad`,
    `route add ${correspondent.IPv4}/32 via ${gateway}`,
    `route add ${correspondent.IPv6}/128 via ${GATEWAY} dev ${link}`,
  ];
}

function tunnelEnd({ IPv4, IPv6 }: Readonly<Record<Family, string>>): string[] {
  return [...up('core'), `addr add ${IPv6}/64 dev core nodad`, `addr add ${IPv4}/24 dev core`];
}

const configuration: Record<BenchNode, string[]> = {
  mn: [
    ...mobileNode('acc', 'ebpf', BENCH_ADDRESSES.cn.tunnel),
    ...mobileNode('uacc', 'user', BENCH_ADDRESSES.cn.user),
    ...up('lo', 'plain'),
    'addr add 203.0.113.1/24 dev plain',
    'addr add 2001:db8:beef:1::1/64 dev plain nodad',
    'addr add 203.0.113.2/24 dev plain',
    'addr add 2001:db8:beef:1::2/64 dev plain nodad',
    'route add 198.51.100.20/32 via 203.0.113.254',
    'route add 2001:db8:100::20/128 via 2001:db8:beef:1::254',
    'route add 198.51.100.30/32 via 203.0.113.254',
    'route add 2001:db8:100::30/128 via 2001:db8:beef:1::254',
  ],
  mag: [
    ...tunnelEnd(TUNNEL_ENDS.ebpf.mag),
    `link set access address ${PLAIN_MAC}`,
    ...up('lo', 'acc', 'access', 'plain'),
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
    ...tunnelEnd(TUNNEL_ENDS.ebpf.lma),
    ...up('lo', 'plain', 'inet'),
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
  umag: [...tunnelEnd(TUNNEL_ENDS.user.mag), ...up('lo', 'acc')],
  ulma: [
    ...tunnelEnd(TUNNEL_ENDS.user.lma),
    ...up('lo', 'inet'),
    'addr add 198.51.101.1/24 dev inet',
    'addr add 2001:db8:101::1/64 dev inet nodad',
  ],
  cn: [
    ...up('lo', 'inet', 'uinet'),
    ...(['tunnel', 'plain', 'vxlan', 'user'] as const).flatMap((way) => [
      `addr add ${BENCH_ADDRESSES.cn[way].IPv4}/24 dev ${LAST_LINKS[way]}`,
      `addr add ${BENCH_ADDRESSES.cn[way].IPv6}/64 dev ${LAST_LINKS[way]} nodad`,
    ]),
    'route add default via 198.51.100.1',
    'route add default via 2001:db8:100::1',
    `route add ${HOMES.user.pools[0]} via 198.51.101.1`,
    `route add ${HOMES.user.pools[1]} via 2001:db8:101::1`,
  ],
};

function settings(node: BenchNode): [string, string][] {
  const forwarding = node === 'mn' || node === 'cn' ? '0' : '1';
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
  return links.map((link) => `link set ${link} up`);
}

/** Throws `LabError`. */
export function ip(options: readonly string[], input = ''): void {
  const done = spawnSync('ip', options, { input, encoding: 'utf8' });
  if (done.status === 0) return;
  throw new LabError('ip-failed', `ip ${options.join(' ')}: ${done.error?.message ?? done.stderr.trim()}`);
}
