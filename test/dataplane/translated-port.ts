/** A gateway behind a NAT, which gives it another UDP port. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccessForwarding, AnchorForwarding, Encapsulation, NodeForwarding, Path } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { type IpHeader, readIpHeader } from '#dataplane/ip-packet.ts';
import { isKeepalive, keepalive } from '#dataplane/keepalive.ts';
import { decodeIpv4 } from '#wire/ipv4.ts';
import { decodeUdp } from '#wire/udp.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  CORRESPONDENT4,
  ipv4,
  NODE_ADDRESS4,
  node,
  PEER4,
  prefix6,
  STRANGER4,
} from './bed.ts';
import { tunnelPacket } from './encapsulations.ts';
import { udpPacket } from './packets.ts';

const KEYS = { send: 7, receive: 8 };
const udp = { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: true, gre: { keys: KEYS } } as const;
const ALICE4 = ipv4('192.0.2.1');
const BOB4 = ipv4('192.0.2.2');
const through = (encapsulation: Encapsulation): Path => ({ encapsulation, local: NODE_ADDRESS4, remote: PEER4 });
const behindNat = through({ ...udp, translated: true });
const bob: AnchorForwarding = {
  ...anchored,
  id: 'bob',
  homeAddress: BOB4,
  prefixes: [prefix6('2001:db8:f00d:2::/64')],
  paths: [behindNat],
};

/** Called by the suite of all data planes. */
export function translatedPortSuite(makeBed: (node?: NodeForwarding) => Bed, survives: boolean): void {
  describe('a NAT in front of a gateway', () => cases(makeBed, survives));
}

