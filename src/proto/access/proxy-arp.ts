import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { ArpOperation, type ArpPacket, encodeArp } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import type { SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { defendDefaultRouter } from './gateway-defence.ts';
import type { Station } from './state.ts';

/**
 * RFC 5844 §3.2.4(4) "Routing Considerations for the Mobile Access Gateway": "When receiving an ARP Request, the mobile access gateway
 * SHOULD examine the target IP address of the Request, and if this IP address matches the mobile node's IPv4 home subnet, it SHOULD
 * transmit a Proxy ARP Reply." Never for the node's own address, which it may be probing (RFC 5227 §2.1.1 "Probe Details"), and not
 * for the default router, for which the kernel answers, as it holds that address.
 */
export function answerArp(access: AccessContext, station: Station, packet: ArpPacket): void {
  const home = station.session?.homeAddress;
  if (!home) return;
  if (packet.senderAddress.equals(home.defaultRouter)) {
    defendDefaultRouter(access, station, home.defaultRouter);
    return;
  }
  if (packet.operation !== ArpOperation.REQUEST) return;
  const target = packet.targetAddress;
  const subnet = new Ipv4Prefix(home.address, home.prefixLength);
  if (!subnet.contains(target) || target.equals(home.address) || target.equals(home.defaultRouter)) return;
  if (!packet.senderAddress.equals(home.address)) {
    access.stats.arpForeignSender++;
    return;
  }
  access.stats.arpRepliesSent++;
  sendArp(access, station, {
    operation: ArpOperation.REPLY,
    senderMac: access.config.linkLayer,
    senderAddress: target,
    targetMac: station.mac,
    targetAddress: packet.senderAddress,
  });
}

/** Asks the mobile node for its own address, as its default router would. */
export function probeByArp(access: AccessContext, station: Station, home: SessionHomeAddress): void {
  sendArp(access, station, {
    operation: ArpOperation.REQUEST,
    senderMac: access.config.linkLayer,
    senderAddress: home.defaultRouter,
    targetMac: station.mac,
    targetAddress: home.address,
  });
}

function sendArp(access: AccessContext, station: Station, packet: ArpPacket): void {
  access.transmit(station, EtherType.ARP, encodeArp(packet));
}
