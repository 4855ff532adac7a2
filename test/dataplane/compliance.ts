import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { nextBelow, SeededRandom } from '#base/random.ts';
import type { ForwardingChange, NodeForwarding } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { anchorAndGatewaySuite } from './anchor-and-gateway.ts';
import {
  ALICE,
  anchored,
  attached,
  attachedBob,
  type Bed,
  BOB,
  bedForAll,
  CORRESPONDENT4,
  CORRESPONDENT6,
  type Departed,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  OTHER_PEER,
  otherPath,
  PEER,
  path,
  prefix4,
  prefix6,
  STRANGER,
} from './bed.ts';
import { congestionSuite } from './congestion.ts';
import { customerSuite } from './customers.ts';
import { homeSubnetArpSuite } from './home-subnet-arp.ts';
import { hopLimitSuite } from './hop-limits.ts';
import { lifeCycleSuite } from './life-cycle.ts';
import { localRoutingSuite } from './local-routing.ts';
import { packetFilterSuite } from './packet-filter.ts';
import { packetSizeSuite, readReport } from './packet-size.ts';
import { fragments, seen, tunnelled, udpPacket } from './packets.ts';
import { tcpSegmentSuite } from './tcp-segments.ts';
import { translatedPortSuite } from './translated-port.ts';
import { tunnelCounterSuite } from './tunnel-counters.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ANCHORED6 = ipv6('2001:db8:f00d:1::1234');
const ATTACHED4 = ipv4('203.0.113.1');
const LINK_LOCAL = ipv6('fe80::200:5eff:fe00:5213');
const ATTACHED6 = ipv6('2001:db8:beef:1::1234');

const FAMILIES = [
  { name: 'IPv4', protocol: 4, correspondent: CORRESPONDENT4, anchoredAddress: ANCHORED4, attachedAddress: ATTACHED4 },
  { name: 'IPv6', protocol: 41, correspondent: CORRESPONDENT6, anchoredAddress: ANCHORED6, attachedAddress: ATTACHED6 },
] as const;

/**
 * What every data plane must do, observed from outside the node. With it goes `encapsulationSuite`. `survives`: it forwards on when its process is
 * killed, and under the next one.
 */
export function complianceSuite(makeBed: (node?: NodeForwarding) => Bed, { survives = true } = {}): void {
  packetSizeSuite(makeBed);
  hopLimitSuite(makeBed);
  congestionSuite(makeBed);
  tcpSegmentSuite(makeBed);
  describe('bindings', () => bindingSuite(makeBed));
  describe('ARP on an access link', () => homeSubnetArpSuite(makeBed));
  describe('life cycle', () => lifeCycleSuite(makeBed, survives));
  packetFilterSuite(makeBed);
  localRoutingSuite(makeBed, survives);
  anchorAndGatewaySuite(makeBed);
  translatedPortSuite(makeBed, survives);
  customerSuite(makeBed, survives);
  tunnelCounterSuite(makeBed, survives);
}

