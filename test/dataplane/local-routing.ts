/** Traffic between two mobile nodes of one gateway. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { AccessForwarding, ForwardingChange, NodeForwarding } from '#dataplane/desired.ts';
import {
  ALICE,
  attached,
  attachedBob,
  type Bed,
  BOB,
  CORRESPONDENT4,
  CORRESPONDENT6,
  type Departed,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  PEER,
} from './bed.ts';
import { readReport } from './packet-size.ts';
import { seen, tunnelled, udpPacket } from './packets.ts';
import { optionsOf, segment } from './tcp-segments.ts';

const FAMILIES = [
  { family: 4, alice: ipv4('203.0.113.1'), bob: ipv4('203.0.113.2'), far: CORRESPONDENT4, headers: 28 },
  {
    family: 6,
    alice: ipv6('2001:db8:beef:1::1234'),
    bob: ipv6('2001:db8:beef:2::7'),
    far: CORRESPONDENT6,
    headers: 48,
  },
] as const;
const SYN = 0x02;
const allowing: NodeForwarding = {
  ...node,
  accessInterfaces: node.accessInterfaces.map((link) => ({ ...link, localRouting: true })),
};
const [first, second] = node.accessInterfaces.map(({ name }) => name) as [string, string];

/** Called by the suite of all data planes. */
export function localRoutingSuite(makeBed: (node?: NodeForwarding) => Bed, survives: boolean): void {
  describe('local routing', () => {
    let bed: Bed;
    beforeAll(() => {
      bed = makeBed(allowing);
    });
    afterEach(() => {
      for (const id of ['attached', 'attached-bob']) bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id }]);
      bed.plane.reconcile();
      bed.inside(() => bed.plane.reconfigure(allowing));
    });
    afterAll(() => bed.close());
    describe.each(FAMILIES)('of IPv$family', (family) => {
      cases(() => bed, family);
      if (survives) survival(() => bed, family);
    });
  });
}

