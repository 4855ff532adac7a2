/** Customers of one node whose mobile nodes have the same addresses, and so have their correspondent nodes. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { AccessForwarding, AnchorForwarding, Forwarding, NodeForwarding, Path } from '#dataplane/desired.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  BOB,
  CORE_PORTS,
  CORRESPONDENT4,
  CORRESPONDENT6,
  type CorePort,
  type Departed,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  OTHER_PEER,
  otherPath,
  PEER,
  path,
  prefix6,
  STRANGER,
} from './bed.ts';
import { mirrored, tunnelPacket } from './encapsulations.ts';
import { readReport } from './packet-size.ts';
import { seen, udpPacket } from './packets.ts';

const [first, second] = node.accessInterfaces as [
  NodeForwarding['accessInterfaces'][0],
  NodeForwarding['accessInterfaces'][0],
];

/** The node itself has a mobile node too; its second access link is that of customer 2. */
export const withCustomers: NodeForwarding = {
  ...node,
  customers: [
    { number: 1, table: 101, pools: node.pools, correspondentInterfaces: ['inet1'] },
    { number: 2, table: 102, pools: node.pools, correspondentInterfaces: ['inet2'] },
  ],
  accessInterfaces: [
    { ...first, customer: 1 },
    { ...second, customer: 2 },
  ],
};

const keyed = (receive: number): Path => ({
  encapsulation: { kind: 'gre', keys: { send: receive, receive } },
  local: NODE_ADDRESS,
  remote: PEER,
});
const ownPath: Path = { ...path, remote: STRANGER };
/** Told apart by the peer, and by the key alone; and what an observer of the tunnels sees. */
const WAYS = [
  { by: 'peer', paths: [ownPath, path, otherPath], peers: [`${STRANGER}`, `${PEER}`, `${OTHER_PEER}`] },
  { by: 'GRE key', paths: [keyed(7), keyed(8), keyed(9)], peers: [`${PEER}`, `${PEER}`, `${PEER}`] },
] as const;
const FAMILIES = [
  {
    family: 4,
    far: CORRESPONDENT4,
    home: ipv4('192.0.2.1'),
    here: ipv4('203.0.113.1'),
    onlyOther: ipv4('192.0.2.2'),
  },
  {
    family: 6,
    far: CORRESPONDENT6,
    home: ipv6('2001:db8:f00d:1::1234'),
    here: ipv6('2001:db8:beef:1::1234'),
    onlyOther: ipv6('2001:db8:f00d:2::1'),
  },
] as const;
const IDS = ['own', 'red', 'blue'] as const;
type Address = Ipv4Address | Ipv6Address;

/** Called by the suite of all data planes. `survives`: what was counted is there under the next process. */
export function customerSuite(makeBed: (node?: NodeForwarding) => Bed, survives: boolean): void {
  describe('customers whose addresses are equal', () => cases(makeBed, survives));
}

