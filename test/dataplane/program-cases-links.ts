/** What comes from access links and correspondent nodes, and passes the devices of tunnels and VLANs. */

import { concatBytes } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { withHopTaken } from '#dataplane/ip-packet.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL, type Icmpv6Message } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import {
  ALICE,
  attached,
  BOB,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  mac,
  NODE_ADDRESS,
  NODE_ADDRESS4,
  PEER,
  PEER4,
} from './bed.ts';
import { NODE_MAC } from './kernel-bed.ts';
import { largeDatagram, largeSegment } from './large-segment.ts';
import { MARK, udpPacket } from './packets.ts';
import {
  ARP,
  ARRIVALS,
  CUSTOMERS,
  drops,
  FORBIDDING,
  first,
  framed,
  GATEWAY,
  here4,
  here6,
  home4,
  home6,
  IPV4,
  IPV6,
  MEMBERS,
  multicast4,
  multicast6,
  NOBODY,
  type Outcome,
  type ProgramCase,
  passes,
  patched,
  redirects,
  silently,
  typeOf,
} from './program-bed.ts';

const MN_LINK_LOCAL = linkLocalFromMac(ALICE);
const ofIcmpv6 = (message: Icmpv6Message, source: Ipv6Address, destination: Ipv6Address, hopLimit = 255) =>
  encodeIpv6({
    source,
    destination,
    nextHeader: ICMPV6_PROTOCOL,
    hopLimit,
    payload: encodeIcmpv6(message, source, destination),
  });
const solicited = (source: Ipv6Address, target: Ipv6Address, hopLimit = 255) => {
  const options = source.isUnspecified ? [] : [{ kind: 'source-link-layer-address', mac: ALICE } as const];
  const group = new Ipv6Address(0xff020000, 0, 1, 0xff000000 | (target.w3 & 0xffffff));
  return ofIcmpv6({ kind: 'neighbor-solicitation', target, options }, source, group, hopLimit);
};
const advertised = (destination: Ipv6Address) =>
  ofIcmpv6(
    {
      kind: 'neighbor-advertisement',
      router: true,
      solicited: !destination.isMulticast,
      override: true,
      target: LINK_LOCAL,
      options: [{ kind: 'target-link-layer-address', mac: GATEWAY }],
    },
    LINK_LOCAL,
    destination,
  );
const routers = () => ofIcmpv6({ kind: 'router-solicitation', options: [] }, MN_LINK_LOCAL, Ipv6Address.allRouters);
const patchedAt = (packet: Uint8Array, at: number, octet: number) => packet.with(at, octet);
const fromAccess = (name: string, packet: Uint8Array, outcome: Outcome, source = ALICE): ProgramCase => ({
  program: 'accessIn',
  name,
  frame: framed(GATEWAY, source, packet),
  ...outcome,
});
const GATEWAY4 = attached.defaultRouter as NonNullable<typeof attached.defaultRouter>;
const LINK_LOCAL = first.linkLocal;
const arp = (sender: IpAddress, target: IpAddress = GATEWAY4, operation: number = ArpOperation.REQUEST) =>
  encodeArp({
    operation,
    senderMac: ALICE,
    senderAddress: sender as never,
    targetMac: NOBODY,
    targetAddress: target as never,
  });
const arpReply = (target: IpAddress) =>
  encodeArp({
    operation: ArpOperation.REPLY,
    senderMac: GATEWAY,
    senderAddress: target as never,
    targetMac: ALICE,
    targetAddress: here4(0),
  });
const askedByArp = (name: string, packet: Uint8Array, outcome: Outcome): ProgramCase => ({
  program: 'accessIn',
  name: `ARP ${name}`,
  frame: framed(MacAddress.broadcast, ALICE, packet, ARP),
  ...outcome,
});
const dhcp = (sourcePort: number) =>
  udpPacket(ipv4('0.0.0.0'), ipv4('255.255.255.255'), { sourcePort, destinationPort: 67 });