function bindingSuite(makeBed: () => Bed): void {
  const bedOf = bedForAll(makeBed);

  const set = (...forwardings: (typeof anchored | typeof attached)[]) =>
    bedOf().plane.apply(forwardings.map((forwarding): ForwardingChange => ({ kind: 'set', forwarding })));
  const only = (departed: Departed[]) => {
    expect(departed).toHaveLength(1);
    return departed[0] as Departed;
  };
  const nothingBut = (reason: DropReason, arrive: () => Departed[]) => {
    const before = bedOf().plane.drops()[reason];
    expect(arrive()).toEqual([]);
    expect(bedOf().plane.drops()[reason]).toBe(before + 1);
  };

  it('keeps bindings, and what they counted, when pools, access links and addresses of the node change', () => {
    const [first] = node.accessInterfaces;
    const other: NodeForwarding = {
      ...node,
      pools: { ipv4: [...node.pools.ipv4, prefix4('198.19.0.0/16')], ipv6: [] },
      accessInterfaces: first ? [first] : [],
      localAddresses: [NODE_ADDRESS],
      tunnelMtu: 1400,
      maximumBindings: 4,
    };
    const onSecond = { ...attachedBob, interface: 'GigabitEthernet0/1/1' };
    expect(set(anchored, attached, onSecond).failed).toEqual([]);
    const down = { from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) } as const;
    const up = { from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) } as const;
    const both = () => [...bedOf().exchange(down), ...bedOf().exchange(up)].map(({ to }) => to);
    expect(both()).toEqual(['transport', 'transport']);
    const become = (next: NodeForwarding) => bedOf().inside(() => bedOf().plane.reconfigure(next));
    expect(become(other)).toMatchObject({ failed: [{ id: 'attached-bob', code: 'unknown-interface' }] });
    expect(both()).toEqual(['transport', 'transport']);
    expect(become(node)).toEqual({ failed: [] });
    expect(both()).toEqual(['transport', 'transport']);
    expect(set(onSecond).failed).toEqual([]);
    expect(bedOf().plane.counters('anchored')?.downPackets).toBe(3);
    expect(bedOf().plane.counters('attached')?.upPackets).toBe(3);
    expect(become({ ...node, maximumBindings: 1000 })).toEqual({ failed: [] });
    expect(both()).toEqual(['transport', 'transport']);
    expect(bedOf().plane.counters('anchored')?.downPackets).toBe(4);
  });

  describe.each(FAMILIES)('$name at the anchor', ({ protocol, correspondent, anchoredAddress }) => {
    it('[RFC 5213 §5.6.1, §5.6.1(1), §5.6.2(1), §5.6.2(2), §5.6.2(3), §5.6.3(1), §5.3.2(6), RFC 5844 §3.1.3(1), §3.1.3(2)] sends what is for a mobile node through its tunnel', () => {
      expect(set(anchored).failed).toEqual([]);
      const packet = udpPacket(correspondent, anchoredAddress, { trafficClass: 0xb9 });
      const { to, packet: outer } = only(bedOf().exchange({ from: 'core', packet }));
      expect(to).toBe('transport');
      const header = seen(outer);
      expect(header).toMatchObject({ source: `${NODE_ADDRESS}`, destination: `${PEER}`, protocol, trafficClass: 0xb9 });
      expect(header && 'payload' in header && seen(header.payload)).toMatchObject({
        source: `${correspondent}`,
        destination: `${anchoredAddress}`,
        hopLimit: 63,
      });
      const inner = packet.length;
      expect(bedOf().plane.counters('anchored')).toEqual({
        upPackets: 0,
        upOctets: 0,
        downPackets: 1,
        downOctets: inner,
      });
    });

    it('[RFC 5213 §5.6.2(5), RFC 5844 §3.1.3(4)] routes what comes out of the tunnel by its inner destination', () => {
      set(anchored);
      const packet = udpPacket(anchoredAddress, correspondent);
      const left = only(bedOf().exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, packet) }));
      expect(left.to).toBe('core');
      expect(seen(left.packet)).toMatchObject({
        source: `${anchoredAddress}`,
        destination: `${correspondent}`,
        hopLimit: 63,
      });
      expect(bedOf().plane.counters('anchored')).toMatchObject({
        upPackets: 1,
        upOctets: packet.length,
        downPackets: 0,
      });
    });

    it('[RFC 5213 §5.3.4(4)] follows the mobile node to another gateway, and keeps counting', () => {
      set(anchored);
      bedOf().exchange({ from: 'core', packet: udpPacket(correspondent, anchoredAddress) });
      expect(set({ ...anchored, paths: [otherPath] }).failed).toEqual([]);
      const left = only(bedOf().exchange({ from: 'core', packet: udpPacket(correspondent, anchoredAddress) }));
      expect(seen(left.packet)).toMatchObject({ destination: `${OTHER_PEER}` });
      expect(bedOf().plane.counters('anchored')?.downPackets).toBe(2);
      const late = tunnelled(PEER, NODE_ADDRESS, udpPacket(anchoredAddress, correspondent));
      nothingBut('tunnel-wrong-peer', () => bedOf().exchange({ from: 'transport', packet: late }));
    });

    it('[RFC 5213 §5.6.2] takes nothing from an address that is no peer, nor with a source that is not bound', () => {
      set(anchored);
      const packet = udpPacket(anchoredAddress, correspondent);
      const forged = tunnelled(STRANGER, NODE_ADDRESS, packet);
      nothingBut('tunnel-wrong-peer', () => bedOf().exchange({ from: 'transport', packet: forged }));
      const foreign = udpPacket(correspondent, correspondent);
      const unbound = (source: typeof PEER) => tunnelled(source, NODE_ADDRESS, foreign);
      nothingBut('tunnel-no-binding', () => bedOf().exchange({ from: 'transport', packet: unbound(PEER) }));
      nothingBut('tunnel-unknown-peer', () => bedOf().exchange({ from: 'transport', packet: unbound(STRANGER) }));
    });

    it('takes no packet of an anchored address from correspondent nodes', () => {
      const other = { ...anchored, id: 'other', homeAddress: ipv4('192.0.2.2'), paths: [otherPath] as const };
      set(anchored, { ...other, prefixes: [prefix6('2001:db8:f00d:2::/64')] });
      const otherAddress = protocol === 4 ? ipv4('192.0.2.2') : ipv6('2001:db8:f00d:2::99');
      for (const to of [otherAddress, correspondent] as never[])
        nothingBut('spoofed-source', () => bedOf().exchange({ from: 'core', packet: udpPacket(anchoredAddress, to) }));
    });

    it('[RFC 4443 §3.1] tells who sends to an address that nobody has, and after the binding ends', () => {
      const packet = udpPacket(correspondent, anchoredAddress);
      const told = () => {
        const before = bedOf().plane.drops()['no-binding'];
        const left = only(bedOf().exchange({ from: 'core', packet }));
        expect(left.to).toBe('core');
        const report = readReport(left);
        expect(report).toMatchObject({ destination: `${correspondent}`, unreachable: true });
        expect(seen(report.quoted)).toMatchObject({ source: `${correspondent}`, destination: `${anchoredAddress}` });
        expect(bedOf().plane.drops()['no-binding']).toBe(before + 1);
      };
      told();
      set(anchored);
      expect(bedOf().exchange({ from: 'core', packet })).toMatchObject([{ to: 'transport' }]);
      expect(bedOf().plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id: 'anchored' }]).failed).toEqual([]);
      told();
      expect(bedOf().plane.counters('anchored')).toBeUndefined();
    });

    it('tells a mobile node so through its tunnel, and nobody of what cannot be answered', () => {
      set(anchored);
      const nobody = protocol === 4 ? ipv4('192.0.2.77') : ipv6('2001:db8:f00d:77::1');
      const through = (packet: Uint8Array) =>
        bedOf().exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, packet) });
      const left = only(through(udpPacket(anchoredAddress, nobody)));
      expect(left.to).toBe('transport');
      const inside = { ...left, packet: left.packet.subarray(40) };
      expect(readReport(inside)).toMatchObject({ destination: `${anchoredAddress}`, unreachable: true });
      const before = bedOf().plane.drops()['no-binding'];
      // From one that nobody has either: what it is told comes to nothing.
      expect(bedOf().exchange({ from: 'core', packet: udpPacket(nobody, nobody) })).toEqual([]);
      expect(bedOf().plane.drops()['no-binding']).toBe(before + 2);
    });

    it('sends from one mobile node to another through both tunnels', () => {
      const other = { ...anchored, id: 'other', homeAddress: ipv4('192.0.2.2'), paths: [otherPath] as const };
      set(anchored, { ...other, prefixes: [prefix6('2001:db8:f00d:2::/64')] });
      const otherAddress = protocol === 4 ? ipv4('192.0.2.2') : ipv6('2001:db8:f00d:2::99');
      const packet = tunnelled(PEER, NODE_ADDRESS, udpPacket(anchoredAddress, otherAddress));
      const left = only(bedOf().exchange({ from: 'transport', packet }));
      expect(seen(left.packet)).toMatchObject({ source: `${NODE_ADDRESS}`, destination: `${OTHER_PEER}`, protocol });
      expect(bedOf().plane.counters('anchored')?.upPackets).toBe(1);
      expect(bedOf().plane.counters('other')?.downPackets).toBe(1);
    });

    it('[RFC 5213 §5.6.3, §5.6.3(2)] marks the inner packet when the tunnel was congested', () => {
      set(anchored);
      const inner = udpPacket(anchoredAddress, correspondent, { trafficClass: 2 });
      const marked = only(bedOf().exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, inner, 3) }));
      expect(seen(marked.packet)).toMatchObject({ trafficClass: 3, hopLimit: 63 });
    });

    it('drops a tunnel packet with nothing sensible inside', () => {
      set(anchored);
      const inner = udpPacket(anchoredAddress, correspondent);
      inner[0] = 0x50;
      const packet = tunnelled(PEER, NODE_ADDRESS, inner);
      packet[6] = protocol;
      nothingBut('malformed', () => bedOf().exchange({ from: 'transport', packet }));
    });
  });

  describe.each(FAMILIES)('$name at the gateway', ({ protocol, correspondent, attachedAddress }) => {
    it('[RFC 5213 §6.10.5] sends what a mobile node sends through its tunnel', () => {
      expect(set(attached).failed).toEqual([]);
      const packet = udpPacket(attachedAddress, correspondent, { trafficClass: 0x28 });
      const left = only(bedOf().exchange({ from: 'access', mac: ALICE, packet }));
      expect(left.to).toBe('transport');
      const header = seen(left.packet);
      expect(header).toMatchObject({ source: `${NODE_ADDRESS}`, destination: `${PEER}`, protocol, trafficClass: 0x28 });
      expect(header && 'payload' in header && seen(header.payload)).toMatchObject({
        source: `${attachedAddress}`,
        destination: `${correspondent}`,
        hopLimit: 63,
      });
      expect(bedOf().plane.counters('attached')).toMatchObject({
        upPackets: 1,
        upOctets: packet.length,
        downPackets: 0,
      });
    });

    it('[RFC 5213 §6.10.5] sends on what waited for the binding, as if it came in now, and nothing before there is one', () => {
      const packet = udpPacket(attachedAddress, correspondent, { trafficClass: 0x28 });
      nothingBut('no-binding', () => bedOf().exchange({ from: 'held', mac: ALICE, packet }));
      set(attached);
      const left = only(bedOf().exchange({ from: 'held', mac: ALICE, packet }));
      expect(left.to).toBe('transport');
      const header = seen(left.packet);
      expect(header).toMatchObject({ source: `${NODE_ADDRESS}`, destination: `${PEER}`, protocol, trafficClass: 0x28 });
      expect(header && 'payload' in header && seen(header.payload)).toMatchObject({
        source: `${attachedAddress}`,
        destination: `${correspondent}`,
        hopLimit: 63,
      });
      expect(bedOf().plane.counters('attached')).toMatchObject({
        upPackets: 1,
        upOctets: packet.length,
        downPackets: 0,
      });
      const before = bedOf().plane.drops();
      const spent = udpPacket(attachedAddress, correspondent, { hopLimit: 1 });
      expect(bedOf().exchange({ from: 'held', mac: ALICE, packet: spent })).toMatchObject([
        { to: 'access', mac: ALICE },
      ]);
      expect(bedOf().plane.drops()['hop-limit']).toBe(before['hop-limit'] + 1);
      const long = udpPacket(attachedAddress, correspondent, { size: 1453, dontFragment: true });
      const told = bedOf().exchange({ from: 'held', mac: ALICE, packet: long });
      expect(told).toMatchObject([{ to: 'access', mac: ALICE }]);
      expect(bedOf().plane.drops()['too-big']).toBe(before['too-big'] + 1);
    });

    it('[RFC 5213 §6.10.5] delivers what comes out of the tunnel to the mobile node, asking nobody for its address', () => {
      set(attached);
      const packet = udpPacket(correspondent, attachedAddress);
      const left = only(bedOf().exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, packet) }));
      expect(left).toMatchObject({ to: 'access', mac: ALICE });
      expect(seen(left.packet)).toMatchObject({
        source: `${correspondent}`,
        destination: `${attachedAddress}`,
        hopLimit: 63,
      });
      expect(bedOf().plane.counters('attached')).toMatchObject({ downPackets: 1, downOctets: packet.length });
    });

    it('[RFC 5213 §6.10.5] forwards nothing for a mobile node without a binding', () => {
      const packet = udpPacket(attachedAddress, correspondent);
      nothingBut('no-binding', () => bedOf().exchange({ from: 'access', mac: ALICE, packet }));
    });

    it('lets nobody use the address of another, from another station or another link', () => {
      set(attached, attachedBob);
      const packet = udpPacket(attachedAddress, correspondent);
      nothingBut('spoofed-source', () => bedOf().exchange({ from: 'access', mac: BOB, packet }));
      nothingBut('spoofed-source', () => bedOf().exchange({ from: 'access2', mac: ALICE, packet }));
    });

    it('lets nobody be the gateway, nor nobody: its link-layer address, its addresses, those that no node has, and those that no binding has', () => {
      set(attached, attachedBob);
      const four = ['203.0.113.254'].map(ipv4);
      const gateways = protocol === 4 ? four : [LINK_LOCAL];
      const nobodys =
        protocol === 4
          ? ['224.0.0.9', '255.255.255.255', '127.0.0.1'].map(ipv4)
          : ['ff02::1', 'ff0e::1', '::1', '::ffff:10.0.0.1'].map(ipv6);
      const unbound =
        protocol === 4
          ? ['169.254.7.7', '0.0.0.0', '198.51.100.1', '240.0.0.1'].map(ipv4)
          : ['fe80::b0b', '::', '2001:db8:100::1', '2001:db8:beef:9::1'].map(ipv6);
      const from = (source: (typeof gateways)[0], mac = BOB) =>
        bedOf().exchange({ from: 'access', mac, packet: udpPacket(source, correspondent) });
      nothingBut('spoofed-gateway', () => from(attachedAddress, MacAddress.pmipv6Mag));
      for (const source of gateways) nothingBut('spoofed-gateway', () => from(source));
      for (const source of nobodys) nothingBut('invalid-source', () => from(source));
      for (const source of unbound) nothingBut('no-binding', () => from(source));
    });

    it('sends nothing for many through the tunnel, in neither direction', () => {
      set(attached, anchored);
      const groups = protocol === 4 ? ['239.1.2.3', '255.255.255.255'].map(ipv4) : ['ff0e::1', 'ff05::2'].map(ipv6);
      const ofLink = protocol === 4 ? ipv4('224.0.0.1') : ipv6('ff02::1');
      const anchoredAddress = protocol === 4 ? ANCHORED4 : ANCHORED6;
      for (const group of groups)
        nothingBut('multicast', () =>
          bedOf().exchange({ from: 'access', mac: ALICE, packet: udpPacket(attachedAddress, group) }),
        );
      for (const group of [...groups, ofLink])
        for (const source of [correspondent, anchoredAddress])
          nothingBut('multicast', () =>
            bedOf().exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, udpPacket(source, group)) }),
          );
      const stranger = tunnelled(STRANGER, NODE_ADDRESS, udpPacket(correspondent, ofLink));
      nothingBut('tunnel-unknown-peer', () => bedOf().exchange({ from: 'transport', packet: stranger }));
    });

    it('sends from one mobile node to its neighbour through the anchor', () => {
      set(attached, attachedBob);
      const bob = protocol === 4 ? ipv4('203.0.113.2') : ipv6('2001:db8:beef:2::7');
      const left = only(bedOf().exchange({ from: 'access', mac: ALICE, packet: udpPacket(attachedAddress, bob) }));
      expect(left.to).toBe('transport');
      const back = tunnelled(PEER, NODE_ADDRESS, udpPacket(attachedAddress, bob));
      expect(only(bedOf().exchange({ from: 'transport', packet: back }))).toMatchObject({ to: 'access', mac: BOB });
    });

    it('moves with the mobile node to another access link', () => {
      set(attached);
      expect(set({ ...attached, interface: 'GigabitEthernet0/1/1' }).failed).toEqual([]);
      const down = tunnelled(PEER, NODE_ADDRESS, udpPacket(correspondent, attachedAddress));
      expect(only(bedOf().exchange({ from: 'transport', packet: down }))).toMatchObject({ to: 'access2', mac: ALICE });
      const packet = udpPacket(attachedAddress, correspondent);
      expect(only(bedOf().exchange({ from: 'access2', mac: ALICE, packet })).to).toBe('transport');
      nothingBut('spoofed-source', () => bedOf().exchange({ from: 'access', mac: ALICE, packet }));
    });

    it('stops when the binding ends, for this mobile node only', () => {
      set(attached, attachedBob);
      bedOf().plane.apply([{ kind: 'clear', forwardingKind: 'access', id: 'attached' }]);
      const packet = udpPacket(correspondent, attachedAddress);
      nothingBut('tunnel-no-binding', () =>
        bedOf().exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, packet) }),
      );
      const bob = protocol === 4 ? ipv4('203.0.113.2') : ipv6('2001:db8:beef:2::7');
      const still = tunnelled(PEER, NODE_ADDRESS, udpPacket(correspondent, bob));
      expect(only(bedOf().exchange({ from: 'transport', packet: still }))).toMatchObject({ to: 'access', mac: BOB });
    });

    it('gives an address to its next holder only after the first has lost it', () => {
      set(attached);
      const bob = { ...attached, id: 'bob', mac: BOB };
      const { failed } = set(bob);
      expect(failed).toMatchObject([{ kind: 'access', id: 'bob', code: 'address-in-use' }]);
      const down = tunnelled(PEER, NODE_ADDRESS, udpPacket(correspondent, attachedAddress));
      expect(only(bedOf().exchange({ from: 'transport', packet: down }))).toMatchObject({ mac: ALICE });
      const swap = bedOf().plane.apply([
        { kind: 'clear', forwardingKind: 'access', id: 'attached' },
        { kind: 'set', forwarding: bob },
      ]);
      expect(swap.failed).toEqual([]);
      expect(only(bedOf().exchange({ from: 'transport', packet: down }))).toMatchObject({ mac: BOB });
    });
  });

  it.each(FAMILIES)(
    'forwards $name of a mobile node that is attached here and anchored here',
    ({ correspondent, anchoredAddress }) => {
      const here = [{ ...path, remote: NODE_ADDRESS }] as const;
      const { homeAddress, prefixes } = anchored;
      expect(
        set({ ...anchored, paths: here }, { ...attached, homeAddress, prefixes, paths: here } as typeof attached)
          .failed,
      ).toEqual([]);
      const up = only(
        bedOf().exchange({ from: 'access', mac: ALICE, packet: udpPacket(anchoredAddress, correspondent) }),
      );
      expect(up.to).toBe('core');
      const down = only(bedOf().exchange({ from: 'core', packet: udpPacket(correspondent, anchoredAddress) }));
      expect(down).toMatchObject({ to: 'access', mac: ALICE });
      expect(bedOf().plane.counters('attached', 'access')?.upPackets).toBe(1);
      expect(bedOf().plane.counters('anchored', 'anchor')?.upPackets).toBe(1);
    },
  );

  it('lets no mobile node speak in the name of a peer', () => {
    set(attached, attachedBob);
    const forged = tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, ATTACHED4));
    nothingBut('spoofed-source', () => bedOf().exchange({ from: 'access', mac: BOB, packet: forged }));
    for (const packet of fragments(forged)) {
      nothingBut('spoofed-source', () => bedOf().exchange({ from: 'access', mac: BOB, packet }));
    }
    nothingBut('spoofed-source', () =>
      bedOf().exchange({ from: 'access', mac: BOB, packet: udpPacket(PEER, NODE_ADDRESS) }),
    );
  });

  it('lets no mobile node reach the address that peers signal to, whatever the source, and before any binding too', () => {
    const stranger = ipv6('2001:db8:cafe:1099::1');
    nothingBut('for-tunnel-end', () =>
      bedOf().exchange({ from: 'access', mac: BOB, packet: udpPacket(PEER, NODE_ADDRESS) }),
    );
    set(attached);
    for (const source of [ATTACHED6, stranger, ipv6('fe80::b0b')]) {
      nothingBut('for-tunnel-end', () =>
        bedOf().exchange({ from: 'access', mac: ALICE, packet: udpPacket(source, NODE_ADDRESS) }),
      );
    }
  });

  it('is unharmed by damaged packets, and delivers none to another mobile node', () => {
    bedOf().retire();
    set(anchored, attached);
    const random = new SeededRandom(7);
    const damaged = (packet: Uint8Array) => {
      const copy = packet.slice(0, nextBelow(random, 4) === 0 ? 20 + nextBelow(random, packet.length - 20) : undefined);
      for (let i = nextBelow(random, 6); i >= 0; i--) copy[nextBelow(random, copy.length)] = nextBelow(random, 256);
      return copy;
    };
    const down = tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT6, ATTACHED6));
    const up = udpPacket(ATTACHED4, CORRESPONDENT4);
    for (let i = 0; i < 40; i++) {
      const departed = [
        ...bedOf().exchange({ from: 'transport', packet: damaged(down) }),
        ...bedOf().exchange({ from: 'access', mac: ALICE, packet: damaged(up) }),
      ];
      for (const left of departed) if (left.to === 'access' || left.to === 'access2') expect(left.mac).toEqual(ALICE);
    }
    expect(bedOf().exchange({ from: 'transport', packet: down })).toMatchObject([{ to: 'access', mac: ALICE }]);
    expect(bedOf().exchange({ from: 'access', mac: ALICE, packet: up })).toMatchObject([{ to: 'transport' }]);
  });

  it('refuses what it cannot forward, and holds nothing of it', () => {
    const wide = { ...anchored, prefixes: [prefix6('2001:db8:f00d:100::/56')] };
    const elsewhere = { ...attached, interface: 'GigabitEthernet9/9/9' };
    const { failed } = set(wide, elsewhere, { ...anchored, id: 'customer', customer: 7 });
    expect(failed.map(({ id, code }) => [id, code])).toEqual([
      ['anchored', 'unsupported'],
      ['attached', 'unknown-interface'],
      ['customer', 'unknown-customer'],
    ]);
    expect(bedOf().plane.counters('anchored')).toBeUndefined();
  });

  it('accepts the same state twice, and the end of a binding that it never had', () => {
    set(anchored, attached);
    expect(set(anchored, attached).failed).toEqual([]);
    expect(bedOf().plane.apply([{ kind: 'clear', forwardingKind: 'access', id: 'nobody' }]).failed).toEqual([]);
  });

  it('keeps an anchor and an access binding of the same id apart', () => {
    set({ ...anchored, id: 'x' }, { ...attached, id: 'x' });
    bedOf().exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) });
    expect(bedOf().plane.counters('x', 'anchor')?.downPackets).toBe(1);
    expect(bedOf().plane.counters('x', 'access')?.downPackets).toBe(0);
  });
}
