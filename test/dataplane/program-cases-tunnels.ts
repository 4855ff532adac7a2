/** What comes to an end of tunnels. */

import { concatBytes } from '#base/bytes.ts';
import type { Path } from '#dataplane/desired.ts';
import { keepalive } from '#dataplane/keepalive.ts';
import { encodeGre } from '#wire/gre.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import {
  BOB,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  NODE_ADDRESS4,
  PEER,
  PEER4,
  path,
  STRANGER,
} from './bed.ts';
import { FAMILIES, mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import { NODE_MAC } from './kernel-bed.ts';
import { fragments, udpPacket } from './packets.ts';
import {
  BEHIND_NAT,
  between,
  CUSTOMERS,
  customersPath,
  DENIED_PORT,
  drops,
  framed,
  fromTransport,
  GRE6,
  here4,
  here6,
  home4,
  home6,
  IN4,
  IPV4,
  IPV6,
  inTunnel,
  KEYED4,
  KEYED6,
  multicast4,
  multicast6,
  NOBODY,
  type Outcome,
  type ProgramCase,
  passes,
  patched,
  redirects,
  TLV,
  TLV_GRE,
  translated,
  UDP,
} from './program-bed.ts';
import { segment } from './tcp-segments.ts';

/** Where the correspondent nodes of a customer are. */
const fromCustomer = (name: string, packet: Uint8Array, outcome: Outcome): ProgramCase => ({
  program: 'decap',
  name,
  frame: framed(NODE_MAC.inet, NOBODY, packet),
  port: 'inet1',
  ...outcome,
});
const up4 = (i: number, options = {}) => udpPacket(home4(i), CORRESPONDENT4, options);
const up6 = (i: number, options = {}) => udpPacket(home6(i), CORRESPONDENT6, options);
const up = up4(0);
const overIpv6 = (nextHeader: number, payload: Uint8Array) =>
  encodeIpv6({ source: PEER, destination: NODE_ADDRESS, nextHeader, payload, hopLimit: 64 });
const overIpv4 = (protocol: number, payload: Uint8Array) =>
  encodeIpv4({ source: PEER4, destination: NODE_ADDRESS4, protocol, payload, ttl: 64 });
const gre = (fields: object) =>
  encodeGre({ checksum: false, sequence: undefined, key: undefined, protocol: IPV4, payload: up, ...fields });
const udpTo = (port: number, payload: Uint8Array) =>
  overIpv4(17, concatBytes(Uint8Array.of(0x15, 0x3d, port >> 8, port & 255, 0, 8 + payload.length, 0, 0), payload));
const encapsulationLimit = (length: number) => Uint8Array.of(4, length, 4, 1, 4, 1, 0, 0);

export const decapCases: readonly ProgramCase[] = [
  ...TUNNELS.flatMap((one, i) =>
    [up4(i), up6(i), udpPacket(CORRESPONDENT4, here4(i)), udpPacket(CORRESPONDENT6, here6(i))].map((inner, n) =>
      fromTransport(
        `${n % 2 === 0 ? 'IPv4' : 'IPv6'} in ${one.name}, ${n < 2 ? 'up' : 'down'}`,
        inTunnel(between(one), inner),
        {
          ...redirects,
          leaves: inner,
        },
      ),
    ),
  ),
  ...[udpPacket(CORRESPONDENT4, multicast4), udpPacket(CORRESPONDENT6, multicast6)].flatMap((inner, n) => {
    const forGroup = (name: string, packet: Uint8Array, outcome: Outcome) =>
      fromTransport(`IPv${4 + n * 2} for a group, ${name}`, packet, outcome);
    return [
      forGroup('with the own key of a mobile node', inTunnel(KEYED4.path, inner), { ...redirects, leaves: inner }),
      forGroup('with the key of nobody', inTunnel(KEYED4.path, inner, { key: 5 }), drops('multicast')),
      forGroup('with the key of another tunnel', inTunnel(KEYED6.path, inner), drops('tunnel-wrong-peer')),
      forGroup('with the key in a tunnel of another type', inTunnel(TLV_GRE.path, inner), drops('tunnel-wrong-type')),
      forGroup('in a tunnel without keys', inTunnel(GRE6.path, inner), drops('multicast')),
    ];
  }),
  ...[
    udpPacket(CORRESPONDENT4, multicast4, { hopLimit: 1 }),
    ...['224.0.0.251', '255.255.255.255'].map((group) => udpPacket(CORRESPONDENT4, ipv4(group))),
    ...['127.0.0.1', '169.254.1.1', '0.0.0.1'].map((source) => udpPacket(ipv4(source), multicast4)),
    ...['ff02::fb', 'ff10::1'].map((group) => udpPacket(CORRESPONDENT6, ipv6(group))),
    ...['fe80::1', '::', '::1', 'ff0e::9', '::ffff:1.2.3.4'].map((source) => udpPacket(ipv6(source), multicast6)),
    udpPacket(home4(KEYED4.i), multicast4),
    udpPacket(home6(KEYED4.i), multicast6),
  ].map((inner, i) =>
    fromTransport(`what no router forwards to a group, ${i}`, inTunnel(KEYED4.path, inner), drops('multicast')),
  ),
  fromTransport(
    'for a group, and denied',
    inTunnel(KEYED4.path, udpPacket(CORRESPONDENT4, multicast4, { destinationPort: DENIED_PORT })),
    drops('denied'),
  ),
  { program: 'decap', name: 'for another station', frame: framed(BOB, NOBODY, inTunnel(path, up)), ...passes },
  fromTransport('no tunnel packet', overIpv6(59, up), passes),
  fromTransport('no tunnel packet, from a mobile node of this anchor', up4(0), drops('spoofed-source')),
  fromTransport('another type of frame', new Uint8Array(60), passes),
  fromTransport('IPv4 with options', patched(concatBytes(overIpv4(4, up), new Uint8Array(4)), { 0: 0x46 }), passes),
  fromTransport('a fragment of IPv4', patched(overIpv4(4, up), { 6: 0x20 }), passes),
  fromTransport('a fragment of IPv6', fragments(overIpv6(4, up))[0] as Uint8Array, passes),
  fromTransport('another version than that of the frame', patched(overIpv6(4, up), { 0: 0x50 }), passes),
  fromTransport('a tunnel encapsulation limit', overIpv6(60, concatBytes(encapsulationLimit(0), up)), {
    ...redirects,
    leaves: up,
  }),
  fromTransport('longer destination options', overIpv6(60, concatBytes(encapsulationLimit(1), up)), passes),
  fromTransport('destination options that are cut off', overIpv6(60, new Uint8Array(1)), passes),
  fromTransport('GRE with a checksum', overIpv6(47, gre({ checksum: true })), passes),
  fromTransport('GRE with another protocol', overIpv6(47, gre({ protocol: IPV6 + 1 })), passes),
  fromTransport('GRE that is cut off', overIpv6(47, new Uint8Array(3)), passes),
  fromTransport('GRE whose key is cut off', overIpv6(47, gre({ key: 1 }).subarray(0, 6)), passes),
  fromTransport('UDP to another port', udpTo(5438, up), passes),
  fromTransport('UDP without a payload', udpTo(5437, new Uint8Array(0)), passes),
  fromTransport('UDP that is cut off', overIpv4(17, new Uint8Array(7)), passes),
  fromTransport('UDP with neither a packet nor a TLV header', udpTo(5437, Uint8Array.of(0x10, 0, 0, 0)), passes),
  fromTransport('a TLV header that is cut off', udpTo(5437, new Uint8Array(3)), passes),
  fromTransport('a TLV header before what is no packet', udpTo(5437, Uint8Array.of(0, 17, 0, 0)), passes),
  fromTransport(
    'a TLV header of another length',
    patched(inTunnel(TLV.path, up4(TLV.i)), { 31: 1 }),
    drops('malformed'),
  ),
  fromTransport(
    'a tunnel packet for another node',
    tunnelPacket({ ...mirrored(path), remote: STRANGER } as Path, up),
    passes,
  ),
  fromTransport(
    'a wrong checksum',
    Uint8Array.from(inTunnel(IN4.path, up4(IN4.i)), (octet, at) => (at === 10 ? octet ^ 1 : octet)),
    drops('malformed'),
  ),
  fromTransport('less than its header says', inTunnel(path, up).subarray(0, 80), drops('malformed')),
  fromTransport('no room for a packet', overIpv6(4, new Uint8Array(19)), drops('malformed')),
  fromTransport(
    'IPv6 inside, by its version, where GRE says IPv4',
    overIpv6(47, gre({ payload: up6(GRE6.i) })),
    drops('malformed'),
  ),
  fromTransport(
    'IPv4 inside where GRE says IPv6',
    overIpv6(47, gre({ protocol: IPV6, payload: up4(GRE6.i) })),
    drops('malformed'),
  ),
  fromTransport('from nobody', inTunnel(path, udpPacket(CORRESPONDENT4, CORRESPONDENT4)), drops('tunnel-no-binding')),
  fromTransport(
    'from no peer',
    inTunnel({ ...path, remote: ipv6('2001:db8::bad') }, udpPacket(CORRESPONDENT4, CORRESPONDENT4)),
    drops('tunnel-unknown-peer'),
  ),
  fromTransport('multicast of nobody', inTunnel(path, udpPacket(CORRESPONDENT4, multicast4)), drops('multicast')),
  fromTransport('multicast of a mobile node', inTunnel(path, udpPacket(home6(0), multicast6)), drops('multicast')),
  fromTransport(
    'of another peer',
    inTunnel({ ...path, remote: ipv6('2001:db8::bad') }, udpPacket(home4(0), CORRESPONDENT4)),
    drops('tunnel-wrong-peer'),
  ),
  fromTransport('of another type', inTunnel(GRE6.path, up4(0)), drops('tunnel-wrong-type')),
  fromTransport(
    'from another port',
    inTunnel({ ...UDP.path, encapsulation: { ...UDP.path.encapsulation, remotePort: 9 } as never }, up4(UDP.i)),
    drops('tunnel-wrong-port'),
  ),
  fromTransport(
    'to another port',
    inTunnel({ ...UDP.path, encapsulation: { ...UDP.path.encapsulation, localPort: 5436 } as never }, up4(UDP.i)),
    drops('tunnel-wrong-port'),
  ),
  fromTransport('with another key', inTunnel(KEYED4.path, up4(KEYED4.i), { key: 5 }), drops('tunnel-wrong-key')),
  fromTransport(
    'of another type, for a mobile node here',
    inTunnel(GRE6.path, udpPacket(CORRESPONDENT4, here4(0))),
    drops('tunnel-wrong-type'),
  ),
  fromTransport(
    'of another type, between two mobile nodes',
    inTunnel(GRE6.path, udpPacket(home4(0), here4(0))),
    drops('tunnel-wrong-type'),
  ),
  fromTransport('through the tunnel of the node that it is for', inTunnel(path, udpPacket(home4(1), here4(0))), {
    ...redirects,
    leaves: udpPacket(home4(1), here4(0)),
  }),
  fromTransport(
    'from a port that a NAT gave',
    inTunnel(
      { ...translated, encapsulation: { ...translated.encapsulation, remotePort: 7000 } as never },
      up4(BEHIND_NAT),
    ),
    redirects,
  ),
  fromTransport(
    'from the next port too soon',
    inTunnel(
      { ...translated, encapsulation: { ...translated.encapsulation, remotePort: 7001 } as never },
      up4(BEHIND_NAT),
    ),
    { ...drops('tunnel-wrong-port'), soon: true },
  ),
  fromTransport('what keeps the state of a NAT', inTunnel(path, keepalive(home4(0))), drops('keepalive')),
  fromTransport('the same in IPv6', inTunnel(path, keepalive(home6(0))), drops('keepalive')),
  fromTransport('UDP that is denied', inTunnel(path, up4(0, { destinationPort: DENIED_PORT })), drops('denied')),
  fromTransport(
    'UDP that is denied, in IPv6',
    inTunnel(path, up6(0, { destinationPort: DENIED_PORT })),
    drops('denied'),
  ),
  fromTransport(
    'TCP that is denied',
    inTunnel(path, patched(segment(home4(0), CORRESPONDENT4, [], 2), { 21: 0x89 })),
    drops('denied'),
  ),
  fromTransport(
    'a later fragment of UDP, which has no port',
    inTunnel(path, patched(up4(0, { destinationPort: DENIED_PORT }), { 7: 1 })),
    redirects,
  ),
  fromTransport('UDP without ports', inTunnel(path, up4(0).subarray(0, 22)), redirects),
  fromTransport(
    'the end of a congested tunnel',
    inTunnel(path, up4(0), { trafficClass: 3 }),
    drops('tunnel-congested'),
  ),
  ...FAMILIES.flatMap(({ family, far, anchoredAddress: address }) =>
    [
      [3, 2, 3],
      [1, 2, 1],
      [2, 2, 2],
      [3, 3, 3],
    ].map(([outer, inner, result]) =>
      fromTransport(
        `IPv${family}, ECN ${outer} outside and ${inner} inside`,
        inTunnel(path, udpPacket(address, far, { trafficClass: inner as number }), { trafficClass: outer }),
        {
          ...redirects,
          leaves: udpPacket(address, far, { trafficClass: result as number }),
        },
      ),
    ),
  ),
  fromTransport(
    'the shortest packet',
    inTunnel(
      path,
      encodeIpv4({ source: home4(0), destination: CORRESPONDENT4, ttl: 64, protocol: 253, payload: new Uint8Array(0) }),
    ),
    redirects,
  ),
  fromTransport('a large segment that the kernel does not know', inTunnel(path, up), {
    ...drops('decapsulation-failed'),
    gsoSize: 20,
  }),
  fromTransport("a customer's", tunnelPacket(mirrored(customersPath), up4(CUSTOMERS)), redirects),
  fromTransport('a large segment in IPv4 that the kernel does not know', inTunnel(IN4.path, up4(IN4.i)), {
    ...drops('decapsulation-failed'),
    gsoSize: 20,
  }),
  fromTransport(
    'with another key in UDP',
    inTunnel(TLV_GRE.path, up4(TLV_GRE.i), { key: 5 }),
    drops('tunnel-wrong-key'),
  ),
  fromTransport(
    'with another key, for a mobile node here',
    inTunnel(TLV_GRE.path, udpPacket(CORRESPONDENT4, here4(TLV_GRE.i)), { key: 5 }),
    drops('tunnel-wrong-key'),
  ),
  fromTransport(
    'with another key, between two mobile nodes',
    inTunnel(KEYED4.path, udpPacket(home4(KEYED4.i), here4(KEYED4.i)), { key: 5 }),
    drops('tunnel-wrong-key'),
  ),
  fromTransport(
    'from another port, for a mobile node here',
    inTunnel(
      { ...UDP.path, encapsulation: { ...UDP.path.encapsulation, remotePort: 9 } as never },
      udpPacket(CORRESPONDENT4, here4(UDP.i)),
    ),
    drops('tunnel-wrong-port'),
  ),
  fromTransport(
    'from a port that a NAT gave, for a mobile node here',
    inTunnel(
      { ...translated, encapsulation: { ...translated.encapsulation, remotePort: 7003 } as never },
      udpPacket(CORRESPONDENT4, here4(BEHIND_NAT)),
    ),
    { ...drops('tunnel-wrong-port'), soon: true },
  ),
  fromTransport(
    'broadcast of a mobile node',
    inTunnel(path, udpPacket(home4(0), ipv4('255.255.255.255'))),
    drops('multicast'),
  ),
  fromTransport(
    'a tunnel packet for another node, from a mobile node of this anchor',
    tunnelPacket({ encapsulation: { kind: 'ip' }, local: home4(0), remote: CORRESPONDENT4 }, up),
    drops('spoofed-source'),
  ),
  fromTransport(
    'the same in IPv6',
    tunnelPacket({ encapsulation: { kind: 'ip' }, local: home6(0), remote: CORRESPONDENT6 }, up),
    drops('spoofed-source'),
  ),
  ...[udpPacket(CORRESPONDENT4, NODE_ADDRESS4), udpPacket(CORRESPONDENT6, NODE_ADDRESS), inTunnel(path, up)].map(
    (packet, i) =>
      fromCustomer(`from correspondents of a customer, ${i}`, packet, i < 2 ? drops('for-tunnel-end') : redirects),
  ),
  fromCustomer(
    'a tunnel packet of correspondents of a customer',
    tunnelPacket({ encapsulation: { kind: 'ip' }, local: CORRESPONDENT4, remote: home4(CUSTOMERS) }, up),
    passes,
  ),
  fromTransport("a customer's address in another tunnel", inTunnel(path, up4(CUSTOMERS)), drops('tunnel-no-binding')),
];
