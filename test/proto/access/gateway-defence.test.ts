import { describe, expect, it } from 'vitest';
import { Ipv6Address, linkLocalFromMac } from '#base/ipv6-address.ts';
import type { NeighborAdvertisement } from '#wire/icmpv6.ts';
import { decodeIcmpv6 } from '#wire/icmpv6.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import {
  AccessLink,
  arpFrame,
  duplicateAddressDetection,
  HOME,
  icmpv6Frame,
  layer2Update,
  MAG,
  MAG_LINK_LOCAL,
  MN,
  MN2,
  ROUTER,
  v4,
  v6,
} from './link.ts';

/** As one that the LMA named for this node alone. */
const OWN_GATEWAY = v6('fe80::1:2:3:4');

describe('the default router of IPv4', () => {
  const CLAIM = arpFrame({ senderAddress: ROUTER, targetAddress: ROUTER });

  it('[RFC 5227 §2.4] is defended against a node that announces it, before each node of the link', () => {
    const link = twoNodes();
    link.hear(CLAIM);
    const told = link.arp();
    expect(told.map(({ frame }) => frame.destination)).toEqual([MN, MN2]);
    for (const { packet } of told) {
      expect(packet).toMatchObject({ operation: 1, senderMac: MAG, senderAddress: ROUTER, targetAddress: ROUTER });
    }
  });

  it('[RFC 5227 §2.4] once in ten seconds, however often it is claimed', () => {
    const link = twoNodes();
    for (let i = 0; i < 100; i++) link.hear(CLAIM);
    expect(link.arp()).toHaveLength(2);
    expect(link.machine.stats).toMatchObject({ gatewayClaims: 100, gatewayDefences: 2 });
    link.advance(10_000);
    link.outputs = [];
    link.hear(CLAIM);
    expect(link.arp()).toHaveLength(2);
  });

  it('is told to the operator', () => {
    const link = twoNodes();
    link.hear(CLAIM);
    expect(link.outputs).toContainEqual(expect.objectContaining({ kind: 'log', code: 'gateway-address-claimed' }));
  });

  it('is not answered for when the node claims something else', () => {
    const link = twoNodes();
    link.hear(arpFrame({ senderAddress: v4('192.0.2.77'), targetAddress: v4('192.0.2.77') }));
    expect(link.arp()).toEqual([]);
  });
});

describe('the link-local address of the gateway', () => {
  it.each([
    ['all nodes see the same', {}, MAG_LINK_LOCAL],
    ['it is of one session', { linkLocal: OWN_GATEWAY }, OWN_GATEWAY],
  ])('[RFC 4861 §7.2.4] is left to the kernel, which has it, where %s', (_, session, address) => {
    const link = new AccessLink();
    link.serve(session);
    link.hear(solicitation(address));
    link.hear(duplicateAddressDetection(address));
    expect(neighborAdvertisements(link)).toEqual([]);
  });

  it('is what its advertisements come from', () => {
    const link = new AccessLink();
    link.hear(layer2Update());
    link.activate({ linkLocal: OWN_GATEWAY });
    expect(link.advertisements()[0]?.packet.source).toEqual(OWN_GATEWAY);
  });

  it('is defended before each node of the link against one that advertises it', () => {
    const link = twoNodes();
    const claim: NeighborAdvertisement = {
      kind: 'neighbor-advertisement',
      router: false,
      solicited: false,
      override: true,
      target: MAG_LINK_LOCAL,
      options: [{ kind: 'target-link-layer-address', mac: MN }],
    };
    for (let i = 0; i < 5; i++) link.hear(icmpv6Frame(claim, MAG_LINK_LOCAL, Ipv6Address.allNodes));
    const told = neighborAdvertisements(link);
    expect(told.map(({ frame }) => frame.destination)).toEqual([MN, MN2]);
    expect(told[0]?.message).toMatchObject({ target: MAG_LINK_LOCAL, override: true, router: true });
  });

  it('is not taken for the address of the node that probes for it', () => {
    const link = new AccessLink();
    link.serve();
    link.hear(duplicateAddressDetection(MAG_LINK_LOCAL));
    expect(link.machine.snapshot()[0]?.linkLocal).toBeNull();
  });

  it.each([
    ['has a multicast target', solicitation(v6('ff02::1'))],
    [
      'names a link-layer address and no address',
      icmpv6Frame(
        {
          kind: 'neighbor-solicitation',
          target: OWN_GATEWAY,
          options: [{ kind: 'source-link-layer-address', mac: MN }],
        },
        Ipv6Address.unspecified,
        v6('ff02::1:ff03:4'),
      ),
    ],
  ])('[RFC 4861 §7.1.1] is not answered for when the solicitation %s', (_, frame) => {
    const link = new AccessLink();
    link.serve({ linkLocal: OWN_GATEWAY });
    link.hear(frame);
    expect(neighborAdvertisements(link)).toEqual([]);
    expect(link.machine.stats.neighborSolicitationsInvalid).toBe(1);
  });
});

describe('one node of a link', () => {
  it('never hears what another probes, solicits or announces', () => {
    const link = twoNodes();
    link.hear(duplicateAddressDetection());
    link.hear(arpFrame({ senderAddress: HOME, targetAddress: HOME }));
    link.hear(arpFrame({ senderAddress: v4('0.0.0.0'), targetAddress: HOME }));
    link.hear(solicitation(linkLocalFromMac(MN2)));
    expect(link.frames()).toEqual([]);
  });
});

function twoNodes(): AccessLink {
  const link = new AccessLink();
  link.serve();
  link.hear(layer2Update(MN2));
  link.activate({ mac: MN2, homeAddress: { address: v4('192.0.2.2'), prefixLength: 24, defaultRouter: ROUTER } });
  link.outputs = [];
  return link;
}

function solicitation(target: Ipv6Address): Uint8Array {
  const options = [{ kind: 'source-link-layer-address', mac: MN } as const];
  return icmpv6Frame({ kind: 'neighbor-solicitation', target, options }, linkLocalFromMac(MN), target);
}

function neighborAdvertisements(link: AccessLink) {
  return link.frames().flatMap((frame) => {
    const packet = decodeIpv6(frame.payload);
    if (!packet.ok) return [];
    const { source, destination, payload } = packet.value;
    const message = decodeIcmpv6(payload, source, destination);
    if (!message.ok || message.value.kind !== 'neighbor-advertisement') return [];
    return [{ frame, source, destination, message: message.value }];
  });
}