export const accessCases: readonly ProgramCase[] = [
  fromAccess('IPv4 of the mobile node', udpPacket(here4(0), CORRESPONDENT4), passes),
  fromAccess('IPv6 of the mobile node', udpPacket(here6(0), CORRESPONDENT6), passes),
  fromAccess('IPv4 of another', udpPacket(here4(0), CORRESPONDENT4), drops('spoofed-source'), BOB),
  fromAccess('IPv6 of another', udpPacket(here6(0), CORRESPONDENT6), drops('spoofed-source'), BOB),
  fromAccess(
    'IPv4 of a mobile node of another link',
    udpPacket(here4(FORBIDDING), CORRESPONDENT4),
    drops('spoofed-source'),
    BOB,
  ),
  fromAccess("a tunnel's end, IPv4", udpPacket(PEER4, CORRESPONDENT4), drops('spoofed-source')),
  fromAccess("a tunnel's end, IPv6", udpPacket(PEER, CORRESPONDENT6), drops('spoofed-source')),
  fromAccess('the gateway, IPv4', udpPacket(GATEWAY4, CORRESPONDENT4), drops('spoofed-gateway')),
  fromAccess('the gateway, IPv6', udpPacket(LINK_LOCAL, CORRESPONDENT6), drops('spoofed-gateway')),
  fromAccess(
    'the link-layer address of the gateway',
    udpPacket(here4(0), CORRESPONDENT4),
    drops('spoofed-gateway'),
    GATEWAY,
  ),
  ...['127.0.0.1', '224.0.0.1', '255.255.255.255'].map((source) =>
    fromAccess(`${source} as source`, udpPacket(ipv4(source), CORRESPONDENT4), drops('invalid-source')),
  ),
  ...['::1', 'ff02::1', '::ffff:1.2.3.4'].map((source) =>
    fromAccess(`${source} as source`, udpPacket(ipv6(source), CORRESPONDENT6), drops('invalid-source')),
  ),
  fromAccess('for an end of tunnels, IPv4', udpPacket(here4(0), NODE_ADDRESS4), drops('for-tunnel-end')),
  fromAccess('for an end of tunnels, IPv6', udpPacket(here6(0), NODE_ADDRESS), drops('for-tunnel-end')),
  fromAccess('for a far end of tunnels', udpPacket(here6(0), PEER), passes),
  fromAccess('multicast, IPv4', udpPacket(here4(0), multicast4), drops('multicast')),
  fromAccess('multicast, IPv6', udpPacket(here6(0), multicast6), drops('multicast')),
  fromAccess('multicast of the link, IPv4', udpPacket(here4(0), ipv4('224.0.0.22')), passes),
  fromAccess('multicast of the link, IPv6', udpPacket(ipv6('fe80::1'), ipv6('ff02::16')), passes),
  fromAccess('of nobody, IPv4', udpPacket(ipv4('169.254.0.7'), CORRESPONDENT4), drops('no-binding')),
  fromAccess('of the link, IPv6', udpPacket(ipv6('fe80::1'), CORRESPONDENT6), drops('no-binding')),
  fromAccess('of nobody, for the gateway, IPv4', udpPacket(ipv4('169.254.0.7'), GATEWAY4), passes),
  fromAccess('of the link, for the gateway, IPv6', udpPacket(ipv6('fe80::1'), LINK_LOCAL), passes),
  fromAccess('a solicitation for the gateway', solicited(MN_LINK_LOCAL, LINK_LOCAL), {
    ...redirects,
    leaves: advertised(MN_LINK_LOCAL),
  }),
  fromAccess('a probe for the gateway', solicited(Ipv6Address.unspecified, LINK_LOCAL), {
    ...redirects,
    leaves: advertised(Ipv6Address.allNodes),
  }),
  fromAccess('a solicitation for another', solicited(MN_LINK_LOCAL, ipv6('fe80::7')), passes),
  fromAccess('a solicitation of the gateway', solicited(LINK_LOCAL, LINK_LOCAL), drops('spoofed-gateway')),
  fromAccess('a solicitation that passed a router', solicited(MN_LINK_LOCAL, LINK_LOCAL, 254), passes),
  fromAccess('a broken solicitation', patched(solicited(MN_LINK_LOCAL, LINK_LOCAL), { 42: 1 }), passes),
  fromAccess('a solicitation for routers', routers(), silently),
  fromAccess('ICMPv6 that is cut off', solicited(MN_LINK_LOCAL, LINK_LOCAL).subarray(0, 40), passes),
  fromAccess('from nowhere yet, IPv6', udpPacket(ipv6('::'), ipv6('ff02::2')), passes),
  fromAccess('to a DHCP server', dhcp(68), silently),
  fromAccess('of a DHCP relay', dhcp(67), drops('multicast')),
  fromAccess('a later fragment like DHCP', patched(dhcp(68), { 7: 1 }), drops('multicast')),
  {
    program: 'accessIn',
    name: 'ARP of the mobile node',
    frame: framed(GATEWAY, ALICE, arp(here4(0)), ARP),
    ...redirects,
    leaves: arpReply(GATEWAY4),
  },
  {
    program: 'accessIn',
    name: 'ARP of another',
    frame: framed(GATEWAY, BOB, arp(here4(0)), ARP),
    ...drops('spoofed-source'),
  },
  {
    program: 'accessIn',
    name: 'ARP of the gateway',
    frame: framed(GATEWAY, ALICE, arp(GATEWAY4), ARP),
    ...drops('spoofed-gateway'),
  },
  askedByArp('for another of the home subnet', arp(here4(0), here4(200)), {
    ...redirects,
    leaves: arpReply(here4(200)),
  }),
  askedByArp('for the gateway, of nobody yet', arp(ipv4('0.0.0.0')), redirects),
  askedByArp('that replies to the gateway', arp(here4(0), GATEWAY4, ArpOperation.REPLY), passes),
  askedByArp('for its own address', arp(here4(0), here4(0)), passes),
  askedByArp('for one beyond the home subnet', arp(here4(0), home4(0)), passes),
  askedByArp('of nobody, for one of the home subnet', arp(ipv4('0.0.0.0'), here4(200)), passes),
  askedByArp('that replies', arp(here4(0), here4(200), ArpOperation.REPLY), passes),
  askedByArp('of another hardware', patchedAt(arp(here4(0), here4(200)), 1, 6), passes),
  askedByArp('of another protocol', patchedAt(arp(here4(0), here4(200)), 2, 7), passes),
  askedByArp('with longer link-layer addresses', patchedAt(arp(here4(0), here4(200)), 4, 8), passes),
  askedByArp('with longer addresses', patchedAt(arp(here4(0), here4(200)), 5, 16), passes),
  {
    program: 'accessIn',
    name: 'ARP that is cut off',
    frame: framed(GATEWAY, ALICE, arp(here4(0)).subarray(0, 27), ARP),
    ...drops('malformed'),
  },
  {
    program: 'accessIn',
    name: 'another type of frame',
    frame: framed(GATEWAY, ALICE, new Uint8Array(60), 0x88cc),
    ...passes,
  },
  { ...fromAccess('on no access link', udpPacket(here4(0), CORRESPONDENT4), passes, BOB), port: 'lo' },
];