function cases(bedOf: () => Bed, { alice, bob, far, headers }: (typeof FAMILIES)[number]): void {
  const set = (...forwardings: AccessForwarding[]) =>
    expect(
      bedOf().plane.apply(forwardings.map((forwarding): ForwardingChange => ({ kind: 'set', forwarding }))).failed,
    ).toEqual([]);
  const clear = (id: string) => bedOf().plane.apply([{ kind: 'clear', forwardingKind: 'access', id }]);
  const packetTo = (to: typeof far, options = {}) => udpPacket(alice, to, options);
  const send = (packet = packetTo(bob), from: 'access' | 'access2' | 'held' = 'access') =>
    bedOf().exchange({ from, mac: ALICE, packet });
  const counts = (id: string) => bedOf().plane.counters(id);

  it.each([
    ['another', second, 'access2'],
    ['the same', first, 'access'],
  ] as const)(
    '[RFC 5213 §6.10.3, §6.10.5(2), §6.10.5(4), §9.2, RFC 5844 §3.2.4(2), §4.2.2.2(1)] goes straight to a mobile node of %s access link, one hop on, and is counted for both',
    (_, link, to) => {
      set(attached, { ...attachedBob, interface: link });
      const packet = packetTo(bob, { trafficClass: 0x28 });
      const left = send(packet);
      expect(left).toMatchObject([{ to, mac: BOB }]);
      expect(seen(left[0]?.packet)).toMatchObject({
        source: `${alice}`,
        destination: `${bob}`,
        hopLimit: 63,
        trafficClass: 0x28,
      });
      expect(left[0]?.packet.length).toBe(packet.length);
      const one = { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 };
      expect(counts('attached')).toEqual({ ...one, upPackets: 1, upOctets: packet.length });
      expect(counts('attached-bob')).toEqual({ ...one, downPackets: 1, downOctets: packet.length });
      const back = bedOf().exchange({ from: to, mac: BOB, packet: udpPacket(bob, alice) });
      expect(back).toMatchObject([{ to: 'access', mac: ALICE }]);
    },
  );

  it('[RFC 5213 §6.10.5(4), §6.10.5(5)] goes through the tunnel where the destination is elsewhere, and as soon as it has left', () => {
    set(attached);
    const away = () => expect(send()).toMatchObject([{ to: 'transport' }]);
    expect(send(packetTo(far))).toMatchObject([{ to: 'transport' }]);
    away();
    set(attachedBob);
    expect(send()).toMatchObject([{ to: 'access', mac: BOB }]);
    clear('attached-bob');
    away();
    set({ ...attachedBob, interface: second });
    expect(send()).toMatchObject([{ to: 'access2', mac: BOB }]);
    set(attachedBob);
    expect(send()).toMatchObject([{ to: 'access', mac: BOB }]);
  });

  it('[RFC 5213 §6.10.5(3)] takes nothing from who has no binding, nor in the name of another', () => {
    set(attachedBob);
    const dropped = (reason: 'no-binding' | 'spoofed-source', arrive: () => Departed[]) => {
      const before = bedOf().plane.drops()[reason];
      expect(arrive()).toEqual([]);
      expect(bedOf().plane.drops()[reason]).toBe(before + 1);
    };
    dropped('no-binding', send);
    set(attached);
    dropped('spoofed-source', () => send(udpPacket(bob, alice)));
    dropped('spoofed-source', () => bedOf().exchange({ from: 'access', mac: BOB, packet: packetTo(bob) }));
    dropped('spoofed-source', () => send(packetTo(bob), 'access2'));
    clear('attached');
    dropped('no-binding', send);
    expect(counts('attached-bob')?.downPackets).toBe(0);
  });

  it('[RFC 5213 §9.2, §6.10.3] keeps to the policy of each mobile node, which precedes that of the gateway, and needs that of both', () => {
    const goes = (own: boolean | undefined, others: boolean | undefined) => {
      const policy = (localRouting: boolean | undefined) => (localRouting === undefined ? {} : { localRouting });
      set({ ...attached, ...policy(own) }, { ...attachedBob, ...policy(others) });
      return send().map(({ to }) => to);
    };
    for (const [own, others, to] of [
      [undefined, undefined, 'access'],
      [false, undefined, 'transport'],
      [undefined, false, 'transport'],
      [true, true, 'access'],
    ] as const)
      expect(goes(own, others)).toEqual([to]);
    bedOf().inside(() => bedOf().plane.reconfigure(node));
    for (const [own, others, to] of [
      [undefined, undefined, 'transport'],
      [true, undefined, 'transport'],
      [true, true, 'access'],
      [true, false, 'transport'],
    ] as const)
      expect(goes(own, others)).toEqual([to]);
  });

  it('[RFC 5213 §9.2] begins and ends with the flag of the gateway, without a change of any binding', () => {
    set(attached, attachedBob);
    expect(send()).toMatchObject([{ to: 'access', mac: BOB }]);
    expect(bedOf().inside(() => bedOf().plane.reconfigure(node)).failed).toEqual([]);
    expect(send()).toMatchObject([{ to: 'transport' }]);
    expect(bedOf().inside(() => bedOf().plane.reconfigure(allowing)).failed).toEqual([]);
    expect(send()).toMatchObject([{ to: 'access', mac: BOB }]);
  });

  it('takes one hop and no more, and goes no further without one', () => {
    set(attached, attachedBob);
    expect(seen(send(packetTo(bob, { hopLimit: 2 }))[0]?.packet)).toMatchObject({ hopLimit: 1 });
    expect(seen(send(packetTo(bob, { hopLimit: 255 }))[0]?.packet)).toMatchObject({ hopLimit: 254 });
    expect(send(packetTo(bob, { hopLimit: 1 })).filter(({ mac }) => mac?.equals(BOB))).toEqual([]);
  });

  it('[RFC 8201] tells of the MTU that mobile nodes are told of, before it is needed on the way through the LMA', () => {
    set(attached, attachedBob);
    const of = (octets: number, dontFragment = true) => packetTo(bob, { size: octets - headers, dontFragment });
    expect(send(of(1452))).toMatchObject([{ to: 'access', mac: BOB }]);
    const told = send(of(1453));
    expect(told).toMatchObject([{ to: 'access', mac: ALICE }]);
    expect(readReport(told[0])).toMatchObject({ destination: `${alice}`, mtu: 1452 });
    if (!(alice instanceof Ipv4Address)) return;
    const pieces = send(of(1500, false));
    expect(pieces.map(({ mac }) => mac)).toEqual([BOB, BOB]);
    for (const { packet } of pieces) expect(packet.length).toBeLessThanOrEqual(1452);
  });

  it('opens TCP connections that fit through the tunnels of both too', () => {
    set(attached, attachedBob);
    const most = 1452 - headers - 12;
    const size = (value: number) => [2, 4, value >> 8, value & 255];
    const [left] = send(segment(alice, bob, size(1460), SYN));
    expect(left).toMatchObject({ to: 'access', mac: BOB });
    expect(optionsOf(left?.packet as Uint8Array, headers - 8)).toEqual(size(most));
  });

  it('must be permitted by the access list that it would meet on its way through the tunnels', () => {
    set(attached, attachedBob);
    const any = { address: new Ipv4Address(0), wildcard: new Ipv4Address(-1) };
    const rule = (action: 'permit' | 'deny', port?: number) => ({
      ...{ action, protocol: 'ip' as const, source: any, destination: any, established: false },
      ...(port !== undefined && { protocol: 17, destinationPorts: { low: port, high: port, except: false } }),
    });
    const rules = [rule('deny', 6000), rule('permit')];
    bedOf().inside(() => bedOf().plane.reconfigure({ ...allowing, tunnelFilters: { access: { name: 'acl', rules } } }));
    const before = bedOf().plane.drops().denied;
    expect(send()).toEqual([]);
    expect(send(packetTo(bob, { destinationPort: 6001 }))).toMatchObject([{ to: 'access', mac: BOB }]);
    expect(bedOf().plane.drops().denied).toBe(before + 1);
    expect(bedOf().plane.filterHits('access')).toEqual([1, 1]);
  });

  it('takes what waited for the binding straight there too', () => {
    set(attached, attachedBob);
    const left = send(packetTo(bob), 'held');
    expect(left).toMatchObject([{ to: 'access', mac: BOB }]);
    expect(seen(left[0]?.packet)).toMatchObject({ hopLimit: 63 });
    expect(counts('attached')?.upPackets).toBe(1);
    expect(counts('attached-bob')?.downPackets).toBe(1);
  });

  it('leaves what comes out of a tunnel as it was', () => {
    set(attached, attachedBob);
    const packet = tunnelled(PEER, NODE_ADDRESS, udpPacket(far, bob));
    expect(bedOf().exchange({ from: 'transport', packet })).toMatchObject([{ to: 'access', mac: BOB }]);
    expect(counts('attached-bob')).toMatchObject({ downPackets: 1 });
  });
}

function survival(bedOf: () => Bed, { alice, bob }: (typeof FAMILIES)[number]): void {
  const set = (...forwardings: AccessForwarding[]) =>
    bedOf().plane.apply(forwardings.map((forwarding): ForwardingChange => ({ kind: 'set', forwarding })));
  const send = () => bedOf().exchange({ from: 'access', mac: ALICE, packet: udpPacket(alice, bob) });

  it('goes on when the process is killed, and under the next one, which knows it for what it is', () => {
    const never = { ...attachedBob, localRouting: false };
    set(attached, never);
    bedOf().succeed(allowing);
    expect(send()).toMatchObject([{ to: 'transport' }]);
    set(attached, never);
    expect(bedOf().plane.reconcile()).toMatchObject({ repaired: 0, removed: 0, failed: [] });
    set(attachedBob);
    expect(bedOf().plane.audit()).toMatchObject({ missing: 0, different: 0, extra: 0 });
    expect(send()).toMatchObject([{ to: 'access', mac: BOB }]);
    bedOf().succeed(allowing);
    expect(send()).toMatchObject([{ to: 'access', mac: BOB }]);
  });
}
