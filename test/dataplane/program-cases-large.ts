/** Large packets in UDP with the TLV header. The kernel does not know their segments in a test run, so it refuses to put headers before or take them off. */
import { readU16, writeU16 } from '#base/bytes.ts';
import { finished } from '#dataplane/large-packet.ts';
import { CORRESPONDENT4, CORRESPONDENT6 } from './bed.ts';
import { FIRST_AND_LAST as FLAGS, largeDatagram, largeSegment } from './large-segment.ts';
import { udpPacket } from './packets.ts';
import {
  drops,
  fromCore,
  fromTransport,
  here4,
  home4,
  home6,
  inTunnel,
  ofMobileNode,
  type ProgramCase,
  passes,
  patched,
  redirects,
  TLV,
  TLV_GRE,
  UDP,
} from './program-bed.ts';
import { segment } from './tcp-segments.ts';

const OCTETS = 2000;
const EVEN = 500;
const UNEVEN = 300;
const FLOWS = [
  { family: 4, far: CORRESPONDENT4, home: home4, header: 20 },
  { family: 6, far: CORRESPONDENT6, home: home6, header: 40 },
] as const;
const TRANSPORTS = [
  { name: 'TCP', header: 20, checksumAt: 16, large: largeSegment },
  { name: 'UDP', header: 8, checksumAt: 6, large: largeDatagram },
];

/** What the program leaves of a large packet, whose other segments have gone: the last one, its checksum left to a network card. */
const cut = FLOWS.flatMap(({ family, far, home, header }) =>
  TRANSPORTS.map(({ name, header: own, checksumAt, large }) => {
    const packet = large(far, home(TLV.i), OCTETS, FLAGS.all);
    const [last] = finished(Uint8Array.from(packet), header + own + UNEVEN, name === 'UDP' ? UNEVEN : 0).slice(-1);
    const leaves = last as Uint8Array;
    const at = header + checksumAt;
    writeU16(leaves, at, readU16(large(far, home(TLV.i), OCTETS % UNEVEN), at));
    return fromCore(`a large packet of ${name} over IPv${family}`, packet, { ...redirects, leaves, gsoSize: UNEVEN });
  }),
);
const down = (octets: number) => largeSegment(CORRESPONDENT4, home4(TLV.i), octets);
const upFrom = (octets: number) => largeSegment(here4(TLV.i), CORRESPONDENT4, octets);
const up = largeSegment(home4(TLV.i), CORRESPONDENT4, OCTETS);
const said = inTunnel(TLV.path, up);
/** Behind the outer headers, the header says how long each segment is. */
const saidOfSegments = (size: number) => {
  const copy = Uint8Array.from(said);
  writeU16(copy, 30, 40 + size);
  return copy;
};

export const largeCases: readonly ProgramCase[] = [
  ...cut,
  fromCore('a large packet of the size of a segment', down(UNEVEN - 1), {
    ...redirects,
    leaves: down(UNEVEN - 1),
    gsoSize: UNEVEN,
  }),
  fromCore('segments of one length', down(OCTETS), { ...drops('encapsulation-failed'), gsoSize: EVEN }),
  ofMobileNode('segments of one length', upFrom(OCTETS), { ...drops('encapsulation-failed'), gsoSize: EVEN }),
  ofMobileNode('a large packet', upFrom(OCTETS), { ...redirects, gsoSize: UNEVEN }),
  fromCore('more segments than a program cuts', down(OCTETS), { ...passes, gsoSize: 11 }),
  fromCore('a large packet with a whole checksum', segment(CORRESPONDENT4, home4(TLV.i), [], 16), {
    ...passes,
    gsoSize: 5,
  }),
  fromCore('a large packet of TCP without all of its header', down(OCTETS).subarray(0, 36), {
    ...passes,
    gsoSize: UNEVEN,
  }),
  fromCore('a large packet whose TCP header is too short', patched(down(OCTETS), { 32: 0x40 }), {
    ...passes,
    gsoSize: UNEVEN,
  }),
  fromTransport('segments of one length that come', saidOfSegments(EVEN), {
    ...drops('decapsulation-failed'),
    gsoSize: EVEN,
  }),
  fromTransport('segments with another length in the TLV header', said, { ...drops('malformed'), gsoSize: EVEN }),
  fromTransport('segments of which the last is shorter than the TLV header says', saidOfSegments(UNEVEN), {
    ...drops('malformed'),
    gsoSize: UNEVEN,
  }),
  ...[UDP, TLV, TLV_GRE].map(({ i, path }) => {
    const one = inTunnel(path, udpPacket(home4(i), CORRESPONDENT4));
    const two = new Uint8Array(2 * one.length - 20);
    two.set(one);
    two.set(one.subarray(20), one.length);
    return fromTransport(`datagrams put together, ${i}`, two, { ...passes, gsoSize: one.length - 28 });
  }),
];
