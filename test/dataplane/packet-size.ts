/** Packets that are too long for a tunnel, and what routers of the transport network say of tunnel packets. */
import { afterEach, describe, expect, it } from 'vitest';
import { concatBytes, readU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { AccessForwarding, AnchorForwarding, Path } from '#dataplane/desired.ts';
import { formOf, headerLength } from '#dataplane/tunnel-form.ts';
import { decodeIcmpv4, encodeIcmpv4, type Icmpv4Message } from '#wire/icmpv4.ts';
import { decodeIcmpv6, encodeIcmpv6, type Icmpv6Message } from '#wire/icmpv6.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  bedForAll,
  CORRESPONDENT4,
  type Departed,
  ipv4,
  ipv6,
  isOfNode,
  NODE_ADDRESS4,
  PEER4,
} from './bed.ts';
import { FAMILIES, mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import { udpPacket } from './packets.ts';

const ROUTER4 = ipv4('198.18.0.8');
const ROUTER6 = ipv6('2001:db8:cafe:1024::8');
const UDP_AND_IP = { 4: 28, 6: 48 } as const;

const CASES = TUNNELS.flatMap((tunnel) => FAMILIES.map((family) => ({ ...tunnel, ...family })));

/** Called by the suite of all data planes. */
export function packetSizeSuite(makeBed: () => Bed): void {
  describe('packet sizes', () => cases(makeBed));
}

function cases(makeBed: () => Bed): void {
  const bedOf = bedForAll(makeBed);
  const set = (forwarding: AnchorForwarding | AccessForwarding) =>
    expect(bedOf().plane.apply([{ kind: 'set', forwarding }]).failed).toEqual([]);
  const says = (fault: Fault, path: Path, quoted: Uint8Array) =>
    bedOf().exchange({ from: 'transport', packet: reportOf(fault, path, tunnelPacket(path, quoted)) });

  describe.each(CASES)(
    'IPv$family in $name',
    ({ family, ends, encapsulation, far, anchoredAddress, attachedAddress }) => {
      const path: Path = { encapsulation, local: ends.local, remote: ends.remote };
      const overhead = headerLength(formOf(path));
      const long = (octets: number, from: typeof far, to: typeof far) =>
        udpPacket(from, to, { size: octets - UDP_AND_IP[family], dontFragment: true });
      const down = (octets: number) => long(octets, far, anchoredAddress as typeof far);
      const up = (octets: number) => long(octets, attachedAddress as typeof far, far);

      it('[RFC 2473 §7.1, §7.2, RFC 5213 §6.9.5(2)] keeps to what a router said of the path, and tells the correspondent', () => {
        set({ ...anchored, paths: [path] });
        const before = bedOf().plane.drops()['too-big'];
        const most = 1400 - overhead;
        expect(bedOf().exchange({ from: 'core', packet: down(most + 1) })).toMatchObject([{ to: 'transport' }]);
        const [relayed, ...rest] = says({ mtu: 1400 }, path, down(1452));
        expect(rest).toEqual([]);
        expect(bedOf().plane.takePathMtus()).toEqual([{ remote: path.remote, mtu: 1400 }]);
        expect(bedOf().plane.takePathMtus()).toEqual([]);
        expect(relayed?.to).toBe('core');
        expect(readReport(relayed)).toMatchObject({ destination: `${far}`, mtu: most });
        expect(isHeadOf(readReport(relayed).quoted, down(1452))).toBe(true);
        expect(
          bedOf()
            .exchange({ from: 'core', packet: down(most) })
            .map(({ to, packet }) => [to, packet.length]),
        ).toEqual([['transport', 1400]]);
        const [told, ...others] = bedOf().exchange({ from: 'core', packet: down(most + 1) });
        expect(others).toEqual([]);
        expect(told?.to).toBe('core');
        const report = readReport(told);
        expect(report).toMatchObject({ destination: `${far}`, mtu: most });
        expect(isHeadOf(report.quoted, down(most + 1))).toBe(true);
        expect(report.quoted.length).toBe(family === 4 ? 548 : 1232);
        expect(bedOf().plane.drops()['too-big']).toBe(before + 1);
        expect(bedOf().plane.counters('anchored')?.downPackets).toBe(2);
      });

      it('[RFC 2473 §8.2, §8.3, RFC 5213 §6.10.5(1), RFC 5844 §3.1.4, §4.1.4.2] tells the mobile node', () => {
        set({ ...attached, paths: [path] });
        const [relayed] = says({ mtu: 1400 }, path, up(1452));
        expect(relayed).toMatchObject({ to: 'access', mac: ALICE });
        expect(readReport(relayed)).toMatchObject({ destination: `${attachedAddress}`, mtu: 1400 - overhead });
        const [told, ...others] = bedOf().exchange({ from: 'access', mac: ALICE, packet: up(1452) });
        expect(others).toEqual([]);
        expect(told).toMatchObject({ to: 'access', mac: ALICE });
        expect(readReport(told)).toMatchObject({ destination: `${attachedAddress}`, mtu: 1400 - overhead });
        for (const report of [relayed, told]) expect(isHeadOf(readReport(report).quoted, up(1452))).toBe(true);
        const [unreachable] = says('unreachable', path, up(100));
        expect(unreachable).toMatchObject({ to: 'access', mac: ALICE });
        expect(readReport(unreachable)).toMatchObject({ mtu: undefined, unreachable: true });
      });

      it("[RFC 5844 §4.1.4.2] cuts what may be cut, and tunnel packets where the mobile node's packet may not", () => {
        set({ ...anchored, paths: [path] });
        // The least that a router can make of the path.
        says({ mtu: 60 }, path, down(1452));
        const least = path.local instanceof Ipv4Address ? 576 : 1280;
        const packet = udpPacket(far, anchoredAddress, { size: 1240 - UDP_AND_IP[family] + 40 });
        const left = bedOf().exchange({ from: 'core', packet });
        expect(left.length).toBeGreaterThan(1);
        for (const { to, packet: tunnel } of left) {
          expect(to).toBe('transport');
          expect(tunnel.length).toBeLessThanOrEqual(least);
        }
        const whole =
          family === 6 ? left.map(({ packet: part }) => part) : left.map(({ packet: part }) => inner(path, part));
        const reassembled = reassemble(whole);
        const result = family === 6 ? inner(path, reassembled) : reassembled;
        expect(result.subarray(UDP_AND_IP[family] - 8)).toEqual(packet.subarray(UDP_AND_IP[family] - 8));
      });
    },
  );

  describe.each(FAMILIES)(
    'IPv$family to a link that carries less than the tunnel',
    ({ family, far, attachedAddress }) => {
      const path: Path = { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS4, remote: PEER4 };
      const arrive = (octets: number, dontFragment: boolean) => {
        const packet = udpPacket(far, attachedAddress as typeof far, {
          size: octets - UDP_AND_IP[family],
          dontFragment,
        });
        return bedOf().exchange({ from: 'transport', packet: tunnelPacket(mirrored(path), packet) });
      };
      afterEach(() => bedOf().setAccessMtu(1500));

      it('[RFC 4443 §3.2, RFC 1812] its source is told, and what fits goes on', () => {
        set({ ...attached, paths: [path] });
        bedOf().setAccessMtu(1300);
        expect(arrive(1300, true)).toMatchObject([{ to: 'access', mac: ALICE }]);
        const [told, ...others] = arrive(1301, true);
        expect(others).toEqual([]);
        expect(told?.to).toBe('core');
        expect(readReport(told)).toMatchObject({ destination: `${far}`, mtu: 1300 });
        bedOf().setAccessMtu(1500);
        expect(arrive(1301, true)).toMatchObject([{ to: 'access', mac: ALICE }]);
      });

      it.runIf(family === 4)('what may be cut is cut', () => {
        set({ ...attached, paths: [path] });
        bedOf().setAccessMtu(1300);
        const left = arrive(1400, false);
        expect(left).toMatchObject([
          { to: 'access', mac: ALICE },
          { to: 'access', mac: ALICE },
        ]);
        for (const { packet } of left) expect(packet.length).toBeLessThanOrEqual(1300);
        expect(reassemble(left.map(({ packet }) => packet)).length).toBe(1400);
      });
    },
  );

  const path: Path = { encapsulation: { kind: 'ip' }, local: NODE_ADDRESS4, remote: PEER4 };
  const far = CORRESPONDENT4;
  const home = ipv4('192.0.2.1');

  it('believes nothing of what it did not send', () => {
    set({ ...anchored, paths: [path] });
    const packet = udpPacket(far, home, { size: 1300, dontFragment: true });
    const forged: readonly Path[] = [
      { ...path, remote: ipv4('198.18.1.16') },
      { ...path, local: ipv4('198.18.0.102') },
      { ...path, encapsulation: { kind: 'gre' } },
      { ...path, encapsulation: { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false } },
    ];
    for (const other of forged) expect(says({ mtu: 600 }, other, packet)).toEqual([]);
    const damaged = reportOf({ mtu: 600 }, path, tunnelPacket(path, packet));
    damaged[30] = (damaged[30] as number) ^ 1;
    expect(bedOf().exchange({ from: 'transport', packet: damaged })).toEqual([]);
    expect(bedOf().exchange({ from: 'core', packet })).toMatchObject([{ to: 'transport' }]);
  });

  it('tells no one of the packet of somebody else', () => {
    set({ ...anchored, paths: [path] });
    expect(says('unreachable', path, udpPacket(far, ipv4('192.0.2.99')))).toEqual([]);
    expect(says('unreachable', path, udpPacket(home, far))).toEqual([]);
    expect(says('unreachable', path, udpPacket(far, home))).toMatchObject([{ to: 'core' }]);
  });

  it('[RFC 4443 §2.4(e)] answers no error with an error, and no fragment behind the first', () => {
    set({ ...anchored, paths: [path] });
    const source = far;
    const quoted = udpPacket(home, far);
    const payload = encodeIcmpv4({ kind: 'destination-unreachable', code: 1, mtu: 0, packet: quoted });
    const error = encodeIpv4({ source, destination: home, ttl: 64, protocol: 1, payload });
    expect(says('unreachable', path, error)).toEqual([]);
    const fragment = udpPacket(far, home);
    fragment[7] = 3;
    expect(says('unreachable', path, withChecksum(fragment))).toEqual([]);
  });

  it('is unharmed by reports that are cut anywhere', () => {
    set({ ...anchored, paths: [path] });
    const report = reportOf('unreachable', path, tunnelPacket(path, udpPacket(far, home)));
    const payload = report.subarray(20);
    for (let length = 0; length < 64; length += 5) {
      const cut = encodeIcmpv4({
        kind: 'destination-unreachable',
        code: 1,
        mtu: 0,
        packet: payload.slice(8, 8 + length),
      });
      const packet = encodeIpv4({ source: ROUTER4, destination: NODE_ADDRESS4, ttl: 64, protocol: 1, payload: cut });
      bedOf().exchange({ from: 'transport', packet });
    }
    expect(bedOf().exchange({ from: 'core', packet: udpPacket(far, home) })).toMatchObject([{ to: 'transport' }]);
  });
}

type Fault = { readonly mtu: number } | 'unreachable';

/** An ICMP error of a router in the transport network about a tunnel packet. */
function reportOf(fault: Fault, { local }: Path, tunnel: Uint8Array): Uint8Array {
  if (local instanceof Ipv6Address) {
    const packet = tunnel.slice(0, 1232);
    const message: Icmpv6Message =
      fault === 'unreachable'
        ? { kind: 'destination-unreachable', code: 0, packet }
        : { kind: 'packet-too-big', mtu: fault.mtu, packet };
    const payload = encodeIcmpv6(message, ROUTER6, local);
    return encodeIpv6({ source: ROUTER6, destination: local, hopLimit: 64, nextHeader: 58, payload });
  }
  const [code, mtu] = fault === 'unreachable' ? [1, 0] : [4, fault.mtu];
  const message: Icmpv4Message = { kind: 'destination-unreachable', code, mtu, packet: tunnel.slice(0, 548) };
  const payload = encodeIcmpv4(message);
  return encodeIpv4({ source: ROUTER4, destination: local, ttl: 64, protocol: 1, payload });
}

/** What an error that left says; its checksums are verified. */
export function readReport(left: Departed | undefined) {
  const packet = left?.packet as Uint8Array;
  if ((packet[0] as number) >>> 4 === 6) {
    const six = decodeIpv6(packet);
    if (!six.ok) throw new Error(six.error.rule);
    const { source, destination, payload } = six.value;
    const icmp = decodeIcmpv6(payload, source, destination);
    if (!icmp.ok) throw new Error(icmp.error.rule);
    const { value } = icmp;
    expect(isOfNode(source), `${source}`).toBe(true);
    if (value.kind === 'packet-too-big') return { destination: `${destination}`, mtu: value.mtu, quoted: value.packet };
    if (value.kind !== 'destination-unreachable') throw new Error(value.kind);
    expect(value.code).toBe(3);
    return { destination: `${destination}`, mtu: undefined, unreachable: true, quoted: value.packet };
  }
  const four = decodeIpv4(packet);
  if (!four.ok) throw new Error(four.error.rule);
  const { source, destination, payload } = four.value;
  expect(isOfNode(source), `${source}`).toBe(true);
  const icmp = decodeIcmpv4(payload);
  if (!icmp.ok || icmp.value.kind !== 'destination-unreachable') throw new Error('no error');
  const { code, mtu, packet: quoted } = icmp.value;
  if (code === 4) return { destination: `${destination}`, mtu, quoted };
  expect(code).toBe(1);
  return { destination: `${destination}`, mtu: undefined, unreachable: true, quoted };
}

/** But for the hop limit, which a router may have taken one of, and the checksum with it. */
function isHeadOf(quoted: Uint8Array, packet: Uint8Array): boolean {
  const [from, to] = (packet[0] as number) >>> 4 === 4 ? [8, 12] : [7, 8];
  const same = (start: number, end: number) =>
    Buffer.from(quoted.subarray(start, end)).equals(packet.subarray(start, end));
  return quoted.length > 200 && same(0, from) && same(to, quoted.length);
}

/** The packet in a tunnel packet of this path. */
function inner(path: Path, tunnel: Uint8Array): Uint8Array {
  return tunnel.subarray(headerLength(formOf(path)));
}

/** The packet whose fragments, in any order, these are. */
export function reassemble(fragments: readonly Uint8Array[]): Uint8Array {
  const parts = fragments.map((fragment) => {
    if ((fragment[0] as number) >>> 4 === 4) {
      const four = decodeIpv4(fragment);
      if (!four.ok) throw new Error(four.error.rule);
      const { fragmentOffset: at, payload, moreFragments: more } = four.value;
      return { at, payload, more, header: fragment.subarray(0, 20) };
    }
    const field = readU16(fragment, 42);
    const header = fragment.slice(0, 40);
    header[6] = fragment[40] as number;
    return { at: field & 0xfff8, more: (field & 1) !== 0, payload: fragment.subarray(48), header };
  });
  parts.sort((a, b) => a.at - b.at);
  let end = 0;
  for (const { at, payload } of parts) {
    expect(at).toBe(end);
    end += payload.length;
  }
  expect(parts.map(({ more }) => more)).toEqual(parts.map((_, i) => i < parts.length - 1));
  return concatBytes(parts[0]?.header as Uint8Array, ...parts.map(({ payload }) => payload));
}

function withChecksum(packet: Uint8Array): Uint8Array {
  packet.fill(0, 10, 12);
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += readU16(packet, i);
  const folded = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  packet[10] = folded >> 8;
  packet[11] = folded & 0xff;
  return packet;
}
