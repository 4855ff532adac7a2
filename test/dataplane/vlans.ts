/** Access links that are VLANs of one interface, on a kernel without VLAN devices. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { BindingCounters } from '#dataplane/dataplane.ts';
import type { AccessForwarding, NodeForwarding } from '#dataplane/desired.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { MessageBatch } from '#host/message-batch.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { PacketSocket } from '#host/packet-socket.ts';
import {
  AF_PACKET,
  bind,
  check,
  close,
  ETH_P_ALL,
  ifNameToIndex,
  PACKET_IGNORE_OUTGOING,
  POLLIN,
  poll,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  send,
  setIntegerOption,
  sockaddrLl,
  socket,
} from '#host/posix.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import { decodeEthernet, EtherType, encodeEthernet } from '#wire/ethernet.ts';
import {
  ALICE,
  attached,
  attachedBob,
  BOB,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  mac,
  NODE_ADDRESS,
  node,
  PEER,
} from './bed.ts';
import { awaitCarrier, FAR_NAMESPACE, type HostBed, hostBed, ip, NODE_NAMESPACE } from './kernel-bed.ts';
import { largeSegment, sendLarge } from './large-segment.ts';
import { seen, tunnelled, udpPacket } from './packets.ts';

const PACKET_AUXDATA = 8;
const VLAN_VALID = 1 << 4;
const QUIET_MS = 30;
const A = { name: 'GigabitEthernet0/1/0.100', linkName: 'acc.100', vlan: { parent: 'acc', id: 100 } };
const B = { name: 'GigabitEthernet0/1/0.200', linkName: 'acc.200', vlan: { parent: 'acc', id: 200 } };
const template = node.accessInterfaces[0] as NonNullable<(typeof node.accessInterfaces)[0]>;
/** Beside them, an interface that has no VLANs. */
const PLAIN = node.accessInterfaces[1] as typeof template;
const forwarding: NodeForwarding = {
  ...node,
  accessInterfaces: [...[A, B].map((link) => ({ ...template, ...link })), PLAIN],
};
const inA: AccessForwarding = { ...attached, interface: A.name };
const inB: AccessForwarding = { ...attachedBob, interface: B.name };
const CAROL = mac('02:00:00:00:00:ca');
const CAROL4 = ipv4('203.0.113.3');
const onPlain: AccessForwarding = {
  ...attached,
  id: 'attached-carol',
  interface: PLAIN.name,
  mac: CAROL,
  homeAddress: CAROL4,
  prefixes: [],
};
const ALICE4 = ipv4('203.0.113.1');
const BOB4 = ipv4('203.0.113.2');
const GATEWAY = ipv4('203.0.113.254');

interface Frame {
  readonly vlan: number | undefined;
  readonly destination: MacAddress;
  readonly etherType: number | undefined;
  readonly payload: Uint8Array;
}

