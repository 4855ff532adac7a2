/** Tunnel packets that came in fragments: the kernel puts them together, and the process takes them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readU16, writeU16 } from '#base/bytes.ts';
import type { Forwarding } from '#dataplane/desired.ts';
import { fragmentTunnelPacket } from '#dataplane/fragment.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';
import {
  ALICE,
  anchored,
  attached,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  PEER,
  STRANGER,
} from './bed.ts';
import { mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import type { HostBed } from './kernel-bed.ts';
import { fragments, seen, tunnelled, udpPacket } from './packets.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ANCHORED6 = ipv6('2001:db8:f00d:1::1234');
/** Of the kernel (ipfrag_high_thresh), in octets; what is over by one packet is over. */
const MOST_MEMORY = (4 << 20) + (64 << 10);

/** Called by the suite of a node. */
export function fragmentSuite(bedOf: () => HostBed<HostDataPlane>): void {
  const set = (...forwardings: Forwarding[]) =>
    expect(bedOf().plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual([]);
  const arrive = (packets: readonly Uint8Array[]) =>
    packets.flatMap((packet) => bedOf().exchange({ from: 'transport', packet }));

  it('takes a tunnel packet that came in fragments through the slow path', () => {
    set(anchored);
    const inner = udpPacket(ANCHORED6, CORRESPONDENT6, { size: 1300 });
    const whole = tunnelled(PEER, NODE_ADDRESS, inner);
    const departed = fragments(whole).flatMap((packet) => bedOf().exchange({ from: 'transport', packet }));
    expect(departed.map(({ to, packet }) => [to, seen(packet)])).toMatchObject([
      ['core', { source: `${ANCHORED6}`, destination: `${CORRESPONDENT6}`, hopLimit: 63 }],
    ]);
    expect(bedOf().plane.counters('anchored')).toMatchObject({ upPackets: 1, upOctets: inner.length });
    const forged = fragments(tunnelled(STRANGER, NODE_ADDRESS, inner));
    expect(forged.flatMap((packet) => bedOf().exchange({ from: 'transport', packet }))).toEqual([]);
    expect(bedOf().plane.drops()['tunnel-wrong-peer']).toBe(1);
  });

  it.each(TUNNELS)(
    'takes tunnel packets in $name that came in fragments, also at the port of signalling, with their congestion marks',
    (tunnel) => {
      const { encapsulation, ends } = tunnel;
      const path = { encapsulation, local: ends.local, remote: ends.remote };
      set({ ...anchored, paths: [path] });
      for (const [source, far] of [
        [ANCHORED4, CORRESPONDENT4],
        [ANCHORED6, CORRESPONDENT6],
      ] as const) {
        const whole = tunnelPacket(mirrored(path), udpPacket(source, far, { size: 1300, trafficClass: 2 }), {
          trafficClass: 3,
        });
        const parts = fragmentTunnelPacket(whole, 600, 77);
        expect(parts.length).toBeGreaterThan(2);
        // Without the daemon's socket for signalling the kernel says that its port is unreachable.
        const departed = parts
          .flatMap((packet) => bedOf().exchange({ from: 'transport', packet }))
          .filter(({ to }) => to !== 'transport');
        expect(departed.map(({ to, packet }) => [to, seen(packet)])).toMatchObject([
          ['core', { source: `${source}`, destination: `${far}`, hopLimit: 63, trafficClass: 3 }],
        ]);
      }
      expect(bedOf().plane.counters('anchored')?.upPackets).toBe(2);
      expect(bedOf().plane.drops().malformed).toBe(0);
    },
  );

  it('[RFC 5845 §4.2(9)] gives what came in fragments for a group to the mobile node alone whose own key it has', () => {
    const keyed = TUNNELS.filter(({ name }) => name.startsWith('GRE with keys'));
    for (const { encapsulation, ends } of keyed) {
      const path = { encapsulation, local: ends.local, remote: ends.remote };
      set({ ...attached, paths: [path], hasOwnKey: true });
      for (const [far, group] of [
        [CORRESPONDENT4, ipv4('239.1.2.3')],
        [CORRESPONDENT6, ipv6('ff0e::1')],
      ] as const) {
        const whole = (key?: number) =>
          tunnelPacket(mirrored(path), udpPacket(far, group, { size: 1300 }), key === undefined ? {} : { key });
        const departed = arrive(fragmentTunnelPacket(whole(), 600, 78)).filter(({ to }) => to !== 'transport');
        expect(departed).toMatchObject([{ to: 'access', mac: ALICE }]);
        expect(seen(departed[0]?.packet)).toMatchObject({ destination: `${group}`, hopLimit: 63 });
        const before = bedOf().plane.drops().multicast;
        expect(arrive(fragmentTunnelPacket(whole(5), 600, 79)).filter(({ to }) => to !== 'transport')).toEqual([]);
        expect(bedOf().plane.drops().multicast).toBe(before + 1);
      }
    }
    expect(bedOf().plane.counters('attached')).toMatchObject({ downPackets: 6 });
  });

  it('judges by the access list what came in fragments, too', () => {
    set(anchored);
    const any = { address: ipv4('0.0.0.0'), wildcard: ipv4('255.255.255.255') };
    const rules = [{ action: 'deny', protocol: 17, source: any, destination: any, established: false }] as const;
    bedOf().inside(() => bedOf().plane.reconfigure({ ...node, tunnelFilters: { anchor: { name: 'acl1', rules } } }));
    const whole = tunnelled(PEER, NODE_ADDRESS, udpPacket(ANCHORED6, CORRESPONDENT6, { size: 1300 }));
    expect(fragments(whole).flatMap((packet) => bedOf().exchange({ from: 'transport', packet }))).toEqual([]);
    expect(bedOf().plane.drops().denied).toBe(1);
    expect(bedOf().plane.filterHits('anchor')).toEqual([1]);
  });

  describe.each(TUNNELS.filter(({ name }) => name === 'IPv6' || name === 'IPv4'))('over $name', (tunnel) => {
    const path = { encapsulation: tunnel.encapsulation, local: tunnel.ends.local, remote: tunnel.ends.remote };
    const cut = (identification: number) =>
      fragmentTunnelPacket(
        tunnelPacket(mirrored(path), udpPacket(ANCHORED6, CORRESPONDENT6, { size: 1300 })),
        600,
        identification,
      );

    it('[RFC 5722] takes nothing of fragments that overlap, nor of a packet that is not whole', () => {
      set({ ...anchored, paths: [path] });
      const [first, second, third, ...others] = cut(1) as [Uint8Array, Uint8Array, Uint8Array];
      expect(arrive([first, overlapping(second), second, third, ...others])).toEqual([]);
      const [, ...headless] = cut(2);
      expect(arrive(headless)).toEqual([]);
      expect(arrive(cut(3).toReversed())).toMatchObject([{ to: 'core' }]);
      expect(bedOf().plane.counters('anchored')?.upPackets).toBe(1);
    });

    it('lets first fragments without others fill no more memory than the kernel has for all', () => {
      const many = Array.from({ length: 6000 }, (_, i) => cut(i + 100)[0] as Uint8Array);
      bedOf().pour('transport', many);
      const held = bedOf().inside(() =>
        ['sockstat', 'sockstat6'].map((name) => {
          const text = readFileSync(`/proc/thread-self/net/${name}`, 'latin1');
          return Number(/^FRAG6?: inuse \d+ memory (\d+)/m.exec(text)?.[1]);
        }),
      );
      expect(Math.max(...held)).toBeGreaterThan(1 << 20);
      expect(Math.max(...held)).toBeLessThan(MOST_MEMORY);
    });
  });
}

/** This fragment with its octets eight further ahead, over those of the one before it. */
function overlapping(fragment: Uint8Array): Uint8Array {
  const copy = fragment.slice();
  if ((copy[0] as number) >>> 4 === 6) {
    writeU16(copy, 42, readU16(copy, 42) - 8);
    return copy;
  }
  writeU16(copy, 6, readU16(copy, 6) - 1);
  writeU16(copy, 10, 0);
  writeU16(copy, 10, foldChecksum(sumOctets(copy, 0, 20)));
  return copy;
}
