import { expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { close, write } from '#host/posix.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import { openTunDevice } from '../../src/lab/tap-device.ts';
import { ALICE, anchored, BOB, CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6, node, prefix4 } from './bed.ts';
import { type HostBed, type HostBedOptions, ip, NODE_MAC, NODE_NAMESPACE } from './kernel-bed.ts';
import { udpPacket } from './packets.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ANCHORED6 = ipv6('2001:db8:f00d:1::1234');

/** What becomes of packets of correspondent nodes that have the address of a mobile node. `openBed`: whoever opens a bed closes it. */
export function forgedSourceSuite(openBed: (options?: HostBedOptions) => HostBed<HostDataPlane>): void {
  const open = (options?: HostBedOptions) => {
    const bed = openBed(options);
    bed.plane.apply([{ kind: 'set', forwarding: anchored }]);
    return bed;
  };

  it('takes no packet with the address of a mobile node from where correspondent nodes are, whoever it is for, and hinders nobody else', () => {
    const bed = open();
    const counted = (action: () => string[]) => {
      const before = bed.plane.drops()['spoofed-source'];
      return [action(), bed.plane.drops()['spoofed-source'] - before];
    };
    const send = (packet: Uint8Array) => counted(() => bed.exchange({ from: 'core', packet }).map(({ to }) => to));
    const forged = [udpPacket(ANCHORED4, CORRESPONDENT4), udpPacket(ANCHORED6, CORRESPONDENT6)];
    const others = [
      udpPacket(ipv4('192.0.2.99'), CORRESPONDENT4),
      udpPacket(ipv6('2001:db8:f00d:99::1'), CORRESPONDENT6),
    ];
    const become = (correspondentInterfaces?: string[]) =>
      bed.inside(() => bed.plane.reconfigure({ ...node, ...(correspondentInterfaces && { correspondentInterfaces }) }));
    const dropped = forged.map(() => [[], 1]);
    const passes = (packets: Uint8Array[]) => packets.map(() => [['core'], 0]);
    for (const names of [undefined, ['inet'], undefined]) {
      expect(become(names).failed).toEqual([]);
      expect(forged.map(send)).toEqual(dropped);
      expect(others.map(send)).toEqual(passes(others));
    }
    expect(become(['acc9']).failed).toEqual([]);
    expect(forged.map(send)).toEqual(passes(forged));
    expect(become().failed).toEqual([]);
    const elsewhere = { destination: NODE_MAC.inet, source: ALICE, tags: [7], etherType: EtherType.IPV4 };
    const before = bed.plane.drops()['spoofed-source'];
    for (const frame of [elsewhere, { ...elsewhere, destination: BOB, tags: [] }])
      bed.answers('core', { ...frame, payload: udpPacket(ANCHORED4, CORRESPONDENT4) });
    expect(bed.plane.drops()['spoofed-source']).toBe(before);
  });

  it('takes no such packet for the host itself either, and the host serves all others', () => {
    const bed = open();
    const counts = () => [bed.plane.drops()['spoofed-source'], bed.plane.drops()['no-binding']];
    const send = (packet: Uint8Array) => {
      const [forgedBefore = 0, unboundBefore = 0] = counts();
      const ways = bed.exchange({ from: 'core', packet }).map(({ to }) => to);
      const [forged = 0, unbound = 0] = counts();
      return [ways, forged - forgedBefore, unbound - unboundBefore];
    };
    const [own4, own6, end4] = [ipv4('198.51.100.1'), ipv6('2001:db8:100::1'), ipv4('198.18.0.101')];
    const forged = [udpPacket(ANCHORED4, own4), udpPacket(ANCHORED6, own6), udpPacket(ANCHORED4, end4)];
    const ofNobody = [udpPacket(ipv4('192.0.2.99'), own4), udpPacket(ipv6('2001:db8:f00d:99::1'), own6)];
    const others = [udpPacket(CORRESPONDENT4, own4), udpPacket(CORRESPONDENT6, own6)];
    const become = (changes: Partial<NodeForwarding>) =>
      bed.inside(() => bed.plane.reconfigure({ ...node, ...changes }));
    for (const changes of [{}, { correspondentInterfaces: ['inet', 'core'] }, {}]) {
      expect(become(changes).failed).toEqual([]);
      expect(forged.map(send)).toEqual(forged.map(() => [[], 1, 0]));
      // The host says that the port is closed: to somebody without a binding, which ends at pmip0, and to the correspondent node.
      expect(ofNobody.map(send)).toEqual(ofNobody.map(() => [[], 0, 1]));
      expect(others.map(send)).toEqual(others.map(() => [['core'], 0, 0]));
    }
  });

  it('leaves hosts alone that have an address of the home network which is lent to nobody, with what they say to the host itself', () => {
    const [neighbour, own] = [ipv4('192.0.2.200'), ipv4('192.0.2.201')];
    const bed = open({ forwarding: { ...node, lent: [prefix4('192.0.2.0/26')] } });
    ip(['-n', NODE_NAMESPACE, 'addr', 'add', '192.0.2.201/28', 'dev', 'inet']);
    const asked = { senderMac: BOB, senderAddress: neighbour, targetMac: new MacAddress(0, 0), targetAddress: own };
    const question = encodeArp({ operation: ArpOperation.REQUEST, ...asked });
    const frame = { destination: NODE_MAC.inet, source: BOB, tags: [], etherType: EtherType.ARP, payload: question };
    const answers = bed.answers('core', frame).filter(({ etherType }) => etherType === EtherType.ARP);
    expect(answers.map(({ payload }) => decodeArp(payload))).toMatchObject([
      { ok: true, value: { operation: ArpOperation.REPLY, senderMac: NODE_MAC.inet, targetMac: BOB } },
    ]);
    // On its last hop, as routing protocols send.
    const answered = bed.exchange({ from: 'core', packet: udpPacket(neighbour, own, { hopLimit: 1 }) });
    expect(answered).toMatchObject([{ to: 'core' }]);
    const before = bed.plane.drops()['spoofed-source'];
    expect(bed.exchange({ from: 'core', packet: udpPacket(ANCHORED4, own) })).toEqual([]);
    expect(bed.plane.drops()['spoofed-source']).toBe(before + 1);
  });

  it('sees what comes in through a link that was made later, or is part of a bridge', () => {
    const bed = open();
    const inNode = (...words: string[]) => ip(['-n', NODE_NAMESPACE, ...words]);
    inNode('link', 'add', 'bridge0', 'type', 'bridge');
    inNode('link', 'set', 'bridge0', 'address', `${NODE_MAC.inet}`, 'up');
    inNode('link', 'set', 'inet', 'master', 'bridge0');
    inNode('addr', 'add', '198.51.100.2/24', 'dev', 'bridge0');
    const forged = { from: 'core', packet: udpPacket(ANCHORED4, CORRESPONDENT4) } as const;
    bed.exchange(forged);
    const before = bed.plane.drops()['spoofed-source'];
    expect(bed.exchange(forged)).toEqual([]);
    expect(bed.plane.drops()['spoofed-source']).toBe(before + 1);
  });

  it('sees what comes in through a link without Ethernet, made later or there from the start, named or not', () => {
    const bed = open();
    const [far4, far6] = [ipv4('198.51.101.10'), ipv6('2001:db8:101::10')];
    const tun = openTunDevice(`/run/netns/${NODE_NAMESPACE}`, 'tun9');
    try {
      ip(['-n', NODE_NAMESPACE, 'link', 'set', 'tun9', 'up']);
      const send = (packet: Uint8Array) => {
        const before = bed.plane.drops()['spoofed-source'];
        write(tun, packet, packet.length);
        const ways = bed.settled().map(({ to }) => to);
        return [ways, bed.plane.drops()['spoofed-source'] - before];
      };
      bed.settled();
      const forged = [
        ...[CORRESPONDENT4, ipv4('198.51.100.1')].map((to) => udpPacket(ANCHORED4, to)),
        ...[CORRESPONDENT6, ipv6('2001:db8:100::1')].map((to) => udpPacket(ANCHORED6, to)),
      ];
      const others = [udpPacket(far4, CORRESPONDENT4), udpPacket(far6, CORRESPONDENT6)];
      const down = [udpPacket(far4, ANCHORED4), udpPacket(far6, ANCHORED6)];
      for (const correspondentInterfaces of [undefined, ['inet', 'tun9'], undefined]) {
        const wanted = { ...node, ...(correspondentInterfaces && { correspondentInterfaces }) };
        expect(forged.map(send)).toEqual(forged.map(() => [[], 1]));
        expect(others.map(send)).toEqual(others.map(() => [['core'], 0]));
        expect(down.map(send)).toEqual(down.map(() => [['transport'], 0]));
        expect(bed.inside(() => bed.plane.reconfigure(wanted)).failed).toEqual([]);
      }
      expect(bed.inside(() => bed.plane.reconfigure({ ...node, correspondentInterfaces: ['inet'] })).failed).toEqual(
        [],
      );
      expect(send(udpPacket(ANCHORED4, CORRESPONDENT4))).toEqual([['core'], 0]);
    } finally {
      close(tun);
    }
  });
}