/** Called for each data plane of a host. */
export function vlanSuite(make: () => HostDataPlane): void {
  let bed: HostBed<HostDataPlane>;
  let fd: number;
  const batch = new MessageBatch({ count: 16, size: 2048, addressLength: 0, controlLength: 64 });
  beforeEach(() => {
    bed = hostBed(make, { forwarding });
    fd = inNetworkNamespace(`/run/netns/${FAR_NAMESPACE}`, () => {
      const made = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0));
      setIntegerOption(made, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      setIntegerOption(made, SOL_PACKET, PACKET_AUXDATA, 1);
      check('bind', bind(made, sockaddrLl(ifNameToIndex('acc'), ETH_P_ALL), SOCKADDR_LL_LENGTH));
      return made;
    });
    expect(bed.plane.apply([inA, inB, onPlain].map((one) => ({ kind: 'set', forwarding: one }))).failed).toEqual([]);
  });
  afterEach(() => {
    close(fd);
    bed.close();
  });

  /** What comes back on the wire of the parent; tags are out of the frames by then. */
  const heard = (): Frame[] => {
    const frames: Frame[] = [];
    const slow = bed.plane.slowPathFds();
    const set = Buffer.from(new ArrayBuffer((1 + slow.length) * 8));
    for (const [i, one] of [fd, ...slow].entries()) {
      set.writeInt32LE(one, i * 8);
      set.writeUInt16LE(POLLIN, i * 8 + 4);
    }
    while (poll(set, 1 + slow.length, QUIET_MS) > 0) {
      for (const [i, one] of slow.entries()) if (set.readUInt16LE((i + 1) * 8 + 6) !== 0) bed.plane.handleSlowPath(one);
      const count = batch.receive(fd);
      for (let i = 0; i < count; i++) {
        const auxiliary = batch.control(i, SOL_PACKET, PACKET_AUXDATA);
        const isTagged = auxiliary && (auxiliary.readUInt32LE(0) & VLAN_VALID) !== 0;
        const frame = decodeEthernet(Buffer.from(batch.message(i)));
        if (frame.ok) frames.push({ ...frame.value, vlan: isTagged ? auxiliary.readUInt16LE(16) & 0xfff : undefined });
      }
    }
    return frames;
  };
  const put = (
    tags: readonly number[],
    source: MacAddress,
    etherType: number,
    payload: Uint8Array,
    to = template.mac,
  ) => {
    const frame = encodeEthernet({ destination: to, source, tags: [...tags], etherType, payload });
    check('send', send(fd, frame, frame.length, 0));
  };
  const arp = (sender: MacAddress, address = ALICE4, targetAddress = GATEWAY) =>
    encodeArp({
      operation: ArpOperation.REQUEST,
      senderMac: sender,
      senderAddress: address,
      targetMac: new MacAddress(0, 0),
      targetAddress,
    });
  /** The packet that goes into the tunnel when this one comes in with these tags. */
  const sent = (tags: readonly number[], mac: MacAddress, packet: Uint8Array) => {
    const before = bed.plane.drops();
    put(tags, mac, EtherType.IPV4, packet);
    heard();
    const after = bed.plane.drops();
    return { before, after };
  };
  const upPackets = () => ['attached', 'attached-bob'].map((id) => bed.plane.counters(id)?.upPackets);

  it('take frames of their own tag only, and those of the interface itself and of other VLANs are none of theirs', () => {
    sent([100], ALICE, udpPacket(ALICE4, CORRESPONDENT4));
    expect(upPackets()).toEqual([1, 0]);
    sent([0x6000 | 200], BOB, udpPacket(BOB4, CORRESPONDENT4)); // with a priority
    expect(upPackets()).toEqual([1, 1]);
    const { before, after } = sent([200], ALICE, udpPacket(ALICE4, CORRESPONDENT4));
    expect(after['spoofed-source'] - before['spoofed-source']).toBe(1);
    for (const tags of [[], [300], [100, 100], [200, 100]]) sent(tags, ALICE, udpPacket(ALICE4, CORRESPONDENT4));
    expect(upPackets()).toEqual([1, 1]);
  });

  it('[IEEE 802.1Q] take a frame with the tag of VLAN 0, which has a priority only, as one without', () => {
    const frame = (tags: number[]) =>
      ({
        destination: PLAIN.mac,
        source: CAROL,
        tags,
        etherType: EtherType.IPV4,
        payload: udpPacket(CAROL4, CORRESPONDENT4),
      }) as const;
    const counted = () => bed.plane.counters('attached-carol')?.upPackets;
    bed.answers('access2', frame([0x6000]));
    expect(counted()).toBe(1);
    for (const tags of [[100], [0x6000, 100]]) bed.answers('access2', frame(tags));
    expect(counted()).toBe(1);
    bed.answers('access2', frame([]));
    expect(counted()).toBe(2);
  });

  it('take no frame whose outer tag is that of a provider bridge (IEEE 802.1ad)', () => {
    const payload = udpPacket(ALICE4, CORRESPONDENT4);
    const frame = encodeEthernet({
      destination: template.mac,
      source: ALICE,
      tags: [100],
      etherType: EtherType.IPV4,
      payload,
    });
    frame.set([0x88, 0xa8], 12);
    check('send', send(fd, frame, frame.length, 0));
    heard();
    expect(upPackets()).toEqual([0, 0]);
  });

  it('carry segments of TCP that are put together, and whose checksums are left to the card', () => {
    for (const [packet, header] of [
      [largeSegment(ALICE4, CORRESPONDENT4, 8000), 40],
      [largeSegment(ipv6('2001:db8:beef:1::1234'), CORRESPONDENT6, 8000), 60],
    ] as const) {
      const before = bed.plane.counters('attached') as BindingCounters;
      const etherType = header === 40 ? EtherType.IPV4 : EtherType.IPV6;
      const frame = encodeEthernet({
        destination: template.mac,
        source: ALICE,
        tags: [100],
        etherType,
        payload: packet,
      });
      sendLarge(FAR_NAMESPACE, 'acc', frame, 1000);
      heard();
      const after = bed.plane.counters('attached') as BindingCounters;
      const packets = after.upPackets - before.upPackets;
      expect(after.upOctets - before.upOctets - packets * header).toBe(8000);
    }
    expect(Object.values(bed.plane.drops()).reduce((sum, count) => sum + count, 0)).toBe(0);
  });

  it('send with their tag, to one mobile node', () => {
    for (const [address, mac, vlan] of [
      [ALICE4, ALICE, 100],
      [BOB4, BOB, 200],
    ] as const) {
      bed.exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, address)) });
      const frames = heard().filter(({ etherType }) => etherType === EtherType.IPV4);
      expect(frames.map((frame) => [frame.vlan, `${frame.destination}`, seen(frame.payload)])).toMatchObject([
        [vlan, `${mac}`, { source: `${CORRESPONDENT4}`, destination: `${address}`, hopLimit: 63 }],
      ]);
    }
  });

  it('are answered for the gateway, and for others of the home subnet, with their tag', () => {
    for (const [mac, vlan] of [
      [ALICE, 100],
      [BOB, 200],
    ] as const) {
      for (const target of [GATEWAY, CAROL4]) {
        put([vlan], mac, EtherType.ARP, arp(mac, vlan === 100 ? ALICE4 : BOB4, target), MacAddress.broadcast);
        const answers = heard().filter(({ etherType }) => etherType === EtherType.ARP);
        expect(answers.map((frame) => [frame.vlan, decodeArp(frame.payload)])).toMatchObject([
          [vlan, { ok: true, value: { senderMac: template.mac, senderAddress: target } }],
        ]);
      }
    }
  });

  it("are apart for the daemon's packet sockets, which send and hear frames without the tag", () => {
    const sockets = bed.inside(() =>
      ['acc', A.linkName, B.linkName].map((name) => new PacketSocket(name, bed.plane.accessFilterFd)),
    );
    const arrived = () =>
      sockets.map((one) => {
        let count = 0;
        while (
          one.receive((octets) => {
            const frame = decodeEthernet(octets);
            if (frame.ok && frame.value.etherType === EtherType.ARP) count += frame.value.tags.length === 0 ? 1 : 100;
          })
        );
        return count;
      });
    try {
      arrived();
      put([200], BOB, EtherType.ARP, arp(BOB), MacAddress.broadcast);
      heard();
      expect(arrived()).toEqual([0, 0, 1]);
      put([], BOB, EtherType.ARP, arp(BOB), MacAddress.broadcast);
      heard();
      expect(arrived()).toEqual([1, 0, 0]);
      const frame = {
        destination: ALICE,
        source: template.mac,
        tags: [],
        etherType: 0x88b5,
        payload: new Uint8Array(50),
      };
      sockets[1]?.queue(encodeEthernet(frame));
      sockets[1]?.flush();
      const out = heard().filter(({ etherType }) => etherType === 0x88b5);
      expect(out.map(({ vlan, destination }) => [vlan, `${destination}`])).toEqual([[100, `${ALICE}`]]);
    } finally {
      for (const one of sockets) one.close();
    }
  });

  it('are down with the interface, and up again', async () => {
    const isUp = () => {
      for (const slow of bed.plane.slowPathFds()) bed.plane.handleSlowPath(slow);
      return ip(['-n', NODE_NAMESPACE, '-brief', 'link', 'show', A.linkName]).includes('LOWER_UP');
    };
    awaitCarrier();
    expect(isUp()).toBe(true);
    ip(['-n', FAR_NAMESPACE, 'link', 'set', 'acc', 'down']);
    await expect.poll(isUp, { timeout: 5000 }).toBe(false); // the kernel tells of a carrier up to a second later
    ip(['-n', FAR_NAMESPACE, 'link', 'set', 'acc', 'up']);
    await expect.poll(isUp, { timeout: 5000 }).toBe(true);
  });

  it('remain through a restart, go with the configuration, and leave the interface as it was', () => {
    const names = () => ip(['-n', NODE_NAMESPACE, '-brief', 'link']).match(/^acc\.\d+/gm) ?? [];
    const index = () => bed.inside(() => ifNameToIndex(A.linkName));
    const before = index();
    bed.inside(() => bed.plane.close({ keep: true }));
    bed.inside(() => bed.plane.start(forwarding));
    expect(index()).toBe(before);
    const [first] = forwarding.accessInterfaces;
    const fewer = { ...forwarding, accessInterfaces: [first as NonNullable<typeof first>] };
    expect(bed.inside(() => bed.plane.reconfigure(fewer))).toMatchObject({ failed: [] });
    expect(names()).toEqual([A.linkName]);
    bed.plane.apply([{ kind: 'set', forwarding: inA }]);
    const counted = bed.plane.counters('attached')?.upPackets as number;
    sent([100], ALICE, udpPacket(ALICE4, CORRESPONDENT4));
    expect(bed.plane.counters('attached')?.upPackets).toBe(counted + 1);
    // As a daemon that was killed: what it made is found by the next, which has no VLANs.
    bed.inside(() => bed.plane.close({ keep: true }));
    expect(names()).toEqual([A.linkName]);
    bed.inside(() => bed.plane.start(node));
    expect(names()).toEqual([]);
    expect(ip(['-n', NODE_NAMESPACE, 'link', 'show', 'acc'])).not.toContain('PROMISC');
  });

  it.each([true, false])('leave the interface promiscuous where it was so before (killed in between: %s)', (killed) => {
    const isPromiscuous = () => ip(['-n', NODE_NAMESPACE, 'link', 'show', 'acc']).includes('PROMISC');
    bed.inside(() => bed.plane.close());
    expect(isPromiscuous()).toBe(false);
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'acc', 'promisc', 'on']);
    bed.inside(() => bed.plane.start(forwarding));
    if (killed) {
      bed.inside(() => bed.plane.close({ keep: true }));
      bed.inside(() => bed.plane.start(forwarding));
    }
    bed.inside(() => bed.plane.close());
    expect(isPromiscuous()).toBe(true);
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'acc', 'promisc', 'off']);
  });

  it.each([true, false])('leave the interface down where it was so before (killed in between: %s)', (killed) => {
    const isUp = () => /<[^>]*\bUP\b/.test(ip(['-n', NODE_NAMESPACE, 'link', 'show', 'acc']));
    bed.inside(() => bed.plane.close());
    expect(isUp()).toBe(true);
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'acc', 'down']);
    bed.inside(() => bed.plane.start(forwarding));
    expect(isUp()).toBe(true);
    if (killed) {
      bed.inside(() => bed.plane.close({ keep: true }));
      bed.inside(() => bed.plane.start(forwarding));
    }
    // It has VLANs no more, but is an access link itself.
    expect(bed.inside(() => bed.plane.reconfigure(node))).toMatchObject({ failed: [] });
    expect(isUp()).toBe(true);
    expect(bed.inside(() => bed.plane.reconfigure(forwarding))).toMatchObject({ failed: [] });
    expect(isUp()).toBe(true);
    bed.inside(() => bed.plane.close());
    expect(isUp()).toBe(false);
  });
}
