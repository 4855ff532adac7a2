import { Ipv4Address, ipv4Netmask } from '#base/ipv4-address.ts';
import { milliseconds } from '#base/time.ts';
import {
  DHCPV4_CLIENT_PORT,
  DHCPV4_SERVER_PORT,
  type Dhcpv4Message,
  Dhcpv4MessageType,
  type Dhcpv4Option,
  encodeDhcpv4,
  findDhcpv4Option,
} from '#wire/dhcpv4.ts';
import { EtherType } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { AccessSession, SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { askForHomeAddress } from './presence.ts';
import type { Station } from './state.ts';

const BOOTREQUEST = 1;
const BOOTREPLY = 2;

/**
 * The DHCP server of RFC 5844 §3.4.1 "DHCP Server Co-Located with the Mobile Access Gateway": it has one address for each mobile
 * node, which the LMA gave. What comes before that is known is kept, the latest message of a node, and answered when its session
 * becomes active; never before.
 */
export function serveDhcp(access: AccessContext, station: Station, message: Dhcpv4Message): void {
  access.stats.dhcpReceived++;
  if (message.op !== BOOTREQUEST) {
    access.stats.dhcpUnexpected++;
    return;
  }
  if (!message.giaddr.isUnspecified) {
    access.stats.dhcpRelayed++;
    return;
  }
  // RFC 5844 §3.4.3 "Common DHCP Considerations": the mobile node's identity "should be associated to the DHCP messages sent by the
  // mobile node", and here it is named by its link-layer address.
  if (!message.chaddr.equals(station.mac)) {
    access.stats.dhcpForeignHardwareAddress++;
    return;
  }
  if (station.phase === 'confirming') hold(access, station, message);
  else if (station.session?.homeAddress) answer(access, station, station.session, message);
  else if (isWaitedFor(message)) {
    hold(access, station, message);
    if (station.session) askForHomeAddress(access, station);
  }
}

/** Until the session is active; of a node that came again, until that is confirmed. */
function hold(access: AccessContext, station: Station, message: Dhcpv4Message): void {
  access.stats.dhcpHeld++;
  station.heldDhcp = message;
}

/** Answers the message that was kept, now that the session is active. */
export function serveHeldDhcp(access: AccessContext, station: Station): void {
  const message = station.heldDhcp;
  station.heldDhcp = undefined;
  if (message && station.session) answer(access, station, station.session, message);
}

/**
 * RFC 5844 §3.4.3: "if the local mobility anchor does not assign an IPv4 address for the mobile node, the mobile access
 * gateway MUST NOT enable IPv4 home address mobility support for the mobile node on that access link": it is silent then.
 */
function answer(access: AccessContext, station: Station, session: AccessSession, message: Dhcpv4Message): void {
  const home = session.homeAddress;
  if (!home) {
    access.stats.dhcpWithoutHomeAddress++;
    return;
  }
  switch (findDhcpv4Option(message.options, 'message-type')?.value) {
    case Dhcpv4MessageType.DISCOVER:
      access.stats.dhcpOffersSent++;
      reply(access, station, session, home, message, Dhcpv4MessageType.OFFER);
      return;
    case Dhcpv4MessageType.REQUEST:
      answerRequest(access, station, session, home, message);
      return;
    case Dhcpv4MessageType.INFORM:
      access.stats.dhcpAcksSent++;
      reply(access, station, session, home, message, Dhcpv4MessageType.ACK);
      return;
    case Dhcpv4MessageType.DECLINE:
      logDeclined(access, station, session, home);
      return;
    case Dhcpv4MessageType.RELEASE:
      release(access, station, home, message);
      return;
    default:
      access.stats.dhcpUnexpected++;
  }
}

/**
 * RFC 2131 §4.3.2 "DHCPREQUEST message": the client's state shows in what it filled in. SELECTING: server identifier and requested address;
 * INIT-REBOOT: requested address; RENEWING and REBINDING: 'ciaddr', and, by RFC 5844 §3.4.1, perhaps the requested address
 * too. In each of them there is one right address.
 */
function answerRequest(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  message: Dhcpv4Message,
): void {
  const server = findDhcpv4Option(message.options, 'server-identifier')?.address;
  if (server && !server.equals(home.defaultRouter)) {
    access.stats.dhcpForOtherServer++;
    return;
  }
  const requested = findDhcpv4Option(message.options, 'requested-address')?.address;
  const named = [requested, message.ciaddr].filter((address) => address && !address.isUnspecified);
  // RFC 5844 §3.4.1: "if the mobile access gateway ... is unable to acquire the same IPv4 address as requested by the mobile
  // node, it will send a DHCPNACK message".
  const right = named.length > 0 && named.every((address) => home.address.equals(address));
  if (right) access.stats.dhcpAcksSent++;
  else access.stats.dhcpNaksSent++;
  reply(access, station, session, home, message, right ? Dhcpv4MessageType.ACK : Dhcpv4MessageType.NAK);
}

function release(access: AccessContext, station: Station, home: SessionHomeAddress, message: Dhcpv4Message): void {
  if (!home.address.equals(message.ciaddr)) {
    access.stats.dhcpUnexpected++;
    return;
  }
  access.stats.dhcpReleased++;
  access.stats.detachedByRelease++;
  access.emit({ kind: 'detached', interface: station.interface, mac: station.mac, reason: 'dhcp-release' });
}

function reply(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  message: Dhcpv4Message,
  type: number,
): void {
  const inform = findDhcpv4Option(message.options, 'message-type')?.value === Dhcpv4MessageType.INFORM;
  const nak = type === Dhcpv4MessageType.NAK;
  const answerMessage: Dhcpv4Message = {
    op: BOOTREPLY,
    htype: message.htype,
    hops: 0,
    xid: message.xid,
    secs: 0,
    broadcast: message.broadcast,
    ciaddr: type === Dhcpv4MessageType.ACK ? message.ciaddr : Ipv4Address.unspecified,
    yiaddr: nak || inform ? Ipv4Address.unspecified : home.address,
    siaddr: Ipv4Address.unspecified,
    giaddr: Ipv4Address.unspecified,
    chaddr: message.chaddr,
    sname: '',
    file: '',
    options: replyOptions(access, session, home, message, type, inform),
  };
  const source = home.defaultRouter;
  const destination = replyDestination(home, message, nak);
  const datagram = encodeUdp({
    sourcePort: DHCPV4_SERVER_PORT,
    destinationPort: DHCPV4_CLIENT_PORT,
    source,
    destination,
    payload: encodeDhcpv4(answerMessage),
  });
  access.transmit(
    station,
    EtherType.IPV4,
    encodeIpv4({ protocol: UDP_PROTOCOL, ttl: 64, source, destination, payload: datagram }),
  );
}

/** RFC 2131 §4.3.1 "DHCPDISCOVER message", table 3, and RFC 5844 §3.4.3. */
function replyOptions(
  access: AccessContext,
  session: AccessSession,
  home: SessionHomeAddress,
  message: Dhcpv4Message,
  type: number,
  inform: boolean,
): Dhcpv4Option[] {
  const client = findDhcpv4Option(message.options, 'client-identifier');
  const options: Dhcpv4Option[] = [
    { kind: 'message-type', value: type },
    // RFC 5844 §3.4.1: "the Server Identifier option will be included and with the value in the option set to the default
    // router address", which is the same at every MAG.
    { kind: 'server-identifier', address: home.defaultRouter },
  ];
  if (client) options.push(client);
  if (type === Dhcpv4MessageType.NAK) return options;
  if (!inform) options.push(...leaseOptions(session));
  options.push(
    // "The DHCPOFFER message [RFC2131] sent to the mobile node MUST include the Subnet Mask option [RFC2132] and the Router
    // option"; "MUST include the Interface MTU option".
    { kind: 'subnet-mask', mask: ipv4Netmask(home.prefixLength) },
    { kind: 'router', addresses: [home.defaultRouter] },
    { kind: 'interface-mtu', mtu: access.config.mtu },
  );
  return options;
}

/**
 * Chooses: the lease is as long as the binding's lifetime and each request renews it here, without asking the LMA. T1 and T2
 * are the defaults of RFC 2131 §4.4.5 "Reacquisition and expiration", 0.5 and 0.875 of it.
 */
function leaseOptions(session: AccessSession): Dhcpv4Option[] {
  const lease = session.lifetime;
  return [
    { kind: 'lease-time', duration: lease },
    { kind: 'renewal-time', duration: milliseconds(lease * 0.5) },
    { kind: 'rebinding-time', duration: milliseconds(lease * 0.875) },
  ];
}

/**
 * RFC 2131 §4.1 "Constructing and sending DHCP messages": to 'ciaddr' where the client has it; by broadcast where the BROADCAST bit
 * asks for it; else to 'yiaddr'. A DHCPNAK is always broadcast. In layer 2 each goes to the client alone.
 */
function replyDestination(home: SessionHomeAddress, message: Dhcpv4Message, nak: boolean): Ipv4Address {
  if (nak) return Ipv4Address.broadcast;
  if (!message.ciaddr.isUnspecified) return message.ciaddr;
  return message.broadcast ? Ipv4Address.broadcast : home.address;
}

function isWaitedFor(message: Dhcpv4Message): boolean {
  const type = findDhcpv4Option(message.options, 'message-type')?.value;
  return type === Dhcpv4MessageType.DISCOVER || type === Dhcpv4MessageType.REQUEST || type === Dhcpv4MessageType.INFORM;
}

function logDeclined(access: AccessContext, station: Station, session: AccessSession, home: SessionHomeAddress): void {
  access.stats.dhcpDeclined++;
  access.log('warn', 'dhcp-declined', `${session.nai} says that ${home.address} is in use on its link`, {
    nai: session.nai,
    address: home.address.toString(),
    interface: station.interface,
  });
}
