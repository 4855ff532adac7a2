/** Who pretends to be another, on a running LMA and MAG: nothing goes through, and each kind has a counter of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { AccessListRow, DataplaneView } from '#cli/show/index.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeGre } from '#wire/gre.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { tunnelled, udpPacket } from '../dataplane/packets.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle, root } from './network.ts';

type Address = Ipv4Address | Ipv6Address;

const [ALICE, BOB, STRANGER] = [1, 2, 3].map((n) => new MacAddress(0x0224, 0xd78e2100 + n)) as MacAddress[] as [
  MacAddress,
  MacAddress,
  MacAddress,
];
const ip = (text: string) => (Ipv4Address.parse(text) ?? Ipv6Address.parse(text)) as Address;
const [ROUTER, LINK_LOCAL] = [ip('192.0.2.254'), ip('fe80::200:5eff:fe00:5213')];
const [FAR4, FAR6] = [ip('198.51.100.10'), ip('2001:db8:100::10')];
const OTHER_MAG = Ipv6Address.parse('2001:db8:cafe:1026::15') as Ipv6Address;
const UNKNOWN = Ipv6Address.parse('2001:db8:cafe:1099::1') as Ipv6Address;
/** Applied to the tunnels of both; the pool is that of the example. */
const ACCESS_LIST = `ip access-list extended isolated
 deny ip 192.0.2.0 0.0.0.255 192.0.2.0 0.0.0.255
 deny udp any any eq 7
 permit ip any any
`;
const PLANES = process.env.MOORING_NIGHTLY ? (['ebpf', 'user'] as const) : (['ebpf'] as const);

describe.skipIf(obstacle !== '').each(PLANES)(
  `spoofing with the data plane %s (${obstacle || 'root, BPF'})`,
  (plane) => {
    let network: Network;
    afterEach(() => network.remove());

    it('is dropped and counted under its own reason, and access lists count what they decide on in both families', async () => {
      network = new Network(`mti${process.pid}`);
      const textOf = (example: string) =>
        `${readFileSync(join(root, 'examples', example), 'utf8').replace(/^end\n/m, '')}${ACCESS_LIST}!\n`;
      const start = (role: 'lma' | 'mag', example: string, section: string) => {
        const file = join(network.directory, example);
        writeFileSync(file, `${textOf(example)}${section}`);
        return network.start(role, file, `${role}.sock`, '--data-plane', plane);
      };
      const mag1 = 'ipv6 mobile pmipv6-mag M1 domain D1\n tunnel acl isolated\n';
      const lma = start('lma', 'lma.cfg', 'ipv6 mobile pmipv6-lma lma1 domain D1\n tunnel acl isolated\n');
      const mag = start('mag', 'mag1.cfg', mag1);
      await Promise.all([lma.ready(), mag.ready()]);
      network.transmit(encodeLayer2Update(ALICE), encodeLayer2Update(BOB));
      const [alice, bob] = await eventually(() => addresses(mag, ALICE, BOB), 30_000);
      const sent = { network, lma, mag, alice, bob };
      for (const spoof of spoofs(sent)) await expectDropped(sent, spoof);

      network.transmit(...[FAR4, FAR6].map((far) => framed(BOB, udpPacket(of(bob, far), far, { destinationPort: 7 }))));
      await matches(mag, [0, 2, 0]);
      network.transmit(framed(ALICE, udpPacket(alice.ipv6, bob.ipv6)));
      await matches(mag, [0, 2, 2]);
      await matches(lma, [0, 0, 2]);
      // Of one pool, which keeps its mobile nodes from each other.
      network.transmit(framed(ALICE, udpPacket(alice.ipv4, bob.ipv4)));
      await matches(mag, [1, 2, 2]);
      // Straight to the other one, and through the same access list.
      await mag.request('reconfigure', { text: `${textOf('mag1.cfg')}${mag1} local-routing-mag\n` });
      network.transmit(framed(ALICE, udpPacket(alice.ipv6, bob.ipv6)), framed(ALICE, udpPacket(alice.ipv4, bob.ipv4)));
      await matches(mag, [2, 2, 3]);
      await matches(lma, [0, 0, 2]);
    }, 90_000);
  },
);

interface MobileNode {
  readonly ipv4: Address;
  readonly ipv6: Address;
}

interface Bed {
  readonly network: Network;
  readonly lma: Daemon;
  readonly mag: Daemon;
  readonly alice: MobileNode;
  readonly bob: MobileNode;
}

interface Spoof {
  readonly what: string;
  readonly reason: DropReason;
  readonly frame: Uint8Array;
  /** What reaches the LMA from a host of the transport network; otherwise it is Bob's link to the MAG. */
  readonly atAnchor?: true;
}

