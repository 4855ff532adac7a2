/** Packets that go past the kernel's stack, and those that do not. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readU16, toHex } from '#base/bytes.ts';
import type { AccessForwarding, AnchorForwarding, Forwarding, NodeForwarding, Path } from '#dataplane/desired.ts';
import { flowLabelOf } from '#dataplane/flow-label.ts';
import { type IpHeader, readIpHeader } from '#dataplane/ip-packet.ts';
import { formOf, headerLength } from '#dataplane/tunnel-form.ts';
import { probeKernel } from '#host/kernel-features.ts';
import {
  ALICE,
  type Arrival,
  anchored,
  attached,
  attachedBob,
  BOB,
  CORRESPONDENT4,
  type Departed,
  ipv4,
  NODE_ADDRESS,
  NODE_ADDRESS4,
  node,
  PEER4,
} from './bed.ts';
import { complianceSuite } from './compliance.ts';
import { FAMILIES, mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import { ip, type KernelBed, kernelBed, kernelBedMissing, NODE_NAMESPACE } from './kernel-bed.ts';
import { FIRST_AND_LAST, largeSegment } from './large-segment.ts';
import { readReport } from './packet-size.ts';
import { seen, udpPacket } from './packets.ts';

const missing = kernelBedMissing();
const nightly = process.env.MOORING_NIGHTLY === '1';
const expressly = (forwarding: NodeForwarding): NodeForwarding => ({
  correspondentInterfaces: ['inet'],
  ...forwarding,
  express: true,
});
const TCP_HEADER = 20;
/** Behind the headers of IPv4 and UDP, and two octets of its own. */
const TLV_LENGTH_AT = 30;
/** Ten ticks of the slowest clock that a kernel has. */
const ROUTES_KNOWN_MS = 100;
/** Whether a packet of another family than its tunnel may stay where it comes out. */
const outOfAll = !missing && probeKernel().decapL3;

