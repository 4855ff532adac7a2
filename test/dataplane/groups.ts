/** What is for a group, out of tunnels that name one mobile node by a key, and of others. */
import { afterEach, describe, expect, it } from 'vitest';
import type { AccessForwarding, Encapsulation, GreKeys, Path } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { withHopTaken } from '#dataplane/ip-packet.ts';
import { keysOf } from '#dataplane/tunnel-form.ts';
import {
  ALICE,
  attached,
  attachedBob,
  type Bed,
  BOB,
  bedForAll,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  node,
} from './bed.ts';
import { mirrored, TUNNELS, tunnelPacket } from './encapsulations.ts';
import { readReport, reassemble } from './packet-size.ts';
import { seen, udpPacket } from './packets.ts';

const BOBS_KEY = 7;
const GROUPS = [
  { far: CORRESPONDENT4, group: ipv4('239.1.2.3') },
  { far: CORRESPONDENT6, group: ipv6('ff0e::1:2') },
] as const;
/** Nothing that a router may forward beyond a link. */
const OF_THE_LINK = [
  udpPacket(CORRESPONDENT4, ipv4('224.0.0.251')),
  udpPacket(CORRESPONDENT4, ipv4('255.255.255.255')),
  udpPacket(CORRESPONDENT4, ipv4('239.1.2.3'), { hopLimit: 1 }),
  ...['169.254.1.1', '0.0.0.0', '127.0.0.1', '224.0.0.9'].map((source) => udpPacket(ipv4(source), ipv4('239.1.2.3'))),
  ...['ff01::1', 'ff02::1', 'ff02::fb', 'ff10::1'].map((group) => udpPacket(CORRESPONDENT6, ipv6(group))),
  udpPacket(CORRESPONDENT6, ipv6('ff0e::1:2'), { hopLimit: 1 }),
  ...['fe80::1', '::', '::1', 'ff0e::9'].map((source) => udpPacket(ipv6(source), ipv6('ff0e::1:2'))),
];

/** Called by the suite of all data planes. */
export function groupSuite(makeBed: () => Bed): void {
  describe('groups', () => cases(makeBed));
}

