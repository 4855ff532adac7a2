/** What a router does for customers beside forwarding: each by the customer's own routes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Forwarding } from '#dataplane/desired.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import {
  ALICE,
  anchored,
  attached,
  CORE_PORTS,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  otherPath,
  PEER,
  path,
  STRANGER,
} from './bed.ts';
import { withCustomers } from './customers.ts';
import { awaitCarrier, type HostBed, hostBed, ip, NODE_NAMESPACE } from './kernel-bed.ts';
import { stateOf } from './node-state.ts';
import { readReport } from './packet-size.ts';
import { fragments, seen, tunnelled, udpPacket } from './packets.ts';

const HOME6 = ipv6('2001:db8:f00d:1::1234');
const HERE4 = ipv4('203.0.113.1');
const FAMILIES = [
  { family: 4, far: CORRESPONDENT4, home: ipv4('192.0.2.1') },
  { family: 6, far: CORRESPONDENT6, home: HOME6 },
] as const;
const bindings: Forwarding[] = [
  { ...anchored, id: 'own', paths: [{ ...path, remote: STRANGER }] },
  { ...anchored, id: 'red', customer: 1 },
  { ...anchored, id: 'blue', customer: 2, paths: [otherPath] },
  { ...attached, id: 'red', customer: 1 },
];

/** Called for each data plane of a host. */
export function customerRouterSuite(make: () => HostDataPlane): void {
  let bed: HostBed<HostDataPlane>;
  let before: unknown;
  beforeAll(() => {
    bed = hostBed(make, { started: false, forwarding: withCustomers });
    awaitCarrier();
    before = stateOf(NODE_NAMESPACE);
    bed.inside(() => bed.plane.start(withCustomers));
    const { failed } = bed.plane.apply(bindings.map((forwarding) => ({ kind: 'set', forwarding })));
    expect(failed).toEqual([]);
  });
  afterAll(() => bed?.close());

  it.each(FAMILIES)('are told, where they are, of an IPv$family packet at the end of its hops', ({ far, home }) => {
    for (const core of CORE_PORTS) {
      const departed = bed.exchange({ from: core, packet: udpPacket(far, home, { hopLimit: 1 }) });
      expect(departed.map(({ to, packet }) => [to, seen(packet)])).toMatchObject([[core, { destination: `${far}` }]]);
    }
  });

  it.each(FAMILIES)('are told where they are how long an IPv$family packet may be', ({ far, home }) => {
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'core', 'mtu', '1400']);
    bed.exchange({ from: 'core', packet: udpPacket(far, home) }); // the change of the link is heard
    for (const core of CORE_PORTS) {
      const packet = udpPacket(far, home, { size: 1400, dontFragment: true });
      const [told, ...others] = bed.exchange({ from: core, packet });
      expect([told?.to, others]).toEqual([core, []]);
      expect(told && readReport(told)).toMatchObject({ destination: `${far}`, mtu: 1360 });
    }
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'core', 'mtu', '1500']);
  });

  it('get what came through their tunnels in fragments', () => {
    for (const [i, peer] of [STRANGER, PEER, otherPath.remote].entries()) {
      const inner = udpPacket(HOME6, CORRESPONDENT6, { size: 1300 });
      const whole = tunnelled(peer as typeof PEER, NODE_ADDRESS, inner);
      const departed = fragments(whole).flatMap((packet) => bed.exchange({ from: 'transport', packet }));
      expect(departed.map(({ to }) => to)).toEqual([CORE_PORTS[i]]);
    }
  });

  it('have sent on what waited in the daemon for a binding', () => {
    const [left] = bed.exchange({ from: 'held', mac: ALICE, packet: udpPacket(HERE4, CORRESPONDENT4) });
    expect([left?.to, seen(left?.packet)]).toMatchObject(['transport', { destination: `${PEER}` }]);
    expect(bed.plane.counters('red', 'access')?.upPackets).toBe(1);
  });

  it('cannot reach the end of the tunnels, nor send in the name of a mobile node', () => {
    const drops = () => bed.plane.drops();
    const forged = tunnelled(otherPath.remote as typeof PEER, NODE_ADDRESS, udpPacket(HOME6, CORRESPONDENT6));
    const [atEnd, spoofed] = [drops()['for-tunnel-end'], drops()['spoofed-source']];
    expect(bed.exchange({ from: 'core1', packet: forged })).toEqual([]);
    expect(bed.exchange({ from: 'core1', packet: udpPacket(HOME6, CORRESPONDENT6) })).toEqual([]);
    expect([drops()['for-tunnel-end'], drops()['spoofed-source']]).toEqual([atEnd + 1, spoofed + 1]);
  });

  it('go nowhere without a route of their own, though others have one', () => {
    ip(['-n', NODE_NAMESPACE, '-6', 'route', 'del', 'default', 'table', '101']);
    const up = tunnelled(PEER, NODE_ADDRESS, udpPacket(HOME6, CORRESPONDENT6));
    expect(bed.exchange({ from: 'transport', packet: up }).filter(({ to }) => to !== 'transport')).toEqual([]);
    ip(['-n', NODE_NAMESPACE, '-6', 'route', 'add', 'default', 'dev', 'inet1', 'table', '101']);
    expect(bed.exchange({ from: 'transport', packet: up })).toMatchObject([{ to: 'core1' }]);
  });

  it('change their routing table with all that is in it', () => {
    const [one, two] = withCustomers.customers as [NonNullable<typeof withCustomers.customers>[0], never];
    ip(['-n', NODE_NAMESPACE, 'route', 'add', 'default', 'dev', 'inet1', 'table', '103']);
    const moved = { ...withCustomers, customers: [{ ...one, table: 103 }, two] };
    expect(bed.inside(() => bed.plane.reconfigure(moved)).failed).toEqual([]);
    const down = tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, HERE4));
    expect(bed.exchange({ from: 'transport', packet: down })).toMatchObject([{ to: 'access', mac: ALICE }]);
    expect(ip(['-n', NODE_NAMESPACE, 'route', 'show', 'table', '101', 'proto', '213'])).toBe('');
    expect(bed.inside(() => bed.plane.reconfigure(withCustomers)).failed).toEqual([]);
    ip(['-n', NODE_NAMESPACE, 'route', 'del', 'default', 'table', '103']);
    expect(bed.plane.audit()).toMatchObject({ missing: 0, different: 0, extra: 0 });
  });

  it('leave nothing behind', () => {
    bed.inside(() => bed.plane.close());
    expect(stateOf(NODE_NAMESPACE)).toEqual(before);
  });
}