describe.skipIf(missing)(`express forwarding${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  beforeAll(() => {
    bed = kernelBed({ forwarding: expressly(node) });
  });
  afterEach(() => {
    for (const [forwardingKind, id] of [
      ['anchor', 'anchored'],
      ['access', 'attached'],
      ['access', 'attached-bob'],
    ] as const)
      bed.plane.apply([{ kind: 'clear', forwardingKind, id }]);
  });
  afterAll(() => bed?.close());

  const set = (...forwardings: Forwarding[]) =>
    expect(bed.plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual([]);
  /** Packets that the stack has forwarded. */
  const forwarded = () => {
    const read = (file: string) => bed.inside(() => readFileSync(`/proc/thread-self/net/${file}`, 'latin1'));
    const [names, values] = read('snmp')
      .split('\n')
      .filter((line) => line.startsWith('Ip:'))
      .map((line) => line.split(' '));
    const four = Number(values?.[names?.indexOf('ForwDatagrams') as number]);
    const six = Number(/^Ip6OutForwDatagrams\s+(\d+)/m.exec(read('snmp6'))?.[1]);
    return four + six;
  };
  /** What leaves, and whether the stack has had it. */
  const exchange = (arrival: Arrival): { readonly left: Departed[]; readonly express: boolean } => {
    const before = forwarded();
    const left = bed.exchange(arrival);
    return { left, express: forwarded() === before };
  };
  const label = (packet: Uint8Array, { local }: Path) =>
    local === NODE_ADDRESS ? { flowLabel: flowLabelOf(packet, readIpHeader(packet) as IpHeader) } : {};

  it.each(TUNNELS.flatMap((tunnel) => FAMILIES.map((family) => ({ ...tunnel, ...family }))))(
    'takes IPv$family into $name and out of it as the stack would have it, at both ends',
    ({ family, ends, encapsulation, far, anchoredAddress, attachedAddress }) => {
      const paths = [{ encapsulation, local: ends.local, remote: ends.remote }] as AnchorForwarding['paths'];
      const [path] = paths;
      set({ ...anchored, paths }, { ...attached, paths } as AccessForwarding);
      const into = (arrival: Arrival, hopsTaken: Uint8Array) => {
        const { left, express } = exchange(arrival);
        expect(left.map(({ to, packet }) => [to, toHex(packet)])).toEqual([
          ['transport', toHex(tunnelPacket(path, hopsTaken, { trafficClass: 0xb9, ...label(hopsTaken, path) }))],
        ]);
        expect(express).toBe(true);
      };
      const options = { trafficClass: 0xb9 };
      const taken = { ...options, hopLimit: 63 };
      into({ from: 'core', packet: udpPacket(far, anchoredAddress, options) }, udpPacket(far, anchoredAddress, taken));
      const up = udpPacket(attachedAddress, far, options);
      into({ from: 'access', mac: ALICE, packet: up }, udpPacket(attachedAddress, far, taken));
      const isOfOneFamily = (family === 4) === (ends.local !== NODE_ADDRESS);
      for (const [to, packet, expected] of [
        ['core', udpPacket(anchoredAddress, far), udpPacket(anchoredAddress, far, { hopLimit: 63 })],
        ['access', udpPacket(far, attachedAddress), udpPacket(far, attachedAddress, { hopLimit: 63 })],
      ] as const) {
        const { left, express } = exchange({ from: 'transport', packet: tunnelPacket(mirrored(path), packet) });
        expect(left.map((one) => [one.to, toHex(one.packet)])).toEqual([[to, toHex(expected)]]);
        expect(express).toBe(isOfOneFamily || outOfAll);
      }
      const counted = { upPackets: 1, downPackets: 1 };
      expect([bed.plane.counters('anchored'), bed.plane.counters('attached')]).toMatchObject([counted, counted]);
    },
  );

  const ANCHORED = ipv4('192.0.2.1');
  const ATTACHED = ipv4('203.0.113.1');
  const down = (options = {}) => exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED, options) });
  const upAtAnchor = (options = {}, [path]: AnchorForwarding['paths'] = anchored.paths) =>
    exchange({
      from: 'transport',
      packet: tunnelPacket(mirrored(path), udpPacket(ANCHORED, CORRESPONDENT4, options)),
    });
  /** Packets of IPv4 come out of it without the stack on every kernel. */
  const inIpv4 = [{ encapsulation: { kind: 'ip' }, local: NODE_ADDRESS4, remote: PEER4 }] as const;
  const up = (to = CORRESPONDENT4, options = {}) =>
    exchange({ from: 'access', mac: ALICE, packet: udpPacket(ATTACHED, to, options) });

  const TLV = TUNNELS.filter(({ encapsulation: of }) => of.kind === 'udp' && of.tlvHeader);

  it.each(TLV.flatMap((tunnel) => FAMILIES.map((family) => ({ ...tunnel, ...family }))))(
    '[RFC 5845 §7.1] lets the short last segment of a large IPv$family packet follow the others into $name, which stay one',
    ({ ends, encapsulation, far, anchoredAddress }) => {
      const paths = [{ encapsulation, local: ends.local, remote: ends.remote }] as AnchorForwarding['paths'];
      set({ ...anchored, paths });
      const [segments, size, rest] = [12, 1300, 77];
      const large = largeSegment(far, anchoredAddress, segments * size + rest, FIRST_AND_LAST.all);
      const headers = large.length - segments * size - rest;
      const left = bed.exchangeLarge(large, size).map(({ packet }) => packet);
      const room = headerLength(formOf(paths[0]));
      expect(left.map((packet) => packet.length)).toEqual([room + headers + segments * size, room + headers + rest]);
      const tcp = left.map((packet) => Buffer.from(packet.subarray(room + headers - TCP_HEADER)));
      expect(tcp.map((segment) => segment.readUInt32BE(4))).toEqual([1, 1 + segments * size]);
      expect(tcp.map((segment) => segment[13])).toEqual([FIRST_AND_LAST.first, FIRST_AND_LAST.last]);
      expect(Buffer.concat(tcp.map((segment) => segment.subarray(TCP_HEADER))).equals(large.subarray(headers))).toBe(
        true,
      );
      const saidBy = (packet: Uint8Array) => readU16(packet, TLV_LENGTH_AT) - (room - TLV_LENGTH_AT - 2);
      expect(left.map(saidBy)).toEqual([headers + size, headers + rest]);
    },
  );

  it('leaves to the stack what it must answer: no hop left, too large for the tunnel', () => {
    set(anchored, attached);
    expect(down({ hopLimit: 1 }).left.map(({ to, packet }) => [to, seen(packet)])).toMatchObject([
      ['core', { protocol: 1 }],
    ]);
    expect(upAtAnchor({ hopLimit: 1 }).left).toMatchObject([{ to: 'transport' }]);
    const tooLarge = down({ size: 1430, dontFragment: true }).left;
    expect(tooLarge.map(readReport)).toMatchObject([{ mtu: 1452 }]);
    expect(down({ size: 1460 }).left).toHaveLength(2);
  });

  it('goes by the routes and rules of the system, and follows their changes', async () => {
    set({ ...anchored, paths: inIpv4 }, attached);
    const upInIpv4 = () => upAtAnchor({}, inIpv4);
    expect(upInIpv4().left.map(({ to }) => to)).toEqual(['core']);
    const changed = (...words: string[]) => {
      ip(['-n', NODE_NAMESPACE, ...words]);
      return new Promise((resolve) => setTimeout(resolve, ROUTES_KNOWN_MS));
    };
    await changed('route', 'add', 'blackhole', `${CORRESPONDENT4}/32`);
    expect(upInIpv4().left).toEqual([]);
    await changed('route', 'del', 'blackhole', `${CORRESPONDENT4}/32`);
    expect(upInIpv4()).toMatchObject({ left: [{ to: 'core' }], express: true });
    expect(down()).toMatchObject({ left: [{ to: 'transport' }], express: true });
    await changed('rule', 'add', 'to', `${ANCHORED}`, 'prio', '100', 'blackhole');
    expect(down().left).toEqual([]);
    await changed('rule', 'del', 'prio', '100');
    expect(down()).toMatchObject({ left: [{ to: 'transport' }], express: true });
    await changed('rule', 'add', 'iif', 'acc', 'to', `${CORRESPONDENT4}`, 'prio', '100', 'lookup', 'main');
    expect(up().left.map(({ to }) => to)).toEqual(['core']);
    await changed('rule', 'del', 'prio', '100');
    expect(up()).toMatchObject({ left: [{ to: 'transport' }], express: true });
  });

  it('leaves to the stack what is too large for a route that smaller ones have taken', async () => {
    set({ ...anchored, paths: inIpv4 });
    const route = (verb: string) => ['-n', NODE_NAMESPACE, 'route', verb, `${CORRESPONDENT4}/32`, 'dev', 'inet'];
    ip([...route('replace'), 'mtu', 'lock', '1000']);
    await new Promise((resolve) => setTimeout(resolve, ROUTES_KNOWN_MS));
    expect(upAtAnchor({}, inIpv4)).toMatchObject({ left: [{ to: 'core' }], express: true });
    const tooLarge = upAtAnchor({ size: 1200, dontFragment: true }, inIpv4);
    expect(tooLarge.left).toMatchObject([{ to: 'transport' }]);
    ip(route('del'));
  });

  it('refuses what access lists and the checks against spoofing refuse, and counts it so', () => {
    set(anchored, attached);
    const any = { address: ipv4('0.0.0.0'), wildcard: ipv4('255.255.255.255') };
    const rules = [{ action: 'deny', protocol: 17, source: any, destination: any, established: false }] as const;
    const filters = { anchor: { name: 'no-udp', rules }, access: { name: 'no-udp', rules } };
    bed.inside(() => bed.plane.reconfigure({ ...expressly(node), tunnelFilters: filters }));
    for (const way of [down, upAtAnchor, () => up()]) expect(way().left).toEqual([]);
    expect(bed.plane.drops().denied).toBe(3);
    expect([bed.plane.filterHits('anchor'), bed.plane.filterHits('access')]).toEqual([[2], [1]]);
    bed.inside(() => bed.plane.reconfigure(expressly(node)));
    expect(exchange({ from: 'access', mac: BOB, packet: udpPacket(ATTACHED, CORRESPONDENT4) }).left).toEqual([]);
    expect(bed.plane.drops()['spoofed-source']).toBe(1);
  });

  it('lets mobile nodes of one gateway reach each other where they may, and the gateway', () => {
    set(attached, attachedBob);
    expect(up(ipv4('203.0.113.2')).left.map(({ to }) => to)).toEqual(['transport']);
    const accessInterfaces = node.accessInterfaces.map((link) => ({ ...link, localRouting: true }));
    bed.inside(() => bed.plane.reconfigure({ ...expressly(node), accessInterfaces }));
    expect(up(ipv4('203.0.113.2')).left).toMatchObject([{ to: 'access', mac: BOB }]);
    bed.inside(() => bed.plane.reconfigure(expressly(node)));
    const atGateway = up(ipv4('198.51.100.1')).left;
    expect(atGateway.filter(({ to }) => to === 'transport')).toEqual([]);
  });

  it('ends when it is switched off, and begins again', () => {
    set(anchored);
    bed.inside(() => bed.plane.reconfigure({ ...expressly(node), express: false }));
    expect(down()).toMatchObject({ left: [{ to: 'transport' }], express: false });
    bed.inside(() => bed.plane.reconfigure(expressly(node)));
    expect(down()).toMatchObject({ left: [{ to: 'transport' }], express: true });
  });
});

describe.skipIf(missing)('express forwarding without decapL3', () => {
  it('takes packets of another family than their tunnel out of it by the stack', () => {
    const bed = kernelBed({ forwarding: expressly(node), without: ['decapL3'] });
    try {
      for (const name of ['IPv6', 'GRE with keys over IPv4']) {
        const { ends, encapsulation } = TUNNELS.find((tunnel) => tunnel.name === name) as (typeof TUNNELS)[number];
        const paths = [{ encapsulation, local: ends.local, remote: ends.remote }] as AnchorForwarding['paths'];
        expect(bed.plane.apply([{ kind: 'set', forwarding: { ...anchored, paths } }]).failed).toEqual([]);
        for (const { far, anchoredAddress } of FAMILIES) {
          const packet = tunnelPacket(mirrored(paths[0]), udpPacket(anchoredAddress, far));
          const left = bed.exchange({ from: 'transport', packet }).map((one) => [one.to, toHex(one.packet)]);
          expect(left).toEqual([['core', toHex(udpPacket(anchoredAddress, far, { hopLimit: 63 }))]]);
        }
      }
    } finally {
      bed.close();
    }
  });
});

describe.skipIf(missing || !nightly)('the data plane in the kernel, express', () => {
  complianceSuite((forwarding = node) => kernelBed({ forwarding: expressly(forwarding) }));
});
