import { markOfCustomer } from '#dataplane/customer.ts';
import { keepalive } from '#dataplane/keepalive.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { CORRESPONDENT4, CORRESPONDENT6, NODE_ADDRESS, path } from './bed.ts';
import { TUNNELS, tunnelPacket } from './encapsulations.ts';
import { MARK, udpPacket } from './packets.ts';
import {
  ARP,
  AS_GATEWAY,
  arrived,
  between,
  CUSTOMERS,
  DENIED_PORT,
  drops,
  FORBIDDING,
  framed,
  fromCore,
  fromTransport,
  GATEWAY,
  here4,
  here6,
  home4,
  home6,
  IN4,
  IPV4,
  IPV6,
  inTunnel,
  KEYED4,
  labelled,
  multicast4,
  multicast6,
  NEIGHBOURS,
  NOBODY,
  ofMobileNode,
  type ProgramCase,
  passes,
  patched,
  redirects,
  silently,
  TLV,
  UDP,
  UNREACHABLE,
} from './program-bed.ts';
import { segment } from './tcp-segments.ts';

const MSS = (value: number) => [2, 4, value >> 8, value & 255];
const SYN = 2;
const FLOWS = [
  { family: 4, most: 1412, here: 1200, far: CORRESPONDENT4, home: home4(0), near: here4(0) },
  { family: 6, most: 1392, here: 1100, far: CORRESPONDENT6, home: home6(0), near: here6(0) },
] as const;
/** In front of the segment size, which is then found; and options without one that is changed. */
const BEFORE_SIZE = [[], [1], [1, 1], [4, 2]];
const WITHOUT_SIZE = [MSS(500), [3, 1], [2, 3, 1], [0, 0, 0, 0, ...MSS(9000)], [1, 1, 2], Array<number>(40).fill(1)];

export const segmentCases: readonly ProgramCase[] = FLOWS.flatMap(({ family, most, here, far, home, near }) => {
  const opening = (name: string, options: readonly number[], through: readonly number[], toLink: readonly number[]) => {
    const title = `IPv${family}, a connection that opens with ${name}`;
    const down = segment(far, home, through, SYN);
    const up = segment(near, far, toLink, SYN);
    return [
      fromTransport(`${title}, up`, inTunnel(path, segment(home, far, options, SYN)), {
        ...redirects,
        leaves: segment(home, far, through, SYN),
      }),
      fromTransport(`${title}, to the link`, inTunnel(path, segment(far, near, options, SYN)), {
        ...redirects,
        leaves: segment(far, near, toLink, SYN),
      }),
      fromCore(`${title}, down`, segment(far, home, options, SYN), {
        ...redirects,
        leaves: tunnelPacket(path, down, labelled(down)),
      }),
      ofMobileNode(`${title}, from the link`, segment(near, far, options, SYN), {
        ...redirects,
        leaves: tunnelPacket(path, up, labelled(up)),
      }),
    ];
  };
  return [
    ...BEFORE_SIZE.flatMap((before) =>
      opening(`${before} and a size`, [...before, ...MSS(9000)], [...before, ...MSS(most)], [...before, ...MSS(here)]),
    ),
    ...WITHOUT_SIZE.flatMap((options) => opening(`${options}`, options, options, options)),
  ];
});

const bothWays = TUNNELS.flatMap((one, i) => {
  const through = between(one);
  const down = [udpPacket(CORRESPONDENT4, home4(i)), udpPacket(CORRESPONDENT6, home6(i))];
  const up = [udpPacket(here4(i), CORRESPONDENT4), udpPacket(here6(i), CORRESPONDENT6)];
  const label = (packet: Uint8Array) => (through.local === NODE_ADDRESS ? labelled(packet) : {});
  const leaves = (packet: Uint8Array) => ({ ...redirects, leaves: tunnelPacket(through, packet, label(packet)) });
  return [
    ...down.map((packet, n) => fromCore(`IPv${4 + n * 2} into ${one.name}, down`, packet, leaves(packet))),
    ...up.map((packet, n) => ofMobileNode(`IPv${4 + n * 2} into ${one.name}, up`, packet, leaves(packet))),
  ];
});
const straight = [
  udpPacket(here4(NEIGHBOURS[0]), here4(NEIGHBOURS[1])),
  udpPacket(here6(NEIGHBOURS[0]), here6(NEIGHBOURS[1])),
];
const opening = segment(here4(NEIGHBOURS[0]), here4(NEIGHBOURS[1]), MSS(9000), 2);
const hopBack = (packet: Uint8Array) =>
  (packet[0] as number) >>> 4 === 4 ? patched(packet, { 8: 65 }) : patched(packet, { 7: 65 });

