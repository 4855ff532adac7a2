import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ForwardingChange } from '#dataplane/desired.ts';
import {
  ALICE,
  anchored,
  attached,
  attachedBob,
  type Bed,
  BOB,
  CORRESPONDENT4,
  ipv4,
  NODE_ADDRESS,
  node,
  OTHER_PEER,
  otherPath,
  PEER,
  prefix4,
  prefix6,
} from './bed.ts';
import { seen, tunnelled, udpPacket } from './packets.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ATTACHED4 = ipv4('203.0.113.1');
const other = { ...anchored, id: 'other', homeAddress: ipv4('192.0.2.2'), prefixes: [prefix6('2001:db8:f00d:2::/64')] };

/** What becomes of forwarding when its process or its node changes. */
export function lifeCycleSuite(makeBed: () => Bed, survives = true): void {
  let bed: Bed;
  beforeEach(() => {
    bed = makeBed();
  });
  afterEach(() => bed.close());

  const set = (...forwardings: (typeof anchored | typeof attached)[]) =>
    bed.plane.apply(forwardings.map((forwarding): ForwardingChange => ({ kind: 'set', forwarding }))).failed;
  const clear = (id: string) => bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id }]).failed;
  const down = (address = ANCHORED4) => bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, address) });
  const up = () => bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) });
  const toAlice = () => {
    const packet = tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, ATTACHED4));
    return bed.exchange({ from: 'transport', packet });
  };
  const agreement = () => {
    const { examples, ...counts } = bed.plane.audit();
    return { ...counts, examples: examples.length };
  };
  const whole = { missing: 0, different: 0, extra: 0, unclaimed: 0, examples: 0 };

  it.runIf(survives)(
    'forwards on when its process is killed, and when another has taken over before it knows of any binding',
    () => {
      set(anchored, attached);
      bed.succeed(node);
      expect(down()).toMatchObject([{ to: 'transport' }]);
      expect(up()).toMatchObject([{ to: 'transport' }]);
      expect(toAlice()).toMatchObject([{ to: 'access', mac: ALICE }]);
      expect(bed.plane.counters('anchored')).toBeUndefined();
      expect(agreement()).toMatchObject({ missing: 0, different: 0, extra: 0 });
      expect(agreement().unclaimed).toBeGreaterThan(4);
    },
  );

  it.runIf(survives)('lets a binding take over what is there for it, counters too', () => {
    set(anchored, attached);
    down();
    up();
    bed.succeed(node);
    down();
    expect(set(anchored, attached)).toEqual([]);
    down();
    expect(bed.plane.counters('anchored')?.downPackets).toBe(3);
    expect(bed.plane.counters('attached')?.upPackets).toBe(1);
    const { removed, repaired, failed } = bed.plane.reconcile();
    expect({ removed, repaired, failed }).toEqual({ removed: 0, repaired: 0, failed: [] });
    expect(agreement()).toMatchObject(whole);
    expect(down()).toHaveLength(1);
    expect(toAlice()).toHaveLength(1);
  });

  it.runIf(survives)('ends what no binding has claimed when all have been set, of one kind after the other', () => {
    set(anchored, other, attached, attachedBob);
    bed.succeed(node);
    set(anchored);
    expect(bed.plane.reconcile(['anchor']).removed).toBe(2);
    expect(down()).toHaveLength(1);
    expect(down(ipv4('192.0.2.2'))).toMatchObject([{ to: 'core' }]);
    expect(toAlice()).toHaveLength(1);
    set(attached);
    expect(bed.plane.reconcile(['access']).removed).toBeGreaterThan(3);
    expect(toAlice()).toHaveLength(1);
    const toBob = tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, ipv4('203.0.113.2')));
    expect(bed.exchange({ from: 'transport', packet: toBob })).toEqual([]);
    expect(agreement()).toMatchObject(whole);
  });

  it.runIf(survives)(
    'keeps the tunnel of what is not claimed yet while another binding leaves it, and its counters from other bindings',
    () => {
      set(anchored, other);
      down(ipv4('192.0.2.2'));
      bed.succeed(node);
      const newcomer = { ...anchored, id: 'newcomer', homeAddress: ipv4('192.0.2.3'), prefixes: [] };
      set(anchored, newcomer);
      set({ ...anchored, paths: [otherPath] }, { ...newcomer, paths: [otherPath] });
      expect(bed.plane.counters('newcomer')?.downPackets).toBe(0);
      const [left] = down(ipv4('192.0.2.2'));
      expect(seen(left?.packet)).toMatchObject({ destination: `${PEER}` });
      set(other);
      expect(bed.plane.counters('other')?.downPackets).toBe(2);
      expect(bed.plane.counters('newcomer')?.downPackets).toBe(0);
      bed.plane.reconcile();
      expect(agreement()).toMatchObject(whole);
      clear('other');
      expect(agreement()).toMatchObject(whole);
    },
  );

  it.runIf(!survives)(
    'goes on under the next process with the bindings that are set again, and ends what is left of others',
    () => {
      set(anchored, other, attached, attachedBob);
      down();
      bed.succeed(node);
      expect(set(anchored, attached)).toEqual([]);
      expect(bed.plane.counters('anchored')).toMatchObject({ downPackets: 0 });
      expect(down()).toMatchObject([{ to: 'transport' }]);
      expect(up()).toMatchObject([{ to: 'transport' }]);
      expect(bed.plane.reconcile()).toMatchObject({ repaired: 0, failed: [] });
      expect(toAlice()).toMatchObject([{ to: 'access', mac: ALICE }]);
      expect(down(ipv4('192.0.2.2'))).toMatchObject([{ to: 'core' }]);
      expect(agreement()).toMatchObject(whole);
    },
  );

  it('refuses more bindings than it was made for, and goes on with those it has', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({
      ...anchored,
      id: `mn${i}`,
      homeAddress: ipv4(`192.0.2.${i + 10}`),
      prefixes: [],
    }));
    const failed = set(...many);
    expect(failed.length).toBeGreaterThan(0);
    const packet = udpPacket(CORRESPONDENT4, ipv4('192.0.2.10'));
    expect(bed.exchange({ from: 'core', packet })).toHaveLength(1);
    for (const { id } of many) bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id }]);
    expect(set(anchored)).toEqual([]);
  });

  it('gives an address that somebody else has by now to the new holder', () => {
    set(anchored, attached);
    bed.succeed(node);
    set({ ...anchored, id: 'next', paths: [otherPath] }, { ...attached, id: 'bob', mac: BOB });
    expect(seen(down()[0]?.packet)).toMatchObject({ destination: `${OTHER_PEER}` });
    expect(toAlice()).toMatchObject([{ mac: BOB }]);
    expect(bed.plane.reconcile().failed).toEqual([]);
    expect(agreement()).toMatchObject(whole);
  });

  it('is over with all when nothing is claimed', () => {
    set(anchored, attached);
    bed.succeed(node);
    bed.plane.reconcile();
    expect(agreement()).toEqual({ ...whole, matching: 0 });
    expect(down()).toMatchObject([{ to: 'core' }]);
    expect(up()).toEqual([]);
    expect(set(anchored, attached)).toEqual([]);
    expect(bed.plane.counters('anchored')?.downPackets).toBe(0);
    expect(down()).toHaveLength(1);
  });

  it('goes over to another node without losing what it counts and forwards', () => {
    set(anchored, attached);
    down();
    const larger = {
      ...node,
      maximumBindings: 100,
      pools: { ...node.pools, ipv4: [...node.pools.ipv4, prefix4('198.19.0.0/24')] },
    };
    expect(bed.plane.reconfigure(larger).failed).toEqual([]);
    expect(down()).toHaveLength(1);
    expect(bed.plane.counters('anchored')?.downPackets).toBe(2);
    expect(toAlice()).toHaveLength(1);
    const many = Array.from({ length: 60 }, (_, i) => ({
      ...anchored,
      id: `mn${i}`,
      homeAddress: ipv4(`198.19.0.${i + 1}`),
      prefixes: [],
    }));
    expect(set(...many)).toEqual([]);
    expect(down(ipv4('198.19.0.60'))).toMatchObject([{ to: 'transport' }]);
    expect(agreement()).toMatchObject(whole);
    bed.plane.reconfigure(larger);
    expect(agreement()).toMatchObject(whole);
  });

  it('ends the bindings of an access interface that the other node does not have, and says so', () => {
    const elsewhere = { ...attachedBob, interface: 'GigabitEthernet0/1/1' };
    set(anchored, attached, elsewhere);
    const smaller = { ...node, accessInterfaces: node.accessInterfaces.slice(0, 1) };
    expect(bed.plane.reconfigure(smaller).failed).toMatchObject([{ id: 'attached-bob', code: 'unknown-interface' }]);
    expect(bed.plane.counters('attached-bob')).toBeUndefined();
    expect(toAlice()).toHaveLength(1);
    expect(agreement()).toMatchObject(whole);
    expect(bed.plane.reconfigure(node).failed).toEqual([]);
    expect(set(elsewhere)).toEqual([]);
    expect(agreement()).toMatchObject(whole);
  });
}