const fromCorrespondent = (
  program: 'coreIn' | 'coreL3In',
  name: string,
  packet: Uint8Array,
  outcome: Outcome,
  etherType = typeOf(packet),
): ProgramCase => ({ program, name, frame: framed(NODE_MAC.inet, NOBODY, packet, etherType), ...outcome });
export const coreCases: readonly ProgramCase[] = (['coreIn', 'coreL3In'] as const).flatMap((program) => {
  const arrives = (name: string, packet: Uint8Array, outcome: Outcome, etherType?: number) =>
    fromCorrespondent(program, name, packet, outcome, etherType);
  return [
    arrives('for a mobile node', udpPacket(CORRESPONDENT4, home4(0)), passes),
    arrives('another type of frame', new Uint8Array(60), passes, ARP),
    arrives('IPv4 of a mobile node', udpPacket(home4(0), CORRESPONDENT4), drops('spoofed-source')),
    arrives('IPv6 of a mobile node', udpPacket(home6(0), CORRESPONDENT6), drops('spoofed-source')),
    arrives('IPv4 of a mobile node for the host itself', udpPacket(home4(0), NODE_ADDRESS4), drops('spoofed-source')),
    arrives('IPv6 where IPv4 is said', udpPacket(home6(0), CORRESPONDENT6), passes, IPV4),
    arrives('IPv4 where IPv6 is said', udpPacket(home4(0), CORRESPONDENT4), passes, IPV6),
    arrives('for an end of tunnels', udpPacket(CORRESPONDENT6, NODE_ADDRESS), passes),
    ...[udpPacket(CORRESPONDENT4, NODE_ADDRESS4), udpPacket(CORRESPONDENT6, NODE_ADDRESS)].map((packet) => ({
      ...arrives("a customer's, for an end of tunnels", packet, drops('for-tunnel-end')),
      port: 'inet1' as const,
    })),
    { ...arrives("a customer's", udpPacket(CORRESPONDENT4, home4(CUSTOMERS)), passes), port: 'inet1' as const },
    {
      ...arrives('no interface of ours', udpPacket(home4(CUSTOMERS), CORRESPONDENT4), passes),
      port: 'lo' as const,
    },
  ];
});