export const encapCases: readonly ProgramCase[] = [
  ...bothWays,
  {
    program: 'encap',
    name: 'neither IPv4 nor IPv6',
    frame: framed(GATEWAY, NOBODY, new Uint8Array(60), ARP),
    ...drops('malformed'),
  },
  {
    program: 'encap',
    name: 'another version than that of the frame',
    frame: framed(GATEWAY, NOBODY, udpPacket(CORRESPONDENT6, home6(0)), IPV4),
    ...drops('malformed'),
  },
  {
    program: 'encap',
    name: 'IPv4 where the frame says IPv6',
    frame: framed(GATEWAY, NOBODY, udpPacket(CORRESPONDENT4, home4(0)), IPV6),
    ...drops('malformed'),
  },
  fromCore("the node's own multicast", udpPacket(CORRESPONDENT6, multicast6), silently),
  arrived('multicast that came in', udpPacket(CORRESPONDENT4, multicast4), drops('multicast')),
  arrived('the address of a mobile node from elsewhere', udpPacket(home4(0), home4(1)), drops('spoofed-source'), 'lo'),
  ofMobileNode('of nobody here', udpPacket(here4(99), CORRESPONDENT4), drops('no-binding')),
  arrived('for nobody', udpPacket(CORRESPONDENT4, home4(99)), passes),
  { ...arrived('for nobody, too soon', udpPacket(CORRESPONDENT4, home4(99)), drops('no-binding')), twice: true },
  fromCore("the node's own, for nobody", udpPacket(CORRESPONDENT4, home4(99)), drops('no-binding')),
  fromCore('a peer without a route', udpPacket(CORRESPONDENT4, home4(UNREACHABLE)), drops('peer-unreachable')),
  fromCore('what is too large', udpPacket(CORRESPONDENT4, home4(0), { size: 1430 }), passes),
  fromCore(
    'UDP that is denied',
    udpPacket(CORRESPONDENT4, home4(0), { destinationPort: DENIED_PORT }),
    drops('denied'),
  ),
  fromCore('the largest segments of UDP', udpPacket(CORRESPONDENT4, home4(0)), {
    ...drops('encapsulation-failed'),
    gsoSize: 1424,
  }),
  fromCore('segments of UDP that are too large', udpPacket(CORRESPONDENT4, home4(0)), { ...passes, gsoSize: 1425 }),
  fromCore('segments of TCP that are too large', segment(CORRESPONDENT4, home4(0), [], 16), {
    ...passes,
    gsoSize: 1413,
  }),
  fromCore(
    'segments of another protocol',
    encodeIpv4({ source: CORRESPONDENT4, destination: home4(0), ttl: 64, protocol: 253, payload: MARK }),
    { ...passes, gsoSize: 1413 },
  ),
  ...[IN4, UDP, KEYED4].map(({ i }) =>
    fromCore(`segments that the kernel does not know, ${i}`, udpPacket(CORRESPONDENT4, home4(i)), {
      ...drops('encapsulation-failed'),
      gsoSize: 100,
    }),
  ),
  fromCore('segments in the TLV header', udpPacket(CORRESPONDENT4, home4(TLV.i)), { ...passes, gsoSize: 100 }),
  fromCore('what has a flow label', patched(udpPacket(CORRESPONDENT6, home6(0)), { 2: 0x12 }), redirects),
  fromCore(
    'a fragment, which has no ports for a flow label',
    patched(udpPacket(CORRESPONDENT4, home4(0)), { 6: 0x20 }),
    redirects,
  ),
  fromCore('UDP without ports', patched(udpPacket(CORRESPONDENT4, home4(0)).subarray(0, 22), { 3: 22 }), redirects),
  ofMobileNode('what keeps the state of a NAT', keepalive(here4(0)), redirects),
  ...straight.map((packet, n) =>
    ofMobileNode(`IPv${4 + n * 2} straight to another mobile node`, packet, { ...redirects, leaves: hopBack(packet) }),
  ),
  ofMobileNode('a connection straight to another mobile node', opening, {
    ...redirects,
    leaves: hopBack(segment(here4(NEIGHBOURS[0]), here4(NEIGHBOURS[1]), MSS(1200), 2)),
  }),
  ofMobileNode(
    'straight to a mobile node that its gateway allows to',
    udpPacket(here4(NEIGHBOURS[0]), here4(AS_GATEWAY)),
    redirects,
  ),
  ofMobileNode(
    'straight from a mobile node that its gateway allows to',
    udpPacket(here4(AS_GATEWAY), here4(NEIGHBOURS[0])),
    redirects,
  ),
  arrived('from elsewhere', udpPacket(CORRESPONDENT4, home4(0)), redirects, 'lo'),
  ofMobileNode('to a mobile node that forbids it', udpPacket(here4(NEIGHBOURS[0]), here4(FORBIDDING)), redirects),
  ofMobileNode('from a mobile node that forbids it', udpPacket(here4(FORBIDDING), here4(NEIGHBOURS[0])), redirects),
  { ...fromCore("a customer's", udpPacket(CORRESPONDENT4, home4(CUSTOMERS)), redirects), mark: markOfCustomer(1) },
];
