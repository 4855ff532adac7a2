/** Who asks a node for link-layer addresses: its own, and those of mobile nodes. */
import { expect, it, vi } from 'vitest';
import { linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Forwarding } from '#dataplane/desired.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { ArpOperation, encodeArp } from '#wire/arp.ts';
import { ALICE, anchored, attached, CORRESPONDENT6, ipv4, ipv6, mac } from './bed.ts';
import { awaitCarrier, type HostBed, ip, NODE_MAC, NODE_NAMESPACE } from './kernel-bed.ts';
import { ASKER, askedByArp, askedByDiscovery } from './neighbour-questions.ts';
import { udpPacket } from './packets.ts';

const LINK_LOCAL = ipv6('fe80::200:5eff:fe00:5213');
const GATEWAY = ipv4('203.0.113.254');

/** Called by the suite of nodes, each test with a bed of its own. `survives`: the kernel answers when the process is killed. */
export function neighbourSuite(bedOf: () => HostBed<HostDataPlane>, survives: boolean): void {
  const set = (...forwardings: Forwarding[]) =>
    bedOf().plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding })));

  it('[RFC 4861 §7.2.4] answers for the link-local address that it has for one mobile node, as long as a binding names it', async () => {
    const bed = bedOf();
    awaitCarrier();
    const own = ipv6('fe80::1:2:3:4');
    const ask = () => askedByDiscovery(bed, linkLocalFromMac(ALICE), `${own}`, 'access');
    expect(ask()).toEqual([]);
    set({ ...attached, linkLocal: own });
    const flags = { solicited: true, override: true, router: true };
    const answer = { mac: `${MacAddress.pmipv6Mag}`, to: `${linkLocalFromMac(ALICE)}`, ...flags };
    // The kernel joins the group of an address that it was given in a thread of its own; who asks, asks three times, a second apart.
    await vi.waitFor(() => expect(ask()).toMatchObject([answer]), { timeout: 3000, interval: 100 });
    bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(own, CORRESPONDENT6) });
    expect(bed.plane.drops()['spoofed-gateway']).toBe(1);
    expect(bed.plane.audit()).toMatchObject({ missing: 0, extra: 0, different: 0 });
    bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id: attached.id }]);
    expect(ask()).toEqual([]);
  });

  it.runIf(survives)('answers who asks for the gateway alone, and learns of no neighbour from that', () => {
    const bed = bedOf();
    awaitCarrier();
    set(attached);
    const stranger = mac('02:00:00:00:00:77');
    const request = { operation: ArpOperation.REQUEST, senderMac: stranger, targetMac: new MacAddress(0, 0) };
    const packet = encodeArp({ ...request, senderAddress: ipv4('203.0.113.99'), targetAddress: GATEWAY });
    expect(bed.answersToArp('access', stranger, packet)).toHaveLength(1);
    const target = `${LINK_LOCAL}`;
    expect(askedByDiscovery(bed, ipv6('fe80::77'), target, 'access')).toMatchObject([
      { to: 'fe80::77', heardBy: `${ASKER}` },
    ]);
    expect(askedByDiscovery(bed, ipv6('::'), target, 'access')).toMatchObject([
      { to: 'ff02::1', heardBy: `${ASKER}`, override: true },
    ]);
    const neighbours = ip(['-n', NODE_NAMESPACE, 'neigh', 'show', 'dev', 'acc', 'nud', 'all']);
    for (const learnt of ['203.0.113.99', 'fe80::77']) expect(neighbours).not.toContain(learnt);
  });

  it('[RFC 4861 §7.2.8, §7.2.4] answers ARP and neighbor discovery for the mobile nodes that it anchors where their pools lie on a link, and for nobody else', () => {
    const bed = bedOf();
    set(anchored);
    const asks = () => ({
      arp: ['192.0.2.1', '192.0.2.9', '192.0.3.1'].map((target) => askedByArp(bed, target)),
      nd: ['2001:db8:f00d:1::1234', '2001:db8:f00d:2::1', '2001:db8:f00e:1::1'].map((target) =>
        askedByDiscovery(bed, CORRESPONDENT6, target),
      ),
    });
    const nobody = { arp: [[], [], []], nd: [[], [], []] };
    expect(asks()).toEqual(nobody);
    ip(['-n', NODE_NAMESPACE, 'addr', 'add', '192.0.0.1/16', 'dev', 'inet']);
    ip(['-n', NODE_NAMESPACE, 'addr', 'add', '2001:db8:f000::1/36', 'dev', 'inet', 'nodad']);
    asks();
    expect(asks()).toMatchObject({
      arp: [[`${NODE_MAC.inet}`], [], []],
      nd: [
        [
          {
            heardBy: `${ASKER}`,
            mac: `${NODE_MAC.inet}`,
            to: `${CORRESPONDENT6}`,
            solicited: true,
            override: false,
            router: false,
          },
        ],
        [],
        [],
      ],
    });
    expect(askedByDiscovery(bed, ipv6('::'), '2001:db8:f00d:1::1234')).toMatchObject([
      { to: 'ff02::1', solicited: false },
    ]);
    expect(bed.plane.proxy).toMatchObject({ interfaces: ['inet'] });
    // The groups are not the host's own; a process hears them by its socket, and the kernel by a setting that outlives it.
    const hearsAll = () => ip(['-n', NODE_NAMESPACE, 'link', 'show', 'inet']).includes('ALLMULTI');
    expect(hearsAll()).toBe(survives);
    bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id: 'anchored' }]);
    expect(asks()).toEqual(nobody);
    set(anchored);
    // Without an address of its own on the link it has none to answer from.
    const ownAddress = (verb: string, ...how: string[]) =>
      ip(['-n', NODE_NAMESPACE, 'addr', verb, `${linkLocalFromMac(NODE_MAC.inet)}/64`, 'dev', 'inet', ...how]);
    ownAddress('del');
    asks();
    expect(asks()).toEqual({ ...nobody, arp: [[`${NODE_MAC.inet}`], [], []] });
    ownAddress('add', 'nodad');
    asks();
    expect(asks().nd[0]).toHaveLength(1);
    ip(['-n', NODE_NAMESPACE, 'addr', 'del', '192.0.0.1/16', 'dev', 'inet']);
    ip(['-n', NODE_NAMESPACE, 'addr', 'del', '2001:db8:f000::1/36', 'dev', 'inet']);
    asks();
    expect(asks()).toEqual(nobody);
    expect(hearsAll()).toBe(false);
  });
}
