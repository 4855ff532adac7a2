/** A host on the link of correspondent nodes asks for link-layer addresses. */
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import { CORRESPONDENT4, ipv4, ipv6, mac } from './bed.ts';
import type { HostBed } from './kernel-bed.ts';

export const ASKER = mac('02:00:00:00:03:01');

/** The link-layer addresses that are told for an address of the core's link. */
export function askedByArp(bed: HostBed<HostDataPlane>, target: string): string[] {
  const request = encodeArp({
    operation: ArpOperation.REQUEST,
    senderMac: ASKER,
    senderAddress: CORRESPONDENT4,
    targetMac: mac('00:00:00:00:00:00'),
    targetAddress: ipv4(target),
  });
  const frame = { destination: mac('ff:ff:ff:ff:ff:ff'), source: ASKER, tags: [], payload: request };
  return bed.answers('core', { ...frame, etherType: EtherType.ARP }).flatMap(({ etherType, payload }) => {
    const reply = etherType === EtherType.ARP ? decodeArp(payload) : undefined;
    return reply?.ok && reply.value.operation === ArpOperation.REPLY ? [`${reply.value.senderMac}`] : [];
  });
}

interface Told {
  readonly mac: string;
  readonly to: string;
  /** Link-layer address. */
  readonly heardBy: string;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly router: boolean;
}

/** The same by neighbor discovery, there or on an access link. */
export function askedByDiscovery(
  bed: HostBed<HostDataPlane>,
  source: Ipv6Address,
  target: string,
  port: 'core' | 'access' = 'core',
): Told[] {
  const address = ipv6(target);
  const destination = new Ipv6Address(0xff020000, 0, 1, 0xff000000 | (address.w3 & 0xffffff));
  const named = source.isUnspecified ? [] : [{ kind: 'source-link-layer-address', mac: ASKER } as const];
  const solicitation = encodeIcmpv6(
    { kind: 'neighbor-solicitation', target: address, options: named },
    source,
    destination,
  );
  const fields = { source, destination, hopLimit: 255, nextHeader: ICMPV6_PROTOCOL, payload: solicitation };
  const group = mac(
    `33:33:ff:${[16, 8, 0].map((bits) => ((address.w3 >>> bits) & 255).toString(16).padStart(2, '0')).join(':')}`,
  );
  const frame = { destination: group, source: ASKER, tags: [], payload: encodeIpv6(fields) };
  return bed
    .answers(port, { ...frame, etherType: EtherType.IPV6 })
    .flatMap(({ etherType, payload, destination: frameTo }): Told[] => {
      const packet = etherType === EtherType.IPV6 ? decodeIpv6(payload) : undefined;
      if (!packet?.ok || packet.value.nextHeader !== ICMPV6_PROTOCOL || packet.value.hopLimit !== 255) return [];
      const { source: from, destination: to, payload: inner } = packet.value;
      const message = decodeIcmpv6(inner, from, to);
      if (!message.ok || message.value.kind !== 'neighbor-advertisement' || !message.value.target.equals(address))
        return [];
      const { solicited, override, router, options } = message.value;
      const [told] = options.flatMap((option) =>
        option.kind === 'target-link-layer-address' ? [`${option.mac}`] : [],
      );
      return [{ mac: told ?? '', to: `${to}`, heardBy: `${frameTo}`, solicited, override, router }];
    });
}
