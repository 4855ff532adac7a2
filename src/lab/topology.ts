import { MacAddress } from '#base/mac-address.ts';

/**
 * The lab's network: who is there, how they are wired and which addresses they have.
 *
 * ```
 *  mn ── air ─┬─ ap1 ── mag1 ─┬─ core ── lma ── cn
 *             └─ ap2 ── mag2 ─┘
 * ```
 * Everything here is text for `ip -batch`; `namespaces.ts` runs it.
 */
export const nodes = ['mn', 'air', 'ap1', 'ap2', 'mag1', 'mag2', 'core', 'lma', 'cn'] as const;
export type NodeName = (typeof nodes)[number];

export const stationMac = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
/** The addresses of the correspondent node. */
export const correspondent = { ipv4: '198.51.100.10', ipv6: '2001:db8:100::10' } as const;
export const anchorAddress = '2001:db8:cafe:1024::101';
/** At the core, where there is one. */
export const radiusServer = { address: '10.8.24.8', secret: 'lab-radius' } as const;

export const accessPoints = ['ap1', 'ap2'] as const;
export type AccessPoint = (typeof accessPoints)[number];
/** The gateway that an access point is wired to. */
export const gatewayOf = { ap1: 'mag1', ap2: 'mag2' } as const;
export type Gateway = (typeof gatewayOf)[AccessPoint];

/** The name of a node's network namespace. */
export function namespaceOf(prefix: string, node: NodeName): string {
  return `${prefix}-${node}`;
}

/** Creates the namespaces. */
export function namespaceBatch(prefix: string): string {
  return lines(...nodes.map((node) => `netns add ${namespaceOf(prefix, node)}`));
}

/** The links that can be impaired: their ends have the same names either way. */
export const impairableLinks = [
  { a: { node: 'mag1', name: 'core' }, b: { node: 'core', name: 'mag1' } },
  { a: { node: 'mag2', name: 'core' }, b: { node: 'core', name: 'mag2' } },
] as const;

/** Creates the links between the namespaces; the impairable ones only where the kernel is to make them. */
export function linkBatch(prefix: string, impaired: boolean): string {
  const link = (a: NodeName, aLink: string, b: NodeName, bLink: string) =>
    `link add name ${aLink} netns ${namespaceOf(prefix, a)} type veth peer name ${bLink} netns ${namespaceOf(prefix, b)}`;
  return lines(
    link('mn', 'eth0', 'air', 'mn'),
    link('air', 'ap1', 'ap1', 'air'),
    link('air', 'ap2', 'ap2', 'air'),
    link('ap1', 'wire', 'mag1', 'acc'),
    link('ap2', 'wire', 'mag2', 'acc'),
    ...(impaired ? [] : impairableLinks.map(({ a, b }) => link(a.node, a.name, b.node, b.name))),
    link('lma', 'core', 'core', 'lma'),
    link('lma', 'inet', 'cn', 'eth0'),
  );
}

/** What to set below /proc/sys/net of a node before it has links, which take over the defaults. */
export function kernelSettings(node: NodeName): Record<string, string> {
  if (node === 'air' || node === 'ap1' || node === 'ap2') {
    return { 'ipv6/conf/all/disable_ipv6': '1', 'ipv6/conf/default/disable_ipv6': '1' };
  }
  if (node === 'mn') return {}; // an ordinary host: whatever the kernel does by itself
  const forwarding = node === 'cn' ? '0' : '1';
  return {
    'ipv6/conf/all/forwarding': forwarding,
    'ipv4/ip_forward': forwarding,
    'ipv4/conf/all/rp_filter': '0',
    'ipv4/conf/default/rp_filter': '0',
    'ipv6/conf/all/accept_dad': '0',
    'ipv6/conf/default/accept_dad': '0',
    'ipv6/conf/default/accept_ra': '0',
  };
}

/** Addresses, routes and bridges of one node; the links come up, the mobile node's excepted. */
export function nodeBatch(node: NodeName): string {
  return lines('link set lo up', ...configuration[node]);
}

function accessPointLines(): string[] {
  return [
    'link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
    'link set air master br0',
    'link set wire master br0',
    ...up('air', 'wire', 'br0'),
  ];
}

function gatewayLines(network: number): string[] {
  return [...up('acc', 'core'), ...transport('core', network, 15), ...transportRoutes(network)];
}

function transport(link: string, network: number, host: number): string[] {
  return [
    `addr add 2001:db8:cafe:10${network}::${host}/64 dev ${link} nodad`,
    `addr add 10.8.${network}.${host}/24 dev ${link}`,
  ];
}

function transportRoutes(network: number): string[] {
  return [
    `route add 2001:db8:cafe::/48 via 2001:db8:cafe:10${network}::8`,
    `route add 10.8.0.0/16 via 10.8.${network}.8`,
  ];
}

function up(...links: string[]): string[] {
  return links.map((link) => `link set ${link} up`);
}

const configuration: Record<NodeName, string[]> = {
  mn: [`link set eth0 address ${stationMac}`],
  air: up('mn', 'ap1', 'ap2'),
  ap1: accessPointLines(),
  ap2: accessPointLines(),
  mag1: gatewayLines(25),
  mag2: gatewayLines(26),
  core: [
    ...up('mag1', 'mag2', 'lma'),
    ...transport('mag1', 25, 8),
    ...transport('mag2', 26, 8),
    ...transport('lma', 24, 8),
  ],
  lma: [
    ...up('core', 'inet'),
    ...transport('core', 24, 101),
    ...transportRoutes(24),
    'addr add 198.51.100.1/24 dev inet',
    'addr add 2001:db8:100::1/64 dev inet nodad',
  ],
  cn: [
    ...up('eth0'),
    `addr add ${correspondent.ipv4}/24 dev eth0`,
    `addr add ${correspondent.ipv6}/64 dev eth0 nodad`,
    'route add default via 198.51.100.1',
    'route add default via 2001:db8:100::1',
  ],
};

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}
