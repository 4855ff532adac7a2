import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { FilterEndpoint, FilterRule, NodeForwarding } from '#dataplane/desired.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  otherPath,
  PEER,
  prefix6,
} from './bed.ts';
import { tunnelled, udpPacket } from './packets.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ANCHORED6 = ipv6('2001:db8:f00d:1::1234');
const OTHER4 = ipv4('192.0.2.2');
const ATTACHED4 = ipv4('203.0.113.1');
const any: FilterEndpoint = { address: new Ipv4Address(0), wildcard: new Ipv4Address(-1) };
const host = (text: string): FilterEndpoint => ({ address: ipv4(text), wildcard: new Ipv4Address(0) });
const network = (text: string, wildcard: string): FilterEndpoint => ({ address: ipv4(text), wildcard: ipv4(wildcard) });
const rule = (fields: Partial<FilterRule>): FilterRule => ({
  action: 'permit',
  protocol: 'ip',
  source: any,
  destination: any,
  established: false,
  ...fields,
});
const ALL = rule({});
const other = {
  ...anchored,
  id: 'other',
  homeAddress: OTHER4,
  prefixes: [prefix6('2001:db8:f00d:2::/64')],
  paths: [otherPath],
} as const;

/** Access lists on the tunnels. */
export function packetFilterSuite(makeBed: () => Bed): void {
  describe('access lists on the tunnels', () => {
    let bed: Bed;
    beforeEach(() => {
      bed = makeBed();
      bed.plane.apply([anchored, other, attached].map((forwarding) => ({ kind: 'set', forwarding })));
    });
    afterEach(() => bed.close());

    const filter = (kind: 'anchor' | 'access', ...rules: FilterRule[]) =>
      bed.inside(() => bed.plane.reconfigure({ ...node, tunnelFilters: { [kind]: { name: 'acl1', rules } } }));
    const up = (packet: Uint8Array) =>
      bed.exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, packet) });
    const down = (packet: Uint8Array) => bed.exchange({ from: 'core', packet });
    const denied = (arrive: () => unknown[]) => {
      const before = bed.plane.drops().denied;
      expect(arrive()).toEqual([]);
      expect(bed.plane.drops().denied).toBe(before + 1);
    };

    it('block what mobile nodes of one anchor send each other, and nothing else', () => {
      const pool = network('192.0.2.0', '0.0.0.255');
      filter('anchor', rule({ action: 'deny', source: pool, destination: pool }), ALL);
      denied(() => up(udpPacket(ANCHORED4, OTHER4)));
      expect(up(udpPacket(ANCHORED4, CORRESPONDENT4))).toMatchObject([{ to: 'core' }]);
      expect(down(udpPacket(CORRESPONDENT4, OTHER4))).toMatchObject([{ to: 'transport' }]);
      expect(bed.plane.filterHits('anchor')).toEqual([1, 2]);
      expect(bed.plane.counters('anchored')?.upPackets).toBe(1);
    });

    it('deny what no rule permits, in both directions, and permit all without a rule', () => {
      filter('anchor', rule({ source: host('192.0.2.1') }));
      expect(up(udpPacket(ANCHORED4, CORRESPONDENT4))).toHaveLength(1);
      denied(() => down(udpPacket(CORRESPONDENT4, ANCHORED4)));
      filter('anchor');
      expect(down(udpPacket(CORRESPONDENT4, ANCHORED4))).toHaveLength(1);
      expect(bed.plane.filterHits('anchor')).toEqual([]);
    });

    it('apply to IPv6 by the rules that name no IPv4 address', () => {
      filter('anchor', rule({ action: 'deny', source: host('192.0.2.1') }), rule({ protocol: 6 }));
      denied(() => down(udpPacket(CORRESPONDENT6, ANCHORED6)));
      filter('anchor', rule({ protocol: 17, destinationPorts: { low: 53, high: 53, except: false } }));
      const to = (destinationPort: number) => udpPacket(CORRESPONDENT6, ANCHORED6, { destinationPort });
      expect(down(to(53))).toMatchObject([{ to: 'transport' }]);
      denied(() => down(to(54)));
    });

    it('tell ports: the one, a range, all others', () => {
      const from = (sourcePort: number) => udpPacket(ANCHORED4, CORRESPONDENT4, { sourcePort });
      filter('anchor', rule({ protocol: 17, sourcePorts: { low: 1000, high: 2000, except: false } }));
      for (const [port, count] of [
        [999, 0],
        [1000, 1],
        [2000, 1],
        [2001, 0],
      ] as const)
        expect(up(from(port))).toHaveLength(count);
      filter('anchor', rule({ protocol: 17, sourcePorts: { low: 1000, high: 2000, except: true } }));
      for (const [port, count] of [
        [999, 1],
        [1000, 0],
        [2000, 0],
        [2001, 1],
      ] as const)
        expect(up(from(port))).toHaveLength(count);
    });

    it('apply at the gateway to what its mobile nodes send and get', () => {
      filter('access', rule({ action: 'deny', destination: host('198.51.100.10') }), ALL);
      denied(() => bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) }));
      expect(up(udpPacket(CORRESPONDENT4, ATTACHED4))).toMatchObject([{ to: 'access' }]);
      expect(down(udpPacket(CORRESPONDENT4, ANCHORED4))).toMatchObject([{ to: 'transport' }]);
      expect(bed.plane.filterHits('access')).toEqual([1, 1]);
    });

    it('take as many rules as a router, and go on counting when something else changes', () => {
      const many = Array.from({ length: 127 }, (_, i) => rule({ action: 'deny', source: host(`10.0.0.${i}`) }));
      const full: NodeForwarding = { ...node, tunnelFilters: { anchor: { name: 'long', rules: [...many, ALL] } } };
      bed.inside(() => bed.plane.reconfigure(full));
      expect(down(udpPacket(CORRESPONDENT4, ANCHORED4))).toHaveLength(1);
      expect(bed.plane.filterHits('anchor').at(-1)).toBe(1);
      expect(bed.plane.filterHits('anchor')).toHaveLength(128);
      bed.inside(() => bed.plane.reconfigure({ ...full, tunnelMtu: 1400 }));
      expect(down(udpPacket(CORRESPONDENT4, ANCHORED4))).toHaveLength(1);
      expect(bed.plane.filterHits('anchor').at(-1)).toBe(2);
      filter('anchor', rule({ action: 'deny' }));
      expect(bed.plane.filterHits('anchor')).toEqual([0]);
      denied(() => up(udpPacket(ANCHORED4, CORRESPONDENT4)));
    });
  });
}
