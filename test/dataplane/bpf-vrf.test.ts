/** Peers that are reached by a routing table of their own, while the main table leads elsewhere. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AnchorForwarding, NodeForwarding } from '#dataplane/desired.ts';
import { anchored, CORRESPONDENT6, ipv6, node, otherPath, PEER, prefix6 } from './bed.ts';
import { awaitCarrier, ip, type KernelBed, kernelBed, kernelBedMissing, NODE_NAMESPACE } from './kernel-bed.ts';
import { stateOf } from './node-state.ts';
import { udpPacket } from './packets.ts';

const missing = kernelBedMissing();
const TABLE = 100;
const PEERS = '2001:db8:cafe::/48';
const ANCHORED = ipv6('2001:db8:f00d:1::1234');
const OTHER = ipv6('2001:db8:f00d:2::1234');
/** Reached as the main table says. */
const other: AnchorForwarding = {
  kind: 'anchor',
  id: 'other',
  customer: 0,
  prefixes: [prefix6('2001:db8:f00d:2::/64')],
  paths: [otherPath],
};
const inVrf: NodeForwarding = { ...node, vrfs: [{ name: 'red', table: TABLE, peers: [PEER] }] };

describe.skipIf(missing)(`a peer in a VRF${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  let before: unknown;
  const route = (...words: string[]) => ip(['-n', NODE_NAMESPACE, '-6', 'route', ...words]);
  const ways = (destination = ANCHORED, size = 64) =>
    bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT6, destination, { size }) }).map(({ to }) => to);

  beforeEach(() => {
    bed = kernelBed({ started: false });
    awaitCarrier();
    route('replace', PEERS, 'via', '2001:db8:100::10');
    route('add', PEERS, 'via', '2001:db8:cafe:1024::8', 'table', `${TABLE}`);
    before = stateOf(NODE_NAMESPACE);
    bed.inside(() => bed.plane.start(inVrf));
    bed.plane.apply([anchored, other].map((forwarding) => ({ kind: 'set', forwarding })));
  });
  afterEach(() => bed.close());

  it('gets its tunnel packets by the table of the VRF, and no others do; fragments of them too', () => {
    expect([ways(), ways(OTHER)]).toEqual([['transport'], ['core']]);
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'core', 'mtu', '1280']);
    ways();
    expect(ways(ANCHORED, 1232)).toEqual(['transport', 'transport']);
  });

  it('is not reached by the main table when the VRF has no route, and is again when it has one', () => {
    route('del', PEERS, 'table', `${TABLE}`);
    ways();
    expect([ways(), ways(OTHER)]).toEqual([[], ['core']]);
    expect(bed.plane.drops()['peer-unreachable']).toBeGreaterThan(0);
    route('add', PEERS, 'via', '2001:db8:cafe:1024::8', 'table', `${TABLE}`);
    ways();
    expect(ways()).toEqual(['transport']);
  });

  it('goes over to another table with its bindings, also under another process, and nothing is left in the end', () => {
    expect(bed.inside(() => bed.plane.reconfigure(node))).toEqual({ failed: [] });
    expect([ways(), ways(OTHER)]).toEqual([['core'], ['core']]);
    expect(bed.inside(() => bed.plane.reconfigure(inVrf))).toEqual({ failed: [] });
    expect(ways()).toEqual(['transport']);
    bed.succeed(inVrf);
    expect(ways()).toEqual(['transport']);
    bed.plane.apply([anchored, other].map((forwarding) => ({ kind: 'set', forwarding })));
    expect(bed.plane.reconcile().failed).toEqual([]);
    expect(bed.plane.counters('anchored')?.downPackets).toBe(3);
    bed.inside(() => bed.plane.close());
    expect(stateOf(NODE_NAMESPACE)).toEqual(before);
  });
});
