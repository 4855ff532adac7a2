import { describe, expect, it } from 'vitest';
import { readU32 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { AccessForwarding, AnchorForwarding, Encapsulation, Path } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { flowLabelOf } from '#dataplane/flow-label.ts';
import { type IpHeader, readIpHeader } from '#dataplane/ip-packet.ts';
import { encodeGre } from '#wire/gre.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeTlvTunnel } from '#wire/tlv-header.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  bedForAll,
  CORRESPONDENT4,
  CORRESPONDENT6,
  type Departed,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  NODE_ADDRESS4,
  node,
  PEER,
  PEER4,
  STRANGER,
  STRANGER4,
} from './bed.ts';
import { MARK, seen, udpPacket } from './packets.ts';

const KEYS = { send: 0xfedcba98, receive: 0x01020304 };
/** What the other end of a tunnel with these keys has. */
const turned = ({ send, receive }: typeof KEYS) => ({ send: receive, receive: send });

const IPV6_ENDS = { local: NODE_ADDRESS, remote: PEER, stranger: STRANGER };
const IPV4_ENDS = { local: NODE_ADDRESS4, remote: PEER4, stranger: STRANGER4 };
const udp = { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false } as const;

/** Of a case. */
interface Tunnel {
  readonly name: string;
  readonly ends: typeof IPV6_ENDS | typeof IPV4_ENDS;
  readonly encapsulation: Encapsulation;
}

export const TUNNELS: readonly Tunnel[] = [
  { name: 'IPv6', ends: IPV6_ENDS, encapsulation: { kind: 'ip' } },
  { name: 'GRE over IPv6', ends: IPV6_ENDS, encapsulation: { kind: 'gre' } },
  { name: 'GRE with keys over IPv6', ends: IPV6_ENDS, encapsulation: { kind: 'gre', keys: KEYS } },
  { name: 'IPv4', ends: IPV4_ENDS, encapsulation: { kind: 'ip' } },
  { name: 'GRE over IPv4', ends: IPV4_ENDS, encapsulation: { kind: 'gre' } },
  { name: 'GRE with keys over IPv4', ends: IPV4_ENDS, encapsulation: { kind: 'gre', keys: KEYS } },
  { name: 'UDP', ends: IPV4_ENDS, encapsulation: udp },
  { name: 'UDP from another port', ends: IPV4_ENDS, encapsulation: { ...udp, remotePort: 40_123 } },
  {
    name: 'UDP at the port of signalling',
    ends: IPV4_ENDS,
    encapsulation: { ...udp, localPort: 5436, remotePort: 5436 },
  },
  { name: 'UDP with the TLV header', ends: IPV4_ENDS, encapsulation: { ...udp, tlvHeader: true } },
  { name: 'GRE in UDP', ends: IPV4_ENDS, encapsulation: { ...udp, tlvHeader: true, gre: {} } },
  { name: 'GRE with keys in UDP', ends: IPV4_ENDS, encapsulation: { ...udp, tlvHeader: true, gre: { keys: KEYS } } },
];

/** Of a packet inside. */
export const FAMILIES = [
  { family: 4, far: CORRESPONDENT4, anchoredAddress: ipv4('192.0.2.1'), attachedAddress: ipv4('203.0.113.1') },
  {
    family: 6,
    far: CORRESPONDENT6,
    anchoredAddress: ipv6('2001:db8:f00d:1::1234'),
    attachedAddress: ipv6('2001:db8:beef:1::1234'),
  },
] as const;

const CASES = TUNNELS.flatMap((tunnel) => FAMILIES.map((family) => ({ ...tunnel, ...family })));

/** Every encapsulation of both families; called by the suite of all data planes. */
export function encapsulationSuite(makeBed: () => Bed): void {
  describe('encapsulations', () => cases(makeBed));
}