function cases(makeBed: (node?: NodeForwarding) => Bed, survives: boolean): void {
  let bed: Bed;
  beforeAll(() => {
    bed = makeBed();
  });
  afterEach(() => {
    for (const id of ['anchored', 'bob']) bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id }]);
    bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id: 'attached' }]);
    bed.plane.reconcile();
  });
  afterAll(() => bed.close());

  const set = (...forwardings: (AnchorForwarding | AccessForwarding)[]) =>
    expect(bed.plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual([]);
  /** As the gateway's packets arrive: from this port. */
  const from = (port: number, packet: Uint8Array, { source = PEER4, key = KEYS.receive } = {}) => {
    const encapsulation = { ...udp, localPort: port, gre: { keys: { send: key, receive: KEYS.send } } };
    const tunnel = { encapsulation, local: source, remote: NODE_ADDRESS4 };
    return bed.exchange({ from: 'transport', packet: tunnelPacket(tunnel, packet) }).map(({ to }) => to);
  };
  const up = (address = ALICE4) => udpPacket(address, CORRESPONDENT4);
  /** To which ports what is for a mobile node goes. */
  const portsTo = (address = ALICE4) =>
    bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, address) }).map(({ packet }) => portOf(packet));
  const dropped = (reason: DropReason, arrive: () => unknown[]) => {
    const before = bed.plane.drops()[reason];
    expect(arrive()).toEqual([]);
    expect(bed.plane.drops()[reason], reason).toBe(before + 1);
  };

  it('[RFC 5555 §4.2] is sent to at the port that its packets come from, for all mobile nodes there', () => {
    set({ ...anchored, paths: [behindNat] }, bob);
    expect(bed.plane.translatedPort(behindNat)).toBeUndefined();
    expect(portsTo()).toEqual([5437]);
    expect(from(40_123, up())).toEqual(['core']);
    expect([portsTo(), portsTo(BOB4)]).toEqual([[40_123], [40_123]]);
    expect(bed.plane.translatedPort(behindNat)).toEqual({ port: 40_123, moves: 1 });
    expect(bed.plane.audit()).toMatchObject({ missing: 0, different: 0, extra: 0 });
  });

  it('is followed when it forgets its ports, once in a second at most', () => {
    set({ ...anchored, paths: [behindNat] });
    expect(from(40_123, up())).toEqual(['core']);
    dropped('tunnel-wrong-port', () => from(40_124, up()));
    expect(from(40_123, up())).toEqual(['core']);
    bed.later(1100);
    expect(from(40_124, up())).toEqual(['core']);
    expect(portsTo()).toEqual([40_124]);
    expect(bed.plane.translatedPort(behindNat)).toEqual({ port: 40_124, moves: 2 });
  });

  it('is followed for nobody else: not for another address, key, source or tunnel', () => {
    set({ ...anchored, paths: [behindNat] });
    dropped('tunnel-wrong-peer', () => from(40_123, up(), { source: STRANGER4 }));
    dropped('tunnel-wrong-key', () => from(40_123, up(), { key: 9 }));
    dropped('tunnel-no-binding', () => from(40_123, up(BOB4)));
    expect([bed.plane.translatedPort(behindNat), portsTo()]).toEqual([undefined, [5437]]);
    set({ ...anchored, paths: [through(udp)] });
    dropped('tunnel-wrong-port', () => from(40_123, up()));
    expect([bed.plane.translatedPort(through(udp)), portsTo()]).toEqual([undefined, [5437]]);
  });

  it('is remembered over other bindings and settings, and forgotten with its last binding', () => {
    set({ ...anchored, paths: [behindNat] });
    from(40_123, up());
    set(bob, { ...anchored, paths: [behindNat] });
    bed.inside(() => bed.plane.reconfigure({ ...node, tunnelMtu: 1400 }));
    expect([portsTo(), portsTo(BOB4)]).toEqual([[40_123], [40_123]]);
    for (const id of ['bob', 'anchored']) bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id }]);
    set({ ...anchored, paths: [behindNat] });
    expect(portsTo()).toEqual([5437]);
  });

  it.runIf(survives)('is remembered when the process is killed', () => {
    set({ ...anchored, paths: [behindNat] });
    from(40_123, up());
    bed.succeed(node);
    expect(portsTo()).toEqual([40_123]);
    set({ ...anchored, paths: [behindNat] });
    bed.plane.reconcile();
    expect(portsTo()).toEqual([40_123]);
  });

  it('has its state kept by the gateway, which neither side counts as traffic of the mobile node', () => {
    set({ ...anchored, paths: [behindNat] }, { ...attached, paths: [through(udp)], localRouting: true });
    dropped('keepalive', () => from(40_125, keepalive(ALICE4)));
    expect(portsTo()).toEqual([40_125]);
    expect(bed.plane.counters('anchored')).toMatchObject({ upPackets: 0, upOctets: 0 });
    const own = attached.homeAddress as typeof ALICE4;
    const sent = bed.exchange({ from: 'held', mac: ALICE, packet: marked(own) });
    expect(sent.map(({ to, packet }) => [to, portOf(packet)])).toEqual([['transport', 5437]]);
    expect(bed.plane.counters('attached')).toMatchObject({ upPackets: 0, downPackets: 0 });
    // An anchor that sends it back as any packet.
    dropped('keepalive', () => from(5437, keepalive(own)));
  });
}

/** A keepalive that the bed sees. */
function marked(address: typeof ALICE4): Uint8Array {
  const packet = udpPacket(address, address);
  packet[9] = 59;
  packet.set([0, 0], 10);
  const sum = packet.subarray(0, 20).reduce((total, octet, i) => total + (i % 2 === 0 ? octet << 8 : octet), 0);
  const folded = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
  packet.set([folded >> 8, folded & 255], 10);
  expect(isKeepalive(packet, readIpHeader(packet) as IpHeader)).toBe(true);
  return packet;
}

function portOf(packet: Uint8Array): number | undefined {
  const outer = decodeIpv4(packet);
  if (!outer.ok) return undefined;
  const { source, destination, payload } = outer.value;
  const datagram = decodeUdp(payload, source, destination);
  return datagram.ok ? datagram.value.destinationPort : undefined;
}
