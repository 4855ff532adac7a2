import { Ipv4Address } from '#base/ipv4-address.ts';
import { after } from '#base/time.ts';
import { type Dhcpv4Message, Dhcpv4MessageType, findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { AccessSession, SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { decline, isDeclined } from './dhcp-decline.ts';
import { relayOf, relayToServers } from './dhcp-relay.ts';
import { refuseRequest, reply } from './dhcp-reply.ts';
import { askForHomeAddress, giveBack, isReleasing } from './presence.ts';
import type { ReceivedDhcp, Station } from './state.ts';

const BOOTREQUEST = 1;

/**
 * The DHCP server of RFC 5844 §3.4.1 "DHCP Server Co-Located with the Mobile Access Gateway": it has one address for each mobile
 * node, which the LMA gave. What comes before that is known is kept, the latest message of a node, and answered when its session
 * becomes active; never before.
 */
export function serveDhcp(access: AccessContext, station: Station, received: ReceivedDhcp): void {
  const { message } = received;
  access.stats.dhcpReceived++;
  if (message.op !== BOOTREQUEST) {
    access.stats.dhcpUnexpected++;
    return;
  }
  // Chooses: a relay agent on the access link, which has a single host, is not served.
  if (!message.giaddr.isUnspecified) {
    access.stats.dhcpRelayed++;
    return;
  }
  // RFC 5844 §3.4.3 "Common DHCP Considerations": the mobile node's identity "should be associated to the DHCP messages sent by the
  // mobile node", and here it is named by its link-layer address. Chooses: a client identifier is returned and not looked at, so
  // that a node has one address whatever its operating system calls itself.
  if (!message.chaddr.equals(station.mac)) {
    access.stats.dhcpForeignHardwareAddress++;
    return;
  }
  if (station.phase === 'confirming') hold(access, station, received);
  else if (isReleasing(access, station)) {
    if (isWaitedFor(received)) hold(access, station, received);
  } else if (station.session?.homeAddress) answer(access, station, station.session, received);
  else if (isWaitedFor(received)) {
    hold(access, station, received);
    if (station.session) askForHomeAddress(access, station);
  }
}

/** Answers the message that was kept, now that the session is active. */
export function serveHeldDhcp(access: AccessContext, station: Station): void {
  const held = station.heldDhcp;
  station.heldDhcp = undefined;
  if (held && station.session) answer(access, station, station.session, held);
}

/** The session is there without the home address that was given back: what was asked for since has another one asked for. */
export function serveReleased(access: AccessContext, station: Station): void {
  station.releasedAt = undefined;
  if (station.session?.homeAddress) serveHeldDhcp(access, station);
  else if (station.heldDhcp) askForHomeAddress(access, station);
}

/**
 * There will be no session. RFC 5844 §3.4.1: "if the mobile access gateway is unable to complete the Proxy Mobile IPv6 signaling ..., it
 * will send a DHCPNACK message" to a node that renews. To one that reboots or discovers nothing is said, RFC 2131 §4.3.2 "DHCPREQUEST message": "If the
 * DHCP server has no record of this client, then it MUST remain silent".
 */
export function refuseHeldDhcp(access: AccessContext, station: Station): void {
  const held = station.heldDhcp;
  station.heldDhcp = undefined;
  if (held && isRenewing(held)) refuseRenewal(access, station, held);
}

/** Until the session is active; of a node that came again, until that is confirmed. */
function hold(access: AccessContext, station: Station, received: ReceivedDhcp): void {
  access.stats.dhcpHeld++;
  station.heldDhcp = received;
}

/**
 * RFC 5844 §3.4.3(3): "if the local mobility anchor does not assign an IPv4 address for the mobile node, the mobile access
 * gateway MUST NOT enable IPv4 home address mobility support for the mobile node on that access link": nothing is offered then.
 */
function answer(access: AccessContext, station: Station, session: AccessSession, received: ReceivedDhcp): void {
  const home = session.homeAddress;
  if (!home) {
    access.stats.dhcpWithoutHomeAddress++;
    if (isRenewing(received)) refuseRenewal(access, station, received);
    return;
  }
  const relay = relayOf(access, session);
  if (relay) {
    relayToServers(access, station, session, home, relay, received);
    return;
  }
  const type = messageType(received);
  if (type !== Dhcpv4MessageType.DISCOVER && isForOtherServer(home, received)) {
    access.stats.dhcpForOtherServer++;
    return;
  }
  switch (type) {
    case Dhcpv4MessageType.DISCOVER:
      if (!isDeclined(access, station)) offer(access, station, session, home, received);
      return;
    case Dhcpv4MessageType.REQUEST:
      answerRequest(access, station, session, home, received);
      return;
    case Dhcpv4MessageType.INFORM:
      access.stats.dhcpAcksSent++;
      reply(access, station, session, home, received.message, Dhcpv4MessageType.ACK);
      return;
    case Dhcpv4MessageType.DECLINE:
      decline(access, station, session, home, received);
      return;
    case Dhcpv4MessageType.RELEASE:
      release(access, station, home, received);
      return;
    default:
      access.stats.dhcpUnexpected++;
  }
}

/**
 * Chooses: a client that asks for it has its address in two messages, RFC 4039: no other server is on its link that might have offered
 * one, and there is one right address.
 */
function offer(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  { message }: ReceivedDhcp,
): void {
  const rapid = findDhcpv4Option(message.options, 'rapid-commit') !== undefined;
  if (rapid) {
    acknowledge(access, station, session, home, message);
    return;
  }
  access.stats.dhcpOffersSent++;
  reply(access, station, session, home, message, Dhcpv4MessageType.OFFER);
}

function acknowledge(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  message: Dhcpv4Message,
): void {
  access.stats.dhcpAcksSent++;
  const lease = { address: home.address, until: after(access.instant, session.lifetime) };
  station.lease = lease;
  access.emit({ kind: 'leased', mac: station.mac, lease });
  reply(access, station, session, home, message, Dhcpv4MessageType.ACK);
}

/**
 * RFC 2131 §4.3.2: the client's state shows in what it filled in. SELECTING: server identifier and requested address; INIT-REBOOT: requested
 * address; RENEWING and REBINDING: 'ciaddr', and, by RFC 5844 §3.4.1, perhaps the requested address too. In each of them
 * there is one right address. "Server SHOULD send a DHCPNAK message to the client if the 'requested IP address' is incorrect, or is on the wrong network";
 * "The DHCP server SHOULD check 'ciaddr' for correctness before replying".
 */
function answerRequest(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  { message }: ReceivedDhcp,
): void {
  if (isDeclined(access, station)) return;
  const requested = findDhcpv4Option(message.options, 'requested-address')?.address;
  const named = [requested, message.ciaddr].filter((address) => address && !address.isUnspecified);
  // RFC 5844 §3.4.1: "if the mobile access gateway ... is unable to acquire the same IPv4 address as requested by the mobile
  // node, it will send a DHCPNACK message".
  if (named.length > 0 && named.every((address) => home.address.equals(address))) {
    acknowledge(access, station, session, home, message);
  } else refuseRequest(access, station, home.defaultRouter, message, 'the home address is another one');
}

function refuseRenewal(access: AccessContext, station: Station, { message, destination }: ReceivedDhcp): void {
  refuseRequest(access, station, destination, message, 'no home address is assigned');
}

/** RFC 5844 §3.4.3(10): "it should consider this as a trigger for de-registering the mobile node's IPv4 home address". */
function release(access: AccessContext, station: Station, home: SessionHomeAddress, { message }: ReceivedDhcp): void {
  if (!home.address.equals(message.ciaddr)) {
    access.stats.dhcpUnexpected++;
    return;
  }
  giveBack(access, station);
}

/** RFC 2131 §4.3.2: "If the DHCPREQUEST message contains a 'server identifier' option, the message is in response to a DHCPOFFER message", perhaps of another server. */
function isForOtherServer(home: SessionHomeAddress, { message }: ReceivedDhcp): boolean {
  const server = findDhcpv4Option(message.options, 'server-identifier')?.address;
  return server !== undefined && !server.equals(home.defaultRouter);
}

/** By unicast to the server that gave the lease, which here is the gateway of every access link. */
function isRenewing(received: ReceivedDhcp): boolean {
  const { message, destination } = received;
  const unicast = !destination.equals(Ipv4Address.broadcast) && !destination.isMulticast;
  return messageType(received) === Dhcpv4MessageType.REQUEST && !message.ciaddr.isUnspecified && unicast;
}

function isWaitedFor(received: ReceivedDhcp): boolean {
  const type = messageType(received);
  return type === Dhcpv4MessageType.DISCOVER || type === Dhcpv4MessageType.REQUEST || type === Dhcpv4MessageType.INFORM;
}

function messageType({ message }: ReceivedDhcp): number | undefined {
  return findDhcpv4Option(message.options, 'message-type')?.value;
}
