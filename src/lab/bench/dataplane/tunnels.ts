/** What the planes of the benchmark forward: one mobile node through one tunnel at a time. */
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Encapsulation, Forwarding, NodeForwarding } from '#dataplane/desired.ts';

/** Whose planes they are: programs in the kernel, or processes. */
export type PlaneKind = 'ebpf' | 'user';
export type PlaneRole = 'mag' | 'lma';
export type Family = 'IPv4' | 'IPv6';

export interface BenchTunnel {
  readonly name: string;
  readonly transport: Family;
  /** As the gateway has it; both keys are the same. */
  readonly encapsulation: Encapsulation;
}

const KEYS = { send: 0x5213, receive: 0x5213 };
const UDP = { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false } as const;

export const BENCH_TUNNELS: readonly BenchTunnel[] = [
  { name: 'IPv6', transport: 'IPv6', encapsulation: { kind: 'ip' } },
  { name: 'GRE over IPv6', transport: 'IPv6', encapsulation: { kind: 'gre' } },
  { name: 'GRE with keys over IPv6', transport: 'IPv6', encapsulation: { kind: 'gre', keys: KEYS } },
  { name: 'IPv4', transport: 'IPv4', encapsulation: { kind: 'ip' } },
  { name: 'GRE over IPv4', transport: 'IPv4', encapsulation: { kind: 'gre' } },
  { name: 'GRE with keys over IPv4', transport: 'IPv4', encapsulation: { kind: 'gre', keys: KEYS } },
  { name: 'UDP', transport: 'IPv4', encapsulation: UDP },
  { name: 'UDP at port 5436', transport: 'IPv4', encapsulation: { ...UDP, localPort: 5436, remotePort: 5436 } },
  { name: 'UDP with TLV header', transport: 'IPv4', encapsulation: { ...UDP, tlvHeader: true } },
  { name: 'GRE in UDP', transport: 'IPv4', encapsulation: { ...UDP, tlvHeader: true, gre: {} } },
  { name: 'GRE with keys in UDP', transport: 'IPv4', encapsulation: { ...UDP, tlvHeader: true, gre: { keys: KEYS } } },
];

export const STATION = '02:00:00:00:00:a1';

/** Addresses of the routers at the link that tunnels go through. */
export const TUNNEL_ENDS = {
  ebpf: {
    mag: { IPv6: '2001:db8:cafe::15', IPv4: '198.18.0.15' },
    lma: { IPv6: '2001:db8:cafe::101', IPv4: '198.18.0.101' },
  },
  user: {
    mag: { IPv6: '2001:db8:caff::15', IPv4: '198.18.1.15' },
    lma: { IPv6: '2001:db8:caff::101', IPv4: '198.18.1.101' },
  },
} as const satisfies Record<PlaneKind, Record<PlaneRole, Record<Family, string>>>;

/** Of the mobile node, by the planes that it is reached through. */
export const HOMES = {
  ebpf: {
    IPv4: '192.0.2.1',
    IPv6: '2001:db8:f00d:1::1',
    gateway: '192.0.2.254',
    pools: ['192.0.2.0/24', '2001:db8:f00d::/48'],
  },
  user: {
    IPv4: '192.0.3.1',
    IPv6: '2001:db8:f00e:1::1',
    gateway: '192.0.3.254',
    pools: ['192.0.3.0/24', '2001:db8:f00e::/48'],
  },
} as const;

/** Past the stack, with `express`. */
export function forwardingNode(kind: PlaneKind, role: PlaneRole, express: boolean): NodeForwarding {
  const { IPv4, IPv6 } = TUNNEL_ENDS[kind][role];
  const [pool4, pool6] = HOMES[kind].pools;
  const access = {
    name: 'acc',
    linkName: 'acc',
    mac: MacAddress.pmipv6Mag,
    linkLocal: parse(Ipv6Address, 'fe80::200:5eff:fe00:5213'),
    addresses: [],
  };
  return {
    pools:
      role === 'lma' ? { ipv4: [parse(Ipv4Prefix, pool4)], ipv6: [parse(Ipv6Prefix, pool6)] } : { ipv4: [], ipv6: [] },
    accessInterfaces: role === 'mag' ? [access] : [],
    ...(role === 'lma' && { correspondentInterfaces: ['inet'] }),
    express,
    localAddresses: [parse(Ipv6Address, IPv6), parse(Ipv4Address, IPv4)],
    tunnelMtu: 1452,
    maximumBindings: 16,
  };
}

/** The mobile node's binding at one of the routers. */
export function boundThrough({ transport, encapsulation }: BenchTunnel, kind: PlaneKind, role: PlaneRole): Forwarding {
  const home = HOMES[kind];
  const end = (of: PlaneRole): IpAddress => {
    const address = TUNNEL_ENDS[kind][of][transport];
    return transport === 'IPv4' ? parse(Ipv4Address, address) : parse(Ipv6Address, address);
  };
  const common = {
    id: 'mn',
    customer: 0,
    homeAddress: parse(Ipv4Address, home.IPv4),
    prefixes: [new Ipv6Prefix(parse(Ipv6Address, home.IPv6), 64)],
    paths: [{ encapsulation, local: end(role), remote: end(role === 'mag' ? 'lma' : 'mag') }],
  } as const;
  if (role === 'lma') return { ...common, kind: 'anchor' };
  const defaultRouter = parse(Ipv4Address, home.gateway);
  const mac = parse(MacAddress, STATION);
  return { ...common, kind: 'access', interface: 'acc', mac, homePrefixLength: 24, defaultRouter };
}

function parse<T>(type: { parse(text: string): T | undefined }, text: string): T {
  return type.parse(text) as T;
}