function cases(makeBed: (node?: NodeForwarding) => Bed, survives: boolean): void {
  let bed: Bed;
  const used = new Map<string, Forwarding>();
  beforeAll(() => {
    bed = makeBed(withCustomers);
  });
  afterEach(() => {
    for (const { id, kind } of used.values()) bed.plane.apply([{ kind: 'clear', forwardingKind: kind, id }]);
    used.clear();
    bed.inside(() => bed.plane.reconfigure(withCustomers));
  });
  afterAll(() => bed.close());

  const set = (...forwardings: Forwarding[]) => {
    for (const one of forwardings) used.set(`${one.kind} ${one.id}`, one);
    return bed.plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding }))).failed;
  };
  const anchors = (paths: readonly Path[]) =>
    paths.map(
      (one, customer): AnchorForwarding => ({ ...anchored, id: IDS[customer] as string, customer, paths: [one] }),
    );
  /** Of customers 1 and 2. */
  const accesses = (paths: readonly Path[]): AccessForwarding[] => [
    { ...attached, id: 'red', customer: 1, mac: ALICE, paths: [paths[1] as Path] },
    { ...attached, id: 'blue', customer: 2, mac: BOB, interface: second.name, paths: [paths[2] as Path] },
  ];
  const places = (departed: Departed[]) => departed.map(({ to }) => to);
  const dropped = (reason: keyof ReturnType<typeof bed.plane.drops>, arrive: () => Departed[]) => {
    const before = bed.plane.drops()[reason];
    expect(arrive()).toEqual([]);
    expect(bed.plane.drops()[reason], reason).toBe(before + 1);
  };
  const fromCore = (core: CorePort, source: Address, destination: Address) =>
    bed.exchange({ from: core, packet: udpPacket(source, destination) });
  const fromTunnel = (one: Path, source: Address, destination: Address) =>
    bed.exchange({ from: 'transport', packet: tunnelPacket(mirrored(one), udpPacket(source, destination)) });

  describe.each(WAYS)('told apart by the $by', ({ paths, peers }) => {
    it.each(FAMILIES)(
      'each have their IPv$family mobile node at the anchor, and count for themselves',
      ({ far, home }) => {
        expect(set(...anchors(paths))).toEqual([]);
        for (const [customer, core] of CORE_PORTS.entries()) {
          const [left, ...others] = fromCore(core, far, home);
          expect([left?.to, others]).toEqual(['transport', []]);
          expect(seen(left?.packet)).toMatchObject({ destination: peers[customer] });
          if (peers[0] === peers[1]) expect(left?.packet[47]).toBe(7 + customer); // the key's last octet
          expect(places(fromTunnel(paths[customer] as Path, home, far))).toEqual([core]);
        }
        for (const id of IDS) expect(bed.plane.counters(id)).toMatchObject({ downPackets: 1, upPackets: 1 });
      },
    );

    it.each(FAMILIES)('each have their IPv$family mobile node at the gateway', ({ far, here }) => {
      expect(set(...accesses(paths))).toEqual([]);
      for (const [i, from] of (['access', 'access2'] as const).entries()) {
        const station = i === 0 ? ALICE : BOB;
        const [left, ...others] = bed.exchange({ from, mac: station, packet: udpPacket(here, far) });
        expect([left?.to, others]).toEqual(['transport', []]);
        expect(seen(left?.packet)).toMatchObject({ destination: peers[i + 1] });
        expect(fromTunnel(paths[i + 1] as Path, far, here)).toMatchObject([{ to: from, mac: station }]);
      }
      dropped('spoofed-source', () => bed.exchange({ from: 'access2', mac: ALICE, packet: udpPacket(here, far) }));
      dropped('spoofed-source', () => bed.exchange({ from: 'access', mac: BOB, packet: udpPacket(here, far) }));
      for (const id of ['red', 'blue']) expect(bed.plane.counters(id)).toMatchObject({ downPackets: 1, upPackets: 1 });
    });

    it.each(FAMILIES)(
      'reach nobody of another customer by IPv$family, nor speak in his name',
      ({ far, home, here, onlyOther }) => {
        const other = { homeAddress: ipv4('192.0.2.2'), prefixes: [prefix6('2001:db8:f00d:2::/64')] };
        const [own, red, blue] = anchors(paths) as [AnchorForwarding, AnchorForwarding, AnchorForwarding];
        expect(set(own, red, { ...blue, ...other }, accesses(paths)[0] as Forwarding)).toEqual([]);
        // Addresses that customer 2 alone has, and the node itself and customer 1.
        dropped('tunnel-no-binding', () => fromTunnel(red.paths[0], onlyOther, far));
        dropped('tunnel-no-binding', () => fromTunnel(blue.paths[0], home, far));
        dropped('tunnel-no-binding', () => fromTunnel(blue.paths[0], far, here));
        for (const [core, nobody] of [
          ['core1', onlyOther],
          ['core2', home],
        ] as const) {
          const before = bed.plane.drops()['no-binding'];
          const told = fromCore(core, far, nobody);
          expect(places(told)).toEqual([core]);
          expect(readReport(told[0] as Departed)).toMatchObject({ destination: `${far}`, unreachable: true });
          expect(bed.plane.drops()['no-binding']).toBe(before + 1);
        }
        // From one mobile node to another of the same customer there is a way, to that of another there is none.
        const third = {
          ...red,
          id: 'third',
          homeAddress: ipv4('192.0.2.3'),
          prefixes: [prefix6('2001:db8:f00d:3::/64')],
        };
        expect(set(third)).toEqual([]);
        const neighbour = 'word' in home ? ipv4('192.0.2.3') : ipv6('2001:db8:f00d:3::1');
        expect(places(fromTunnel(red.paths[0], home, neighbour))).toEqual(['transport']);
        expect(bed.plane.counters('third')?.downPackets).toBe(1);
        fromTunnel(red.paths[0], home, onlyOther);
        expect(bed.plane.counters('blue')).toMatchObject({ downPackets: 0, upPackets: 0 });
      },
    );
  });

  it('have no tunnel in common, but for keys', () => {
    const [, red, blue] = anchors([ownPath, path, otherPath]) as [unknown, AnchorForwarding, AnchorForwarding];
    expect(set(red)).toEqual([]);
    const refused = { code: 'address-in-use' };
    expect(set({ ...blue, paths: [path] })).toMatchObject([refused]);
    expect(set({ ...blue, customer: 0, paths: [path] })).toMatchObject([refused]);
    expect(set({ ...blue, paths: [keyed(9)] })).toEqual([]);
    expect(set({ ...red, id: 'again', homeAddress: ipv4('192.0.2.9'), prefixes: [], paths: [keyed(9)] })).toMatchObject(
      [refused],
    );
    bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id: 'red' }]);
    expect(set({ ...blue, paths: [path] })).toEqual([]);
    expect(places(fromCore('core2', CORRESPONDENT4, ipv4('192.0.2.1')))).toEqual(['transport']);
    const { missing, different, extra } = bed.plane.audit();
    expect({ missing, different, extra }).toEqual({ missing: 0, different: 0, extra: 0 });
  });

  it('have their own access links, and end with their customer', () => {
    const [red, blue] = accesses([ownPath, path, otherPath]) as [AccessForwarding, AccessForwarding];
    expect(set({ ...red, customer: 2 }, { ...red, customer: 9 })).toMatchObject([
      { code: 'unknown-customer' },
      { code: 'unknown-customer' },
    ]);
    expect(set(red, blue)).toEqual([]);
    const [one] = withCustomers.customers as [NonNullable<NodeForwarding['customers']>[0]];
    const without = {
      ...withCustomers,
      customers: [one],
      accessInterfaces: withCustomers.accessInterfaces.slice(0, 1),
    };
    const { failed } = bed.inside(() => bed.plane.reconfigure(without));
    expect(failed).toMatchObject([{ id: 'blue', code: 'unknown-customer' }]);
    const up = udpPacket(ipv4('203.0.113.1'), CORRESPONDENT4);
    expect(places(bed.exchange({ from: 'access', mac: ALICE, packet: up }))).toEqual(['transport']);
    expect(fromTunnel(path, CORRESPONDENT4, ipv4('203.0.113.1'))).toMatchObject([{ to: 'access', mac: ALICE }]);
  });

  it.runIf(survives)('are kept apart under the next process, which takes over what each has', () => {
    const both = [...anchors([ownPath, path, otherPath]), ...accesses([ownPath, path, otherPath])];
    expect(set(...both)).toEqual([]);
    const exchange = () => {
      expect(
        CORE_PORTS.flatMap((core) => places(fromCore(core, CORRESPONDENT6, ipv6('2001:db8:f00d:1::1')))),
      ).toHaveLength(3);
      expect(fromTunnel(path, CORRESPONDENT4, ipv4('203.0.113.1'))).toMatchObject([{ to: 'access', mac: ALICE }]);
      expect(fromTunnel(otherPath, CORRESPONDENT4, ipv4('203.0.113.1'))).toMatchObject([{ to: 'access2', mac: BOB }]);
    };
    exchange();
    bed.succeed(withCustomers);
    exchange();
    expect(set(...both)).toEqual([]);
    const { removed, repaired, failed } = bed.plane.reconcile();
    expect({ removed, repaired, failed }).toEqual({ removed: 0, repaired: 0, failed: [] });
    exchange();
    expect(IDS.map((id) => bed.plane.counters(id, 'anchor')?.downPackets)).toEqual([3, 3, 3]);
    for (const { id, kind } of both) bed.plane.apply([{ kind: 'clear', forwardingKind: kind, id }]);
    expect(bed.plane.audit()).toMatchObject({ matching: 0, missing: 0, different: 0, extra: 0 });
  });

  it('cannot have one number or one table', () => {
    const [one, two] = withCustomers.customers as [never, never];
    for (const customers of [
      [one, one],
      [one, { ...(two as object), table: 101 }],
      [{ ...(one as object), number: 0 }],
    ])
      expect(() =>
        bed.inside(() => bed.plane.reconfigure({ ...withCustomers, customers: customers as never })),
      ).toThrow(/customer/);
    expect(
      set(...anchors([ownPath, path, otherPath]), {
        ...anchored,
        id: 'x',
        customer: 1,
        homeAddress: ipv4('192.0.2.8'),
        prefixes: [],
        paths: [path],
      }),
    ).toEqual([]);
    expect(places(fromCore('core1', CORRESPONDENT4, ipv4('192.0.2.8')))).toEqual(['transport']);
  });
}
