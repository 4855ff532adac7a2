import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { decodeArp } from '#wire/arp.ts';
import { DHCPV4_SERVER_PORT, decodeDhcpv4 } from '#wire/dhcpv4.ts';
import { DHCPV6_SERVER_PORT, decodeDhcpv6 } from '#wire/dhcpv6.ts';
import type { WireError } from '#wire/error.ts';
import { decodeEthernet, type EthernetFrame, EtherType } from '#wire/ethernet.ts';
import { decodeIcmpv6, ICMPV6_PROTOCOL, type NeighborSolicitation } from '#wire/icmpv6.ts';
import { decodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, type Ipv6Packet } from '#wire/ipv6.ts';
import { isLayer2Update } from '#wire/llc-xid.ts';
import { isMulticastListenerReport } from '#wire/multicast-listener-query.ts';
import { decodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { AttachTrigger } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { type DhcpIdentity, dhcpIdentity } from './dhcp-identity.ts';
import { serveDhcp } from './dhcp-server.ts';
import { serveDhcpv6 } from './dhcpv6-server.ts';
import { defendDefaultRouter, defendLinkLocal } from './gateway-defence.ts';
import { holdPacket } from './held-packets.ts';
import { admit, notice } from './presence.ts';
import { answerSolicitation } from './router-advertisement.ts';
import type { Station } from './state.ts';

/** Of Ethernet, in octets. */
const LONGEST_PACKET = 1500;

/** A frame of an access link: who sent it, what that says about the sender, and what it asks for. */
export function receiveFrame(access: AccessContext, interfaceName: string, bytes: Uint8Array): void {
  const { stats } = access;
  stats.framesReceived++;
  const decoded = decodeEthernet(bytes);
  if (!decoded.ok) {
    stats.framesMalformed++;
    return;
  }
  const frame = decoded.value;
  if (frame.source.equals(access.config.linkLayer)) stats.framesFromOwnAddress++;
  else if (frame.source.isMulticast || frame.source.isZero) stats.framesFromGroupAddress++;
  else if (frame.tags.length > 0) stats.framesTagged++;
  else if (isLayer2Update(frame)) seen(access, interfaceName, frame.source, 'layer-2-update');
  else receivePayload(access, interfaceName, frame);
}

function receivePayload(access: AccessContext, interfaceName: string, frame: EthernetFrame): void {
  switch (frame.etherType) {
    case EtherType.ARP:
      receiveArp(access, interfaceName, frame);
      return;
    case EtherType.IPV4:
      receiveIpv4(access, interfaceName, frame);
      return;
    case EtherType.IPV6:
      receiveIpv6(access, interfaceName, frame);
      return;
    default:
      // Chatter of bridges and access points, which are no mobile nodes.
      access.stats.framesFromStrangersIgnored++;
  }
}

function receiveArp(access: AccessContext, interfaceName: string, frame: EthernetFrame): void {
  const packet = decodeArp(frame.payload);
  if (!packet.ok) {
    access.stats.framesMalformed++;
    return;
  }
  const station = seen(access, interfaceName, frame.source, 'arp');
  const router = station?.session?.homeAddress?.defaultRouter;
  if (station && router?.equals(packet.value.senderAddress)) defendDefaultRouter(access, station, router);
}

function receiveIpv4(access: AccessContext, interfaceName: string, frame: EthernetFrame): void {
  const packet = decodeIpv4(frame.payload);
  if (!packet.ok) {
    receiveBroken(access, interfaceName, frame, packet.error);
    return;
  }
  const { value } = packet;
  const whole = value.fragmentOffset === 0 && !value.moreFragments;
  const datagram =
    value.protocol === UDP_PROTOCOL && whole ? decodeUdp(value.payload, value.source, value.destination) : undefined;
  if (datagram && !datagram.ok) {
    access.stats.framesMalformed++;
    return;
  }
  if (datagram?.value.destinationPort !== DHCPV4_SERVER_PORT) {
    seenData(access, interfaceName, frame);
    return;
  }
  const message = decodeDhcpv4(datagram.value.payload);
  if (!message.ok) {
    access.stats.dhcpMalformed++;
    return;
  }
  const station = seen(access, interfaceName, frame.source, 'dhcp', dhcpIdentity(message.value));
  if (station) serveDhcp(access, station, { message: message.value, destination: value.destination });
}

function receiveIpv6(access: AccessContext, interfaceName: string, frame: EthernetFrame): void {
  const packet = decodeIpv6(frame.payload);
  if (!packet.ok) {
    receiveBroken(access, interfaceName, frame, packet.error);
    return;
  }
  const { nextHeader, hopLimit, source, destination, payload, fragment } = packet.value;
  const whole = nextHeader === ICMPV6_PROTOCOL && !fragment;
  const message = whole ? decodeIcmpv6(payload, source, destination) : undefined;
  if (message && !message.ok) {
    access.stats.framesMalformed++;
    return;
  }
  if (message?.value.kind === 'router-solicitation') {
    access.stats.routerSolicitationsReceived++;
    // RFC 4861 §6.1.1 "Validation of Router Solicitation Messages": "The IP Hop Limit field has a value of 255".
    // "If the IP source address is the unspecified address, there is no source link-layer address option in the message."
    const unnamed = message.value.options.some((option) => option.kind === 'source-link-layer-address');
    if (hopLimit !== 255 || (source.isUnspecified && unnamed)) {
      access.stats.routerSolicitationsInvalid++;
      return;
    }
    const station = seen(access, interfaceName, frame.source, 'router-solicitation');
    if (!station) return;
    if (source.isLinkLocal) station.linkLocal = source;
    answerSolicitation(access, station);
  } else if (message?.value.kind === 'neighbor-solicitation' && hopLimit === 255) {
    const station = seen(access, interfaceName, frame.source, 'neighbor-solicitation');
    if (station) receiveNeighborSolicitation(access, station, source, message.value);
  } else if (message?.value.kind === 'neighbor-advertisement' && hopLimit === 255) {
    seenData(access, interfaceName, frame);
    const station = access.stations.get(frame.source);
    if (station?.session?.linkLocal.equals(message.value.target)) {
      defendLinkLocal(access, station, message.value.target);
    }
  } else if (message && isMulticastListenerReport(message.value)) {
    seenData(access, interfaceName, frame);
    const station = access.stations.get(frame.source);
    if (station && source.isLinkLocal) station.linkLocal = source;
  } else if (nextHeader === UDP_PROTOCOL && !fragment && destination.isMulticast) {
    receiveMulticastDatagram(access, interfaceName, frame, packet.value);
  } else seenData(access, interfaceName, frame);
}

/**
 * The kernel answers for the gateway's link-local addresses, and defends them.
 * RFC 4861 §7.1.1 "Validation of Neighbor Solicitations": "If the IP source address is the unspecified address, there is no source link-layer address option in the message".
 */
function receiveNeighborSolicitation(
  access: AccessContext,
  station: Station,
  source: Ipv6Address,
  { target, options }: NeighborSolicitation,
): void {
  const hasSource = options.some((option) => option.kind === 'source-link-layer-address');
  if (target.isMulticast || (source.isUnspecified && hasSource)) {
    access.stats.neighborSolicitationsInvalid++;
    return;
  }
  if (station.session?.linkLocal.equals(target)) return;
  // Without a source it is duplicate address detection: RFC 4862 §5.4.2 "Sending Neighbor Solicitation Messages", of its own address.
  const own = source.isUnspecified ? target : source;
  if (own.isLinkLocal) station.linkLocal = own;
}

/** Of multicast, only what is for a DHCPv6 server is looked into. */
function receiveMulticastDatagram(
  access: AccessContext,
  interfaceName: string,
  frame: EthernetFrame,
  { source, destination, payload }: Ipv6Packet,
): void {
  const datagram = decodeUdp(payload, source, destination);
  if (!datagram.ok) {
    access.stats.framesMalformed++;
    return;
  }
  if (datagram.value.destinationPort !== DHCPV6_SERVER_PORT) {
    seenData(access, interfaceName, frame);
    return;
  }
  const message = decodeDhcpv6(datagram.value.payload);
  if (!message.ok) {
    access.stats.dhcpv6Malformed++;
    return;
  }
  const station = seen(access, interfaceName, frame.source, 'dhcp');
  if (station) serveDhcpv6(access, station, source, destination, message.value);
}

/** Of a frame that several packets were joined into, only the head was kept: data. Anything else is malformed. */
function receiveBroken(access: AccessContext, interfaceName: string, frame: EthernetFrame, error: WireError): void {
  if (error.code === 'truncated' && frame.payload.length > LONGEST_PACKET) seenData(access, interfaceName, frame);
  else access.stats.framesMalformed++;
}

/** Multicast of an unknown source, as bridges send it too, does not make a mobile node of it; of a known one it is a sign of life. */
function seenData(access: AccessContext, interfaceName: string, frame: EthernetFrame): void {
  if (frame.destination.isMulticast && !access.stations.get(frame.source)) access.stats.framesFromStrangersIgnored++;
  else {
    const station = seen(access, interfaceName, frame.source, 'data');
    if (station && frame.destination.equals(access.config.linkLayer)) holdPacket(access, station, frame.payload);
  }
}

/** The station of a frame, which is now reported as attached if that is news; `undefined` when the link has no room for it. */
function seen(
  access: AccessContext,
  interfaceName: string,
  source: MacAddress,
  trigger: AttachTrigger,
  identity?: DhcpIdentity,
): Station | undefined {
  const station = access.stations.get(source) ?? admitHeard(access, interfaceName, source);
  if (station && identity) station.identity = identity;
  if (station) notice(access, station, interfaceName, trigger);
  return station;
}

/** Addresses on the link cost whoever makes them up nothing, so new ones have a rate. */
function admitHeard(access: AccessContext, interfaceName: string, source: MacAddress): Station | undefined {
  if (access.limitsOf(interfaceName).newStations.allows(access.instant)) return admit(access, interfaceName, source);
  access.stats.stationsOverRate++;
  return undefined;
}
