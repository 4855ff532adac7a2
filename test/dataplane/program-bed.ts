/** The bed of `program-cases.ts`: a node, its bindings, and how packets get to the programs. */
import { concatBytes, writeU16 } from '#base/bytes.ts';
import { MacAddress } from '#base/mac-address.ts';
import type {
  AccessForwarding,
  AnchorForwarding,
  FilterRule,
  Forwarding,
  NodeForwarding,
  Path,
} from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { flowLabelOf } from '#dataplane/flow-label.ts';
import { type IpHeader, readIpHeader } from '#dataplane/ip-packet.ts';
import type { PmipPrograms } from '#host/bpf-programs.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';
import {
  anchored,
  attached,
  BOB,
  ipv4,
  ipv6,
  mac,
  NODE_ADDRESS,
  NODE_ADDRESS4,
  node,
  PEER4,
  path,
  prefix6,
  STRANGER,
} from './bed.ts';
import { mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import { ip, type KernelBed, kernelBed, NODE_MAC, NODE_NAMESPACE } from './kernel-bed.ts';

export type ProgramName = keyof PmipPrograms;
/** Interfaces of the bed. */
export type Port = 'core' | 'acc' | 'acc2' | 'acc2.7' | 'inet' | 'inet1' | 'pmip0' | 'lo';

/** One packet. */
export interface ProgramCase {
  readonly program: ProgramName;
  readonly name: string;
  readonly frame: Uint8Array;
  /** Where; that of the program unless told. */
  readonly port?: Port;
  readonly mark?: number;
  readonly gsoSize?: number;
  /** It comes a second time at once, and only then what becomes of it counts. */
  readonly twice?: boolean;
  /** Only when little time has passed since another case. */
  readonly soon?: boolean;
  readonly verdict: 'pass' | 'drop' | 'redirect' | 'ignored' | 'shown';
  /** The counter that goes up, and no other. */
  readonly reason?: DropReason;
  /** The IP packet that the frame then has, or begins with. */
  readonly leaves?: Uint8Array;
}

/** Where each program runs. */
export const PORTS: Readonly<Record<ProgramName, Port>> = {
  encap: 'pmip0',
  pmipIn: 'pmip0',
  decap: 'core',
  accessIn: 'acc',
  coreIn: 'inet',
  coreL3In: 'inet',
  neighbours: 'inet',
  vlanIn: 'acc2',
  vlanOut: 'acc2.7',
  accessFilter: 'acc',
};

export const any = { address: ipv4('0.0.0.0'), wildcard: ipv4('255.255.255.255') };
export const rule = (fields: Partial<FilterRule>): FilterRule => ({
  action: 'permit',
  protocol: 'ip',
  source: any,
  destination: any,
  established: false,
  ...fields,
});
export const DENIED_PORT = 9;
export const DENIED_TCP = 80;
export const rules = [
  rule({ action: 'deny', protocol: 17, destinationPorts: { low: DENIED_PORT, high: DENIED_PORT, except: false } }),
  rule({ protocol: 6, established: true }),
  rule({ protocol: 6, sourcePorts: { low: 5000, high: 5000, except: false } }),
  rule({ action: 'deny', protocol: 6 }),
  rule({}),
];
export const [first, second] = node.accessInterfaces as [
  NodeForwarding['accessInterfaces'][0],
  NodeForwarding['accessInterfaces'][0],
];
export const VLAN = { name: 'GigabitEthernet0/1/1.7', linkName: 'acc2.7', vlan: { parent: 'acc2', id: 7 } };

/** Of the bed that has customers. */
export const casesNode: NodeForwarding = {
  ...node,
  maximumBindings: 64,
  correspondentInterfaces: ['inet'],
  customers: [{ number: 1, table: 101, pools: node.pools, correspondentInterfaces: ['inet1'] }],
  accessInterfaces: [
    { ...first, localRouting: true, tcpMss: { ipv4: 1200, ipv6: 1100 } },
    second,
    { ...second, ...VLAN },
  ],
  tunnelFilters: { anchor: { name: 'a', rules }, access: { name: 'b', rules } },
};

/** Its pools lie on the links of its own correspondent nodes and of its customer's. */
export function casesBed(): KernelBed {
  const bed = kernelBed({ forwarding: casesNode });
  for (const link of ['inet', 'inet1'])
    for (const address of ['192.0.0.1/16', '2001:db8:f000::1/36'])
      ip(['-n', NODE_NAMESPACE, 'addr', 'add', address, 'dev', link, 'nodad']);
  bed.inside(() => bed.plane.reconfigure(casesNode));
  return bed;
}

export const home4 = (i: number) => ipv4(`192.0.2.${i + 1}`);
export const home6 = (i: number) => ipv6(`2001:db8:f00d:${i + 1}::9`);
export const here4 = (i: number) => ipv4(`203.0.113.${i + 1}`);
export const here6 = (i: number) => ipv6(`2001:db8:beef:${i + 1}::9`);
export const anchor = (i: number, fields: Partial<AnchorForwarding> = {}): AnchorForwarding => ({
  ...anchored,
  id: `anchor-${i}`,
  homeAddress: home4(i),
  prefixes: [prefix6(`2001:db8:f00d:${i + 1}::/64`)],
  ...fields,
});
export const access = (i: number, fields: Partial<AccessForwarding> = {}): AccessForwarding => ({
  ...attached,
  id: `access-${i}`,
  homeAddress: here4(i),
  prefixes: [prefix6(`2001:db8:beef:${i + 1}::/64`)],
  localRouting: false,
  ...fields,
});
export const between = ({ encapsulation, ends: { local, remote } }: (typeof TUNNELS)[number]): Path => ({
  encapsulation,
  local,
  remote,
});
/** Bindings beside one of each kind for each tunnel. */
export const UNREACHABLE = 20;
export const BEHIND_NAT = 21;
export const NEIGHBOURS = [22, 23] as const;
export const FORBIDDING = 24;
export const BOTH = 25;
export const CUSTOMERS = 26;
export const AS_GATEWAY = 27;
export const translated: Path = {
  encapsulation: { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false, translated: true },
  local: NODE_ADDRESS4,
  remote: PEER4,
};
export const customersPath: Path = { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS, remote: STRANGER };

/** Of the tunnels with keys, which all have the same. */
const OWN_KEY = 'GRE with keys over IPv4';
export const casesBindings: readonly Forwarding[] = [
  ...TUNNELS.flatMap((tunnel, i) => [
    anchor(i, { paths: [between(tunnel)] }),
    access(i, { paths: [between(tunnel)], ...(tunnel.name === OWN_KEY && { hasOwnKey: true }) }),
  ]),
  anchor(UNREACHABLE, { paths: [{ ...path, remote: ipv6('2001:db8:dead::1') }] }),
  anchor(BEHIND_NAT, { paths: [translated] }),
  access(NEIGHBOURS[0], { localRouting: true }),
  access(NEIGHBOURS[1], { mac: BOB, localRouting: true }),
  access(FORBIDDING, { mac: BOB, interface: second.name, localRouting: false }),
  anchor(BOTH),
  access(BEHIND_NAT, { paths: [translated] }),
  access(AS_GATEWAY, { localRouting: undefined as never }),
  access(BOTH, {
    homeAddress: home4(BOTH),
    prefixes: [prefix6(`2001:db8:f00d:${BOTH + 1}::/64`)],
    paths: [translated],
  }),
  anchor(CUSTOMERS, { customer: 1, paths: [customersPath] }),
];

export const NOBODY = MacAddress.read(new Uint8Array(6));
export const GATEWAY = MacAddress.pmipv6Mag;
/** Stand for interfaces; see `withArrival`. */
export const ARRIVALS = {
  acc: mac('06:00:00:00:00:01'),
  inet: mac('06:00:00:00:00:02'),
  lo: mac('06:00:00:00:00:03'),
} as const;
/** The same, of what is for a mobile node on that link. */
export const MEMBERS = {
  acc: mac('0a:00:00:00:00:01'),
  inet: mac('0a:00:00:00:00:02'),
  lo: mac('0a:00:00:00:00:03'),
} as const;
export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;
export const ARP = 0x0806;
export const typeOf = (packet: Uint8Array) => ((packet[0] as number) >>> 4 === 4 ? IPV4 : IPV6);
export const framed = (destination: MacAddress, source: MacAddress, packet: Uint8Array, etherType = typeOf(packet)) => {
  const header = new Uint8Array(14);
  destination.write(header, 0);
  source.write(header, 6);
  writeU16(header, 12, etherType);
  return concatBytes(header, packet);
};
/** Octets of a packet changed, and its IPv4 checksum, if it is one, made right. */
export const patched = (packet: Uint8Array, changes: Readonly<Record<number, number>>) => {
  const copy = Uint8Array.from(packet);
  for (const [at, octet] of Object.entries(changes)) copy[Number(at)] = octet;
  if ((copy[0] as number) >>> 4 !== 4) return copy;
  writeU16(copy, 10, 0);
  writeU16(copy, 10, foldChecksum(sumOctets(copy, 0, 20)));
  return copy;
};
export const passes = { verdict: 'pass' } as const;
export const redirects = { verdict: 'redirect' } as const;
export const drops = (reason: DropReason) => ({ verdict: 'drop', reason }) as const;
export const silently = { verdict: 'drop' } as const;
export type Outcome = Omit<ProgramCase, 'program' | 'name' | 'frame'>;

export const fromTransport = (name: string, packet: Uint8Array, outcome: Outcome): ProgramCase => ({
  program: 'decap',
  name,
  frame: framed(NODE_MAC.core, NOBODY, packet),
  ...outcome,
});
export const tunnel = (name: string) => {
  const i = TUNNELS.findIndex((one) => one.name === name);
  return { i, path: between(TUNNELS[i] as (typeof TUNNELS)[number]) };
};
export const inTunnel = (path: Path, inner: Uint8Array, options = {}) => tunnelPacket(mirrored(path), inner, options);
export const GRE6 = tunnel('GRE over IPv6');
export const KEYED6 = tunnel('GRE with keys over IPv6');
export const KEYED4 = tunnel(OWN_KEY);
export const UDP = tunnel('UDP');
export const TLV = tunnel('UDP with the TLV header');
export const TLV_GRE = tunnel('GRE with keys in UDP');
export const IN4 = tunnel('IPv4');
export function labelled(packet: Uint8Array) {
  return { flowLabel: flowLabelOf(packet, readIpHeader(packet) as IpHeader) };
}

/** As the daemon hands a packet to the device, that had come in there; `index` is put in by who knows it. */
export function arrived(
  name: string,
  packet: Uint8Array,
  outcome: Outcome,
  from: keyof typeof ARRIVALS = 'inet',
): ProgramCase {
  return { program: 'encap', name, frame: framed(NOBODY, ARRIVALS[from], packet), ...outcome };
}
export function fromCore(name: string, packet: Uint8Array, outcome: Outcome): ProgramCase {
  return { program: 'encap', name, frame: framed(GATEWAY, NOBODY, packet), ...outcome };
}
export function ofMobileNode(name: string, packet: Uint8Array, outcome: Outcome): ProgramCase {
  return arrived(name, packet, outcome, 'acc');
}

/** The frame with the index of the interface that its source address stands for. */
export function withArrival(frame: Uint8Array, indexOf: (port: Port) => number): Uint8Array {
  const standIns = [...Object.entries(ARRIVALS), ...Object.entries(MEMBERS)];
  const found = standIns.find(([, address]) => address.equals(MacAddress.read(frame, 6)));
  if (!found) return frame;
  const copy = Buffer.from(frame);
  copy.writeUInt32LE(indexOf(found[0] as Port), 8);
  return copy;
}

export const multicast4 = ipv4('239.1.1.1');
export const multicast6 = ipv6('ff0e::1');