const forMember = (
  name: string,
  packet: Uint8Array,
  outcome: Outcome,
  at: keyof typeof MEMBERS = 'acc',
): ProgramCase => ({
  program: 'pmipIn',
  name,
  frame: framed(ALICE, MEMBERS[at], packet),
  ...outcome,
});
const plainPacket = udpPacket(here4(0), CORRESPONDENT4);
const plain = framed(GATEWAY, ALICE, plainPacket);
export const otherCases: readonly ProgramCase[] = [
  { program: 'pmipIn', name: 'what came out of a tunnel', frame: framed(GATEWAY, NOBODY, plainPacket), ...passes },
  { program: 'pmipIn', name: 'what the daemon took in', frame: framed(GATEWAY, ARRIVALS.acc, plainPacket), ...passes },
  ...[udpPacket(CORRESPONDENT4, multicast4), udpPacket(CORRESPONDENT6, multicast6)].flatMap((packet, n) => [
    forMember(`IPv${4 + n * 2} for a group`, packet, { ...redirects, leaves: withHopTaken(packet) }),
    forMember(`IPv${4 + n * 2} for a group at no access link`, packet, drops('decapsulation-failed'), 'inet'),
    forMember(`IPv${4 + n * 2} for a group at nothing of ours`, packet, drops('decapsulation-failed'), 'lo'),
    {
      ...forMember(
        `IPv${4 + n * 2} for a group, where the frame says another version`,
        packet,
        drops('decapsulation-failed'),
      ),
      frame: framed(ALICE, MEMBERS.acc, packet, n === 0 ? IPV6 : IPV4),
    },
  ]),
  ...[multicast4, multicast6].flatMap((group, n) => {
    const far = n === 0 ? CORRESPONDENT4 : CORRESPONDENT6;
    const headers = n === 0 ? 28 : 48;
    const [whole, long] = [1500, 1501].map((octets) => udpPacket(far, group, { size: octets - headers }));
    const large = largeDatagram(far, group, 2000);
    const ofTcp = largeSegment(far, group, 2000);
    const title = `IPv${4 + n * 2} for a group`;
    const goes = (packet: Uint8Array) => ({ ...redirects, leaves: withHopTaken(packet) });
    return [
      forMember(`${title}, as long as the link carries`, whole as Uint8Array, goes(whole as Uint8Array)),
      forMember(`${title}, longer`, long as Uint8Array, { ...redirects, leaves: long as Uint8Array }),
      forMember(`${title}, of segments as long`, large, { ...goes(large), gsoSize: 1500 - headers }),
      forMember(`${title}, of longer segments`, large, { ...redirects, leaves: large, gsoSize: 1501 - headers }),
      forMember(`${title}, of longer segments of TCP`, ofTcp, { ...redirects, leaves: ofTcp, gsoSize: 1500 }),
      forMember(`${title}, of segments of TCP without header`, ofTcp.subarray(0, headers), {
        ...redirects,
        gsoSize: 9,
      }),
    ];
  }),
  { program: 'vlanIn', name: 'a frame of no VLAN', frame: plain, ...passes },
  { program: 'vlanOut', name: 'a frame for a VLAN', frame: plain, ...redirects },
  { program: 'vlanOut', name: 'at no device of a VLAN', frame: plain, port: 'acc', ...drops('encapsulation-failed') },
];

const heard = (
  name: string,
  packet: Uint8Array,
  verdict: 'shown' | 'ignored',
  source = ALICE,
  etherType = typeOf(packet),
): ProgramCase => ({
  program: 'accessFilter',
  name,
  // A test run takes an Ethernet header off before a socket filter, as no packet socket does.
  frame: concatBytes(new Uint8Array(14), framed(GATEWAY, source, packet, etherType)),
  verdict,
});
const discovery = (type: number) =>
  encodeIpv6({
    source: here6(0),
    destination: LINK_LOCAL,
    nextHeader: 58,
    hopLimit: 255,
    payload: Uint8Array.of(type, 0, 0, 0),
  });
export const filterCases: readonly ProgramCase[] = [
  heard('data of the mobile node', udpPacket(here4(0), CORRESPONDENT4), 'ignored'),
  heard('data of a stranger', udpPacket(here4(0), CORRESPONDENT4), 'shown', mac('02:00:00:00:00:77')),
  heard('ARP', arp(here4(0)), 'shown', ALICE, ARP),
  heard('a frame of IEEE 802.2', new Uint8Array(60), 'shown', ALICE, 8),
  heard('DHCP', dhcp(68), 'shown'),
  heard('DHCPv6', udpPacket(here6(0), multicast6, { destinationPort: 547 }), 'shown'),
  heard('UDP over IPv6', udpPacket(here6(0), multicast6), 'ignored'),
  heard(
    'reports of multicast listeners',
    encodeIpv6({ source: here6(0), destination: multicast6, nextHeader: 0, hopLimit: 1, payload: MARK }),
    'shown',
  ),
  ...[133, 135, 136].map((type) => heard(`ICMPv6 ${type}`, discovery(type), 'shown')),
  heard('ICMPv6 128', discovery(128), 'ignored'),
  heard(
    'TCP over IPv6',
    encodeIpv6({ source: here6(0), destination: CORRESPONDENT6, nextHeader: 6, hopLimit: 1, payload: MARK }),
    'ignored',
  ),
];
