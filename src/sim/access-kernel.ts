import type { IpAddress } from '#base/ip-address.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import type { EthernetFrame } from '#wire/ethernet.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';

/**
 * What the kernel of a gateway answers on its access link, as the data plane has put the addresses of default routers and link-local
 * ones on it: ARP for the former, neighbor solicitations for the latter. `undefined` for every other frame.
 */
export function answerForKernel(
  frame: EthernetFrame,
  config: MagConfig,
  isRouter: (address: IpAddress) => boolean,
): Uint8Array | undefined {
  if (frame.etherType === EtherType.ARP) return answerArp(frame, config, isRouter);
  if (frame.etherType === EtherType.IPV6) return answerSolicitation(frame, config, isRouter);
  return undefined;
}

function answerArp(
  frame: EthernetFrame,
  { linkLayer }: MagConfig,
  isRouter: (address: IpAddress) => boolean,
): Uint8Array | undefined {
  const request = decodeArp(frame.payload);
  if (!request.ok || request.value.operation !== ArpOperation.REQUEST) return undefined;
  const { targetAddress, senderAddress, senderMac } = request.value;
  if (!isRouter(targetAddress)) return undefined;
  const payload = encodeArp({
    operation: ArpOperation.REPLY,
    senderMac: linkLayer,
    senderAddress: targetAddress,
    targetMac: senderMac,
    targetAddress: senderAddress,
  });
  return encodeEthernet({ destination: senderMac, source: linkLayer, tags: [], etherType: EtherType.ARP, payload });
}

function answerSolicitation(
  frame: EthernetFrame,
  { linkLayer, linkLocal }: MagConfig,
  isRouter: (address: IpAddress) => boolean,
): Uint8Array | undefined {
  const packet = decodeIpv6(frame.payload);
  if (!packet.ok || packet.value.nextHeader !== ICMPV6_PROTOCOL) return undefined;
  const { source: asking, destination: asked } = packet.value;
  const message = decodeIcmpv6(packet.value.payload, asking, asked);
  if (!message.ok || message.value.kind !== 'neighbor-solicitation') return undefined;
  const { target } = message.value;
  if (!target.equals(linkLocal) && !isRouter(target)) return undefined;
  const icmpv6 = encodeIcmpv6(
    {
      kind: 'neighbor-advertisement',
      router: true,
      solicited: true,
      override: true,
      target,
      options: [{ kind: 'target-link-layer-address', mac: linkLayer }],
    },
    target,
    asking,
  );
  const payload = encodeIpv6({
    source: target,
    destination: asking,
    nextHeader: ICMPV6_PROTOCOL,
    hopLimit: 255,
    payload: icmpv6,
  });
  const destination = frame.source;
  return encodeEthernet({ destination, source: linkLayer, tags: [], etherType: EtherType.IPV6, payload });
}
