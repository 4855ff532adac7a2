/** The segment sizes that TCP connections of mobile nodes open with. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { AccessForwarding, AnchorForwarding, NodeForwarding, Path } from '#dataplane/desired.ts';
import { formOf, headerLength } from '#dataplane/tunnel-form.ts';
import { foldChecksum, pseudoHeaderSum, pseudoHeaderSumIpv4, sumOctets } from '#wire/checksum.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  CORRESPONDENT4,
  CORRESPONDENT6,
  type Departed,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  PEER,
} from './bed.ts';
import { mirrored, tunnelPacket } from './encapsulations.ts';
import { MARK } from './packets.ts';

const path: Path = { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS, remote: PEER };
const SYN = 0x02;
const SYN_ACK = 0x12;
const ACK = 0x10;
const MSS = 2;

const FLOWS = [
  { family: 4, most: 1452 - 40, far: CORRESPONDENT4, anchoredAddress: ipv4('192.0.2.1'), near: ipv4('203.0.113.1') },
  {
    family: 6,
    most: 1452 - 60,
    far: CORRESPONDENT6,
    anchoredAddress: ipv6('2001:db8:f00d:1::1234'),
    near: ipv6('2001:db8:beef:1::1234'),
  },
] as const;

/** Called by the suite of all data planes. */
export function tcpSegmentSuite(makeBed: (node?: NodeForwarding) => Bed): void {
  describe('TCP segments', () => cases(makeBed));
}

function cases(makeBed: (node?: NodeForwarding) => Bed): void {
  let bed: Bed;
  beforeEach(() => {
    bed = makeBed();
  });
  afterEach(() => bed.close());
  const set = (forwarding: AnchorForwarding | AccessForwarding) =>
    expect(bed.plane.apply([{ kind: 'set', forwarding }]).failed).toEqual([]);
  const only = (departed: Departed[]) => {
    expect(departed).toHaveLength(1);
    return departed[0]?.packet as Uint8Array;
  };
  const size = (value: number) => [MSS, 4, value >> 8, value & 255];

  describe.each(FLOWS)('IPv$family', ({ family, most, far, anchoredAddress, near }) => {
    const header = family === 4 ? 20 : 40;
    /** The options in what leaves through the tunnel, and in what leaves it. */
    const down = (options: readonly number[], flags = SYN) => {
      const packet = only(bed.exchange({ from: 'core', packet: segment(far, anchoredAddress, options, flags) }));
      return optionsOf(packet.subarray(headerLength(formOf(path))), header);
    };
    const up = (options: readonly number[], flags = SYN) => {
      const packet = tunnelPacket(mirrored(path), segment(anchoredAddress, far, options, flags));
      return optionsOf(only(bed.exchange({ from: 'transport', packet })), header);
    };

    it('are made to fit the tunnel, both ways, and the checksum stays right', () => {
      set({ ...anchored, paths: [path] });
      for (const through of [down, up]) {
        for (const flags of [SYN, SYN_ACK]) expect(through(size(1460), flags)).toEqual(size(most));
        expect(through(size(1000))).toEqual(size(1000));
        expect(through(size(1460), ACK)).toEqual(size(1460));
        expect(through([1, ...size(9000), 4, 2, 0])).toEqual([1, ...size(most), 4, 2, 0]);
        expect(through([1, 1, 4, 2, ...size(65_535)])).toEqual([1, 1, 4, 2, ...size(most)]);
      }
    });

    it('are left alone in malformed options', () => {
      set({ ...anchored, paths: [path] });
      const odd = [
        [],
        [1, 1, 1, 1],
        [0, 0, 0, 0, ...size(9000)],
        [2, 3, 255, 255],
        [2, 0, 255, 255],
        [3, 1, 1, 1, ...size(9000)],
        [1, 1, 2, 4],
        [8, 40, 1, 1, ...size(9000)],
        [254, 255, 1, 1],
      ];
      for (const options of odd) for (const through of [down, up]) expect(through(options)).toEqual(options);
      const all = [...Array(36).fill(1), ...size(9000)];
      for (const through of [down, up]) expect(through(all)).toEqual([...Array(36).fill(1), ...size(most)]);
    });

    it('of a mobile node on a link with a limit of its own are no larger than that', () => {
      bed.close();
      const accessInterfaces = node.accessInterfaces.map((one) => ({ ...one, tcpMss: { ipv4: 1200, ipv6: 1100 } }));
      bed = makeBed({ ...node, accessInterfaces });
      set({ ...attached, paths: [path] });
      const limit = family === 4 ? 1200 : 1100;
      const out = segment(near, far, size(1460), SYN);
      const sent = only(bed.exchange({ from: 'access', mac: ALICE, packet: out }));
      expect(optionsOf(sent.subarray(headerLength(formOf(path))), header)).toEqual(size(limit));
      const back = tunnelPacket(mirrored(path), segment(far, near, size(1460), SYN_ACK));
      expect(optionsOf(only(bed.exchange({ from: 'transport', packet: back })), header)).toEqual(size(limit));
    });
  });

  it('of all connections follow the limit of the node', () => {
    bed.close();
    bed = makeBed({ ...node, tcpMss: { ipv4: 900 } });
    set({ ...anchored, paths: [path] });
    const packet = segment(CORRESPONDENT4, ipv4('192.0.2.1'), size(1460), SYN);
    const left = only(bed.exchange({ from: 'core', packet }));
    expect(optionsOf(left.subarray(40), 20)).toEqual(size(900));
  });
}

/** A TCP segment; options are padded with 0. */
export function segment(
  source: Ipv4Address | Ipv6Address,
  destination: Ipv4Address | Ipv6Address,
  options: readonly number[],
  flags: number,
): Uint8Array {
  const headerLength = 20 + Math.ceil(options.length / 4) * 4;
  const tcp = new Uint8Array(headerLength + MARK.length);
  writeU16(tcp, 0, 5000);
  writeU16(tcp, 2, 80);
  tcp[12] = (headerLength / 4) << 4;
  tcp[13] = flags;
  tcp.set(options, 20);
  tcp.set(MARK, headerLength);
  writeU16(tcp, 16, foldChecksum(pseudo(source, destination, tcp.length) + sumOctets(tcp, 0, tcp.length)));
  return source instanceof Ipv4Address
    ? encodeIpv4({ source, destination: destination as Ipv4Address, ttl: 64, protocol: 6, payload: tcp })
    : encodeIpv6({ source, destination: destination as Ipv6Address, hopLimit: 64, nextHeader: 6, payload: tcp });
}

/** The options without padding of 0 to a multiple of 4; the checksum is verified. */
export function optionsOf(packet: Uint8Array, header: number): number[] {
  const tcp = packet.subarray(header);
  const [source, destination] =
    header === 20
      ? [Ipv4Address.read(packet, 12), Ipv4Address.read(packet, 16)]
      : [Ipv6Address.read(packet, 8), Ipv6Address.read(packet, 24)];
  expect(foldChecksum(pseudo(source, destination, tcp.length) + sumOctets(tcp, 0, tcp.length))).toBe(0);
  const end = ((tcp[12] as number) >>> 4) * 4;
  return [...tcp.subarray(20, end)];
}

function pseudo(source: Ipv4Address | Ipv6Address, destination: Ipv4Address | Ipv6Address, length: number): number {
  return source instanceof Ipv4Address
    ? pseudoHeaderSumIpv4(source, destination as Ipv4Address, length, 6)
    : pseudoHeaderSum(source, destination as Ipv6Address, length, 6);
}