function cases(makeBed: () => Bed): void {
  const bedOf = bedForAll(makeBed);
  const set = (forwarding: AccessForwarding) =>
    expect(bedOf().plane.apply([{ kind: 'set', forwarding }]).failed).toEqual([]);
  const arrive = (packet: Uint8Array) => bedOf().exchange({ from: 'transport', packet });
  const dropped = (reason: DropReason, packet: Uint8Array) => {
    const before = bedOf().plane.drops()[reason];
    expect(arrive(packet).map(({ to }) => to)).toEqual([]);
    expect(bedOf().plane.drops()[reason], reason).toBe(before + 1);
  };

  afterEach(() => bedOf().setAccessMtu(1500));

  describe.each(TUNNELS.filter(({ encapsulation }) => keysOf(encapsulation)))('in $name', (tunnel) => {
    const path: Path = { encapsulation: tunnel.encapsulation, local: tunnel.ends.local, remote: tunnel.ends.remote };
    const bobs: Path = { ...path, encapsulation: withKeys(path.encapsulation, { send: 9, receive: BOBS_KEY }) };
    const inTunnel = (packet: Uint8Array, key?: number) =>
      tunnelPacket(mirrored(path), packet, key === undefined ? {} : { key });

    it('[RFC 5845 §4.2(9)] a packet goes to the mobile node alone whose own key it has, in a frame to it', () => {
      set({ ...attached, paths: [path], hasOwnKey: true });
      set({ ...attachedBob, paths: [bobs], hasOwnKey: true });
      for (const { far, group } of GROUPS) {
        const packet = udpPacket(far, group);
        const through = { to: 'access', packet: Buffer.from(withHopTaken(packet)) };
        const buffered = (packets: ReturnType<typeof arrive>) =>
          packets.map((one) => ({ ...one, packet: Buffer.from(one.packet) }));
        expect(buffered(arrive(inTunnel(packet)))).toEqual([{ ...through, mac: ALICE }]);
        expect(buffered(arrive(inTunnel(packet, BOBS_KEY)))).toEqual([{ ...through, mac: BOB }]);
        dropped('multicast', inTunnel(packet, 5));
        dropped('tunnel-wrong-peer', tunnelPacket({ ...mirrored(path), local: tunnel.ends.stranger } as Path, packet));
      }
      expect(bedOf().plane.counters('attached')).toMatchObject({ downPackets: 2, upPackets: 0 });
      expect(bedOf().plane.counters('attached-bob')).toMatchObject({ downPackets: 2, upPackets: 0 });
    });

    it('nothing of the link goes beyond it, and nothing that nobody may have sent', () => {
      set({ ...attached, paths: [path], hasOwnKey: true });
      for (const packet of OF_THE_LINK) dropped('multicast', inTunnel(packet));
      expect(bedOf().plane.counters('attached')).toMatchObject({ downPackets: 0 });
    });

    it.each(GROUPS)(
      '[RFC 4443 §2.4(e.3), §3.2, RFC 1122] what is longer than the link of the mobile node carries is counted, and only of IPv6 its source is told ($group)',
      ({ far, group }) => {
        set({ ...attached, paths: [path], hasOwnKey: true });
        bedOf().setAccessMtu(1300);
        const headers = far === CORRESPONDENT4 ? 28 : 48;
        const long = (octets: number) =>
          arrive(inTunnel(udpPacket(far, group, { size: octets - headers, dontFragment: true })));
        const tooBig = () => bedOf().plane.drops()['too-big-for-link'];
        const before = tooBig();
        expect(long(1300)).toMatchObject([{ to: 'access', mac: ALICE }]);
        expect(tooBig()).toBe(before);
        const told = long(1301);
        expect(tooBig()).toBe(before + 1);
        expect(told.map(({ to }) => to)).toEqual(far === CORRESPONDENT4 ? [] : ['core']);
        for (const one of told) expect(readReport(one)).toMatchObject({ destination: `${far}`, mtu: 1300 });
        bedOf().setAccessMtu(1500);
        expect(long(1301)).toMatchObject([{ to: 'access', mac: ALICE }]);
      },
    );

    it('what is longer than the link of the mobile node carries, and may be cut, is cut', () => {
      set({ ...attached, paths: [path], hasOwnKey: true });
      bedOf().setAccessMtu(1300);
      const packet = udpPacket(CORRESPONDENT4, ipv4('239.1.2.3'), { size: 1372 });
      const left = arrive(inTunnel(packet));
      expect(left).toMatchObject(Array(2).fill({ to: 'access', mac: ALICE }));
      for (const part of left) {
        expect(part.packet.length).toBeLessThanOrEqual(1300);
        expect(seen(part.packet)).toMatchObject({ destination: '239.1.2.3', hopLimit: 63 });
      }
      const whole = reassemble(left.map((part) => part.packet));
      expect(Buffer.from(whole.subarray(20))).toEqual(Buffer.from(packet.subarray(20)));
    });

    it('nothing of IPv6 goes through a gateway that is no router of it', () => {
      set({ ...attached, paths: [path], hasOwnKey: true });
      bedOf().inside(() => bedOf().plane.reconfigure({ ...node, routesIpv6: false }));
      expect(GROUPS.map(({ far, group }) => arrive(inTunnel(udpPacket(far, group))).length)).toEqual([1, 0]);
    });

    it('what is for a group goes to nobody when others may have the key, or have it no more', () => {
      set({ ...attached, paths: [path] });
      for (const { far, group } of GROUPS) dropped('multicast', inTunnel(udpPacket(far, group)));
      set({ ...attached, paths: [path], hasOwnKey: true });
      set({ ...attached, paths: [bobs], hasOwnKey: true });
      for (const { far, group } of GROUPS) dropped('multicast', inTunnel(udpPacket(far, group)));
      expect(arrive(inTunnel(udpPacket(CORRESPONDENT4, ipv4('239.1.2.3')), BOBS_KEY))).toHaveLength(1);
    });

    it('the next process gives packets to the same mobile node, and finds nothing to change', () => {
      const alice = { ...attached, paths: [path], hasOwnKey: true } as const;
      const packet = inTunnel(udpPacket(CORRESPONDENT6, ipv6('ff0e::1:2')));
      set(alice);
      bedOf().succeed(node);
      set(alice);
      expect(bedOf().inside(() => bedOf().plane.reconcile())).toMatchObject({ removed: 0, repaired: 0, failed: [] });
      expect(bedOf().inside(() => bedOf().plane.audit())).toMatchObject({ missing: 0, different: 0, extra: 0 });
      expect(arrive(packet)).toMatchObject([{ to: 'access', mac: ALICE }]);
    });

    it('the key of one mobile node is not given to another as its own', () => {
      set({ ...attached, paths: [path], hasOwnKey: true });
      const forwarding = { ...attachedBob, paths: [path], hasOwnKey: true } as const;
      const { failed } = bedOf().plane.apply([{ kind: 'set', forwarding }]);
      expect(failed).toMatchObject([{ id: 'attached-bob', code: 'address-in-use' }]);
      expect(arrive(inTunnel(udpPacket(CORRESPONDENT6, ipv6('ff0e::1:2'))))).toMatchObject([{ mac: ALICE }]);
    });
  });
}

function withKeys(encapsulation: Encapsulation, keys: GreKeys): Encapsulation {
  return encapsulation.kind === 'udp' ? { ...encapsulation, gre: { keys } } : { kind: 'gre', keys };
}