function cases(makeBed: () => Bed): void {
  const bedOf = bedForAll(makeBed);

  const only = (departed: Departed[]) => {
    expect(departed).toHaveLength(1);
    return departed[0] as Departed;
  };
  const set = (forwarding: AnchorForwarding | AccessForwarding) =>
    expect(bedOf().plane.apply([{ kind: 'set', forwarding }]).failed).toEqual([]);
  const dropped = (reason: DropReason, packet: Uint8Array) => {
    const before = bedOf().plane.drops()[reason];
    expect(
      bedOf()
        .exchange({ from: 'transport', packet })
        .map(({ to }) => to),
    ).toEqual([]);
    expect(bedOf().plane.drops()[reason], reason).toBe(before + 1);
  };

  describe.each(CASES)('IPv$family in $name', ({ ends, encapsulation, far, anchoredAddress, attachedAddress }) => {
    const paths = [{ encapsulation, local: ends.local, remote: ends.remote }] as const;
    const there: Path = mirrored(paths[0]);

    it('[RFC 5844 §4.1.4.1(1), §4.1.4.1(3)] leaves the anchor octet for octet as the peer expects it, and comes back', () => {
      set({ ...anchored, paths });
      const packet = udpPacket(far, anchoredAddress, { trafficClass: 0xb9 });
      const left = only(bedOf().exchange({ from: 'core', packet }));
      expect(left.to).toBe('transport');
      const inner = udpPacket(far, anchoredAddress, { trafficClass: 0xb9, hopLimit: 63 });
      const flowLabel = labelOf(left.packet);
      expect(hex(left.packet)).toBe(hex(tunnelPacket(paths[0], inner, { trafficClass: 0xb9, flowLabel })));
      const back = udpPacket(anchoredAddress, far);
      const out = only(bedOf().exchange({ from: 'transport', packet: tunnelPacket(there, back) }));
      expect(out.to).toBe('core');
      expect(seen(out.packet)).toMatchObject({ source: `${anchoredAddress}`, destination: `${far}`, hopLimit: 63 });
      const octets = packet.length;
      const counted = { upPackets: 1, upOctets: back.length, downPackets: 1, downOctets: octets };
      expect(bedOf().plane.counters('anchored')).toEqual(counted);
    });

    it('carries a mobile node at the gateway both ways, the shortest packets too', () => {
      set({ ...attached, paths });
      const up = udpPacket(attachedAddress, far);
      const left = only(bedOf().exchange({ from: 'access', mac: ALICE, packet: up }));
      const inner = udpPacket(attachedAddress, far, { hopLimit: 63 });
      expect(hex(left.packet)).toBe(hex(tunnelPacket(paths[0], inner, { flowLabel: labelOf(left.packet) })));
      const down = (hopLimit: number) => {
        const long = udpPacket(far, attachedAddress, { hopLimit });
        return far instanceof Ipv4Address ? [long, shortPacket(far, attachedAddress as Ipv4Address, hopLimit)] : [long];
      };
      for (const [i, packet] of down(64).entries()) {
        const out = only(bedOf().exchange({ from: 'transport', packet: tunnelPacket(there, packet) }));
        expect(out).toMatchObject({ to: 'access', mac: ALICE });
        expect(hex(out.packet).slice(0, packet.length * 2)).toBe(hex(down(63)[i] as Uint8Array));
      }
    });

    it('takes nothing of another source, type, port or key', () => {
      set({ ...anchored, paths });
      const packet = udpPacket(anchoredAddress, far);
      dropped('tunnel-wrong-peer', tunnelPacket({ ...there, local: ends.stranger } as Path, packet));
      const others = TUNNELS.filter(
        (other) => other.ends === ends && shape(other.encapsulation) !== shape(encapsulation),
      );
      for (const other of others)
        dropped(
          'tunnel-wrong-type',
          tunnelPacket(
            { ...there, encapsulation: mirrored({ ...there, encapsulation: other.encapsulation }).encapsulation },
            packet,
          ),
        );
      if (encapsulation.kind === 'udp') {
        dropped(
          'tunnel-wrong-port',
          tunnelPacket(
            { ...there, encapsulation: { ...there.encapsulation, localPort: 40_999 } as Encapsulation },
            packet,
          ),
        );
      }
      if (shape(encapsulation).includes('key')) {
        dropped('tunnel-wrong-key', tunnelPacket(there, packet, { key: KEYS.send }));
      }
      expect(only(bedOf().exchange({ from: 'transport', packet: tunnelPacket(there, packet) })).to).toBe('core');
    });
  });

  it('[RFC 5845 §7.1] discards a TLV header whose length is not that of the datagram', () => {
    const encapsulation = { ...udp, tlvHeader: true };
    const path = { encapsulation, local: NODE_ADDRESS4, remote: PEER4 };
    set({ ...anchored, paths: [path] });
    const packet = tunnelPacket(mirrored(path), udpPacket(ipv4('192.0.2.1'), CORRESPONDENT4));
    const at = 20 + 8 + 3;
    packet[at] = (packet[at] as number) - 1;
    dropped('malformed', packet);
  });

  it('[RFC 5845 §5.2(7)] gives two mobile nodes of one gateway keys of their own', () => {
    const keyed = (send: number, receive: number): readonly [Path] => [
      { encapsulation: { kind: 'gre', keys: { send, receive } }, local: NODE_ADDRESS4, remote: PEER4 },
    ];
    set({ ...anchored, paths: keyed(1, 2) });
    set({ ...anchored, id: 'other', homeAddress: ipv4('192.0.2.2'), prefixes: [], paths: keyed(3, 4) });
    const from = (address: string, key: number) =>
      tunnelPacket(mirrored(keyed(0, key)[0]), udpPacket(ipv4(address), CORRESPONDENT4));
    expect(only(bedOf().exchange({ from: 'transport', packet: from('192.0.2.1', 2) })).to).toBe('core');
    expect(only(bedOf().exchange({ from: 'transport', packet: from('192.0.2.2', 4) })).to).toBe('core');
    dropped('tunnel-wrong-key', from('192.0.2.1', 4));
    set({ ...anchored, paths: keyed(1, 6) });
    dropped('tunnel-wrong-key', from('192.0.2.1', 2));
    expect(only(bedOf().exchange({ from: 'transport', packet: from('192.0.2.1', 6) })).to).toBe('core');
  });

  it('has each binding in its own encapsulation, of one peer and at one time', () => {
    const bindings = TUNNELS.filter(({ ends }) => ends === IPV4_ENDS).map(({ encapsulation, ends }, i) => {
      const homeAddress = ipv4(`192.0.2.${i + 10}`);
      const paths: readonly [Path] = [{ encapsulation, local: ends.local, remote: ends.remote }];
      return { ...anchored, id: `${i}`, homeAddress, prefixes: [], paths };
    });
    const chosen = bindings.slice(0, node.maximumBindings);
    for (const one of chosen) set(one);
    for (const { id, homeAddress, paths } of chosen) {
      const left = only(bedOf().exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, homeAddress) }));
      const inner = udpPacket(CORRESPONDENT4, homeAddress, { hopLimit: 63 });
      expect(hex(left.packet)).toBe(hex(tunnelPacket(paths[0], inner)));
      const back = tunnelPacket(mirrored(paths[0]), udpPacket(homeAddress, CORRESPONDENT4));
      expect(only(bedOf().exchange({ from: 'transport', packet: back })).to).toBe('core');
      expect(bedOf().plane.counters(id)).toMatchObject({ upPackets: 1, downPackets: 1 });
    }
  });

  it('[RFC 6438] labels the flow of an IPv6 tunnel packet by the packet inside, the same for all of a flow', () => {
    for (const encapsulation of [{ kind: 'ip' }, { kind: 'gre', keys: KEYS }] as const) {
      set({ ...anchored, paths: [{ encapsulation, local: NODE_ADDRESS, remote: PEER }] });
      for (const { family, far, anchoredAddress } of FAMILIES) {
        const label = (options: Parameters<typeof udpPacket>[2], change: (packet: Uint8Array) => void = () => {}) => {
          const packet = udpPacket(far, anchoredAddress, options);
          change(packet);
          return labelOf(only(bedOf().exchange({ from: 'core', packet })).packet);
        };
        const first = label({});
        expect(first).not.toBe(0);
        expect(label({ size: 300, trafficClass: 0xb8 })).toBe(first);
        const others = [5001, 5002, 5003, 5004, 5005, 5006, 5007].map((sourcePort) => label({ sourcePort }));
        expect(new Set([first, ...others]).size).toBeGreaterThan(6);
        const own = (packet: Uint8Array) => packet.set([0x01, 0x23, 0x45], 1);
        if (family === 6) expect(label({}, own)).toBe(label({ sourcePort: 5001 }, own));
        if (family === 6) expect(label({}, own)).not.toBe(first);
        const packet = udpPacket(far, anchoredAddress);
        const header = readIpHeader(packet) as IpHeader;
        expect(first).toBe(flowLabelOf(packet, header));
      }
    }
  });

  it('lets no mobile node reach an IPv4 end of the tunnels, or speak in the name of one', () => {
    set({ ...attached, paths: [{ encapsulation: udp, local: NODE_ADDRESS4, remote: PEER4 }] });
    const attempts = [
      ['for-tunnel-end', ipv4('203.0.113.1'), NODE_ADDRESS4],
      ['spoofed-source', PEER4, CORRESPONDENT4],
      ['spoofed-source', NODE_ADDRESS4, CORRESPONDENT4],
    ] as const;
    for (const [reason, source, destination] of attempts) {
      const before = bedOf().plane.drops()[reason];
      expect(bedOf().exchange({ from: 'access', mac: ALICE, packet: udpPacket(source, destination) })).toEqual([]);
      expect(bedOf().plane.drops()[reason]).toBe(before + 1);
    }
  });

  it('refuses a tunnel that no RFC has', () => {
    const refused = (path: Path) =>
      bedOf().plane.apply([{ kind: 'set', forwarding: { ...anchored, paths: [path] } }]).failed;
    const four = { local: NODE_ADDRESS4, remote: PEER4 };
    for (const path of [
      { encapsulation: udp, local: NODE_ADDRESS, remote: PEER },
      { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS4, remote: PEER },
      { ...four, encapsulation: { ...udp, gre: {} } },
      { ...four, encapsulation: { ...udp, localPort: 4500 } },
    ] as Path[])
      expect(refused(path)).toMatchObject([{ code: 'unsupported' }]);
  });
}