function spoofs({ alice, bob }: Bed): Spoof[] {
  const packet = (
    what: string,
    reason: DropReason,
    source: Address,
    options: { mac?: MacAddress; to?: Address } = {},
  ) => {
    const to = options.to ?? (source instanceof Ipv4Address ? FAR4 : FAR6);
    return { what, reason, frame: framed(options.mac ?? BOB, udpPacket(source as never, to as never)) };
  };
  const arp = (what: string, reason: DropReason, senderAddress: Address) => ({
    what,
    reason,
    frame: framed(BOB, arpRequest(senderAddress as Ipv4Address, bob.ipv4 as Ipv4Address), EtherType.ARP),
  });
  const outer = (what: string, reason: DropReason, bytes: Uint8Array) =>
    ({ what, reason, frame: bytes, atAnchor: true }) as const;
  const inner = udpPacket(alice.ipv4 as never, FAR4 as never);
  const foreign = udpPacket(FAR4 as never, FAR4 as never);
  const gre = encodeGre({
    protocol: EtherType.IPV4,
    checksum: false,
    key: undefined,
    sequence: undefined,
    payload: inner,
  });
  return [
    packet("another's IPv4 address", 'spoofed-source', alice.ipv4),
    packet("another's IPv6 address", 'spoofed-source', alice.ipv6),
    packet("its own address with another's MAC address", 'spoofed-source', bob.ipv4, { mac: ALICE }),
    packet('its own address with a MAC address of nobody', 'spoofed-source', bob.ipv6, { mac: STRANGER }),
    arp("ARP of another's address", 'spoofed-source', alice.ipv4),
    packet("the gateway's MAC address", 'spoofed-gateway', bob.ipv4, { mac: MacAddress.pmipv6Mag }),
    packet("the gateway's IPv4 address", 'spoofed-gateway', ROUTER),
    packet("the gateway's link-local address", 'spoofed-gateway', LINK_LOCAL),
    arp("ARP of the gateway's address", 'spoofed-gateway', ROUTER),
    packet('IPv4 multicast as source', 'invalid-source', ip('224.0.0.9')),
    packet('IPv6 multicast as source', 'invalid-source', ip('ff02::1')),
    packet('broadcast as source', 'invalid-source', ip('255.255.255.255')),
    packet('to an IPv4 group', 'multicast', bob.ipv4, { to: ip('239.1.2.3') }),
    packet('to an IPv6 group', 'multicast', bob.ipv6, { to: ip('ff0e::1') }),
    packet('a link-local address, to elsewhere', 'no-binding', ip('fe80::b0b')),
    packet('an address that nobody is bound to', 'no-binding', ip('192.0.2.200')),
    packet("the LMA's address", 'spoofed-source', anchor),
    packet('to where tunnels end', 'for-tunnel-end', bob.ipv6, { to: gateway }),
    outer("another MAG's address outside", 'tunnel-wrong-peer', tunnelled(OTHER_MAG, anchor, inner)),
    outer('an address of nobody outside', 'tunnel-unknown-peer', tunnelled(UNKNOWN, anchor, foreign)),
    outer('a source inside that is not bound', 'tunnel-no-binding', tunnelled(gateway, anchor, foreign)),
    outer(
      'GRE where the binding has none',
      'tunnel-wrong-type',
      encodeIpv6({ source: gateway, destination: anchor, nextHeader: 47, hopLimit: 60, payload: gre }),
    ),
  ];
}

async function expectDropped({ network, lma, mag }: Bed, { what, reason, frame, atAnchor }: Spoof): Promise<void> {
  const daemon = atAnchor ? lma : mag;
  const before = await dropsOf(daemon);
  if (atAnchor) network.transmitFrom('mag', 'core', framedForAnchor(network, frame));
  else network.transmit(frame);
  const more = await eventually(async () => {
    const after = await dropsOf(daemon);
    const kinds = Object.keys(after).filter((kind) => kind !== 'slow-path-unexpected' && after[kind] !== before[kind]);
    return kinds.length > 0 ? kinds.map((kind) => `${kind} ${(after[kind] ?? 0) - (before[kind] ?? 0)}`) : undefined;
  }).catch(() => []);
  expect(more, what).toEqual([`${reason} 1`]);
}

async function dropsOf(daemon: Daemon): Promise<Readonly<Record<string, number>>> {
  return (await daemon.request<DataplaneView>('show', { query: 'dataplane' })).drops;
}

async function matches(daemon: Daemon, wanted: readonly number[]): Promise<void> {
  const read = async () =>
    (await daemon.request<AccessListRow[]>('show', { query: 'access-lists' }))[0]?.rules.map((rule) => rule.matches);
  await eventually(async () => `${await read()}` === `${wanted}` || undefined).catch(() => {});
  expect(await read()).toEqual(wanted);
}

async function addresses(mag: Daemon, ...macs: MacAddress[]): Promise<[MobileNode, MobileNode] | undefined> {
  const rows = await mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const found = macs.flatMap((mac) => {
    const row = rows.find(({ state, llid }) => state === 'ACTIVE' && llid === mac.toCiscoString());
    const [prefix] = row?.hnps ?? [];
    return row?.hoa && prefix ? [{ ipv4: ip(row.hoa), ipv6: ip(`${prefix.replace(/\/\d+$/, '')}1`) }] : [];
  });
  return found.length === macs.length ? (found as [MobileNode, MobileNode]) : undefined;
}

function of({ ipv4, ipv6 }: MobileNode, like: Address): Address {
  return like instanceof Ipv4Address ? ipv4 : ipv6;
}

function framed(source: MacAddress, payload: Uint8Array, etherType: number = typeOf(payload)): Uint8Array {
  return encodeEthernet({ destination: MacAddress.pmipv6Mag, source, tags: [], etherType, payload });
}

function framedForAnchor(network: Network, payload: Uint8Array): Uint8Array {
  const [link] = JSON.parse(network.ip('lma', '-json', 'link', 'show', 'core')) as [{ address: string }];
  const destination = MacAddress.parse(link.address) as MacAddress;
  return encodeEthernet({ destination, source: STRANGER, tags: [], etherType: EtherType.IPV6, payload });
}

function arpRequest(senderAddress: Ipv4Address, targetAddress: Ipv4Address): Uint8Array {
  const unknown = new MacAddress(0, 0);
  return encodeArp({
    operation: ArpOperation.REQUEST,
    senderMac: BOB,
    senderAddress,
    targetMac: unknown,
    targetAddress,
  });
}

function typeOf(packet: Uint8Array): number {
  return (packet[0] as number) >>> 4 === 4 ? EtherType.IPV4 : EtherType.IPV6;
}