/** The same tunnel as its other end has it. */
export function mirrored({ encapsulation, local, remote }: Path): Path {
  const gre = (keys: typeof KEYS | undefined) => (keys ? { keys: turned(keys) } : {});
  const ends = { local: remote, remote: local };
  if (encapsulation.kind === 'ip') return { ...ends, encapsulation };
  if (encapsulation.kind === 'gre') return { ...ends, encapsulation: { kind: 'gre', ...gre(encapsulation.keys) } };
  const { localPort, remotePort, tlvHeader } = encapsulation;
  const ports = { localPort: remotePort, remotePort: localPort };
  const within = encapsulation.gre ? { gre: gre(encapsulation.gre.keys) } : {};
  return { ...ends, encapsulation: { kind: 'udp', ...ports, tlvHeader, ...within } };
}

/** A packet in a tunnel as its sender puts it there. */
export function tunnelPacket(
  { encapsulation, local, remote }: Path,
  inner: Uint8Array,
  { trafficClass = 0, flowLabel = 0, key }: { trafficClass?: number; flowLabel?: number; key?: number } = {},
): Uint8Array {
  const isIpv4 = (inner[0] as number) >>> 4 === 4;
  let payload = inner;
  let protocol = isIpv4 ? 4 : 41;
  const gre =
    encapsulation.kind === 'gre' ? encapsulation : encapsulation.kind === 'udp' ? encapsulation.gre : undefined;
  if (gre) {
    const fields = { checksum: false, sequence: undefined, key: key ?? gre.keys?.send };
    payload = encodeGre({ ...fields, protocol: isIpv4 ? 0x0800 : 0x86dd, payload });
    protocol = 47;
  }
  if (encapsulation.kind === 'udp') {
    if (encapsulation.tlvHeader) payload = encodeTlvTunnel({ nextHeader: protocol, payload });
    const header = Buffer.alloc(8);
    header.writeUInt16BE(encapsulation.localPort, 0);
    header.writeUInt16BE(encapsulation.remotePort, 2);
    header.writeUInt16BE(payload.length + 8, 4);
    payload = Buffer.concat([header, payload]);
    protocol = 17;
  }
  if (local instanceof Ipv4Address) {
    const ends = { source: local, destination: remote as Ipv4Address };
    return encodeIpv4({ ...ends, trafficClass, ttl: 64, protocol, payload, dontFragment: true });
  }
  const ends = { source: local, destination: remote as Ipv6Address };
  return encodeIpv6({ ...ends, trafficClass, flowLabel, hopLimit: 64, nextHeader: protocol, payload });
}

/** 0 in IPv4. */
function labelOf(packet: Uint8Array): number {
  return (packet[0] as number) >>> 4 === 6 ? readU32(packet, 0) & 0xfffff : 0;
}

/** Shorter than an IPv6 header. */
function shortPacket(source: Ipv4Address, destination: Ipv4Address, ttl: number): Uint8Array {
  return encodeIpv4({ source, destination, ttl, protocol: 253, payload: MARK });
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function shape(encapsulation: Encapsulation): string {
  if (encapsulation.kind === 'ip') return 'ip';
  if (encapsulation.kind === 'gre') return encapsulation.keys ? 'gre key' : 'gre';
  const { tlvHeader, gre } = encapsulation;
  return `udp${tlvHeader ? ' tlv' : ''}${gre ? ' gre' : ''}${gre?.keys ? ' key' : ''}`;
}
