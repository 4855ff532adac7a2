import { Ipv4Address } from '#base/ipv4-address.ts';
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
import { leaseOptions, parameterOptions, withinSize } from './dhcp-parameters.ts';
import type { Station } from './state.ts';

const BOOTREPLY = 2;
const RAPID_COMMIT: Dhcpv4Option = { kind: 'rapid-commit', data: new Uint8Array() };

/** A DHCPOFFER, or a DHCPACK; after DHCPINFORM that has no lease, RFC 2131 §4.3.5 "DHCPINFORM message". */
export function reply(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  message: Dhcpv4Message,
  type: number,
): void {
  const asked = findDhcpv4Option(message.options, 'message-type')?.value;
  const inform = asked === Dhcpv4MessageType.INFORM;
  // RFC 4039: the answer in two messages has the option that asked for it.
  const rapid = asked === Dhcpv4MessageType.DISCOVER && type === Dhcpv4MessageType.ACK;
  const options: Dhcpv4Option[] = [
    ...leadingOptions(type, home.defaultRouter, message),
    ...(rapid ? [RAPID_COMMIT] : []),
    // RFC 2131 §4.3.5: "The server MUST NOT send a lease expiration time to the client and SHOULD NOT fill in 'yiaddr'."
    ...(inform ? [] : leaseOptions(session)),
    ...parameterOptions(access, session, home, message),
  ];
  transmitReply(access, station, home.defaultRouter, destinationOf(home, message), {
    ...answerTo(message),
    ciaddr: type === Dhcpv4MessageType.ACK ? message.ciaddr : Ipv4Address.unspecified,
    yiaddr: inform ? Ipv4Address.unspecified : home.address,
    options: withinSize(access, options, message),
  });
}

/**
 * RFC 2131 §4.3.2 "DHCPREQUEST message": "The server MUST broadcast the DHCPNAK message to the 0xffffffff broadcast address because the
 * client may not have a correct network address or subnet mask". In layer 2 it goes to the client alone.
 */
export function refuseRequest(
  access: AccessContext,
  station: Station,
  server: Ipv4Address,
  message: Dhcpv4Message,
  reason: string,
): void {
  access.stats.dhcpNaksSent++;
  const options: Dhcpv4Option[] = [
    ...leadingOptions(Dhcpv4MessageType.NAK, server, message),
    { kind: 'message', name: reason },
  ];
  transmitReply(access, station, server, Ipv4Address.broadcast, {
    ...answerTo(message),
    options: withinSize(access, options, message),
  });
}

/** Sends a message of a server to the client of `station`. */
export function transmitReply(
  access: AccessContext,
  station: Station,
  source: Ipv4Address,
  destination: Ipv4Address,
  message: Dhcpv4Message,
): void {
  const datagram = encodeUdp({
    sourcePort: DHCPV4_SERVER_PORT,
    destinationPort: DHCPV4_CLIENT_PORT,
    source,
    destination,
    payload: encodeDhcpv4(message),
  });
  access.transmit(
    station,
    EtherType.IPV4,
    encodeIpv4({ protocol: UDP_PROTOCOL, ttl: 64, source, destination, payload: datagram }),
  );
}

/** RFC 2131 §4.3.1 "DHCPDISCOVER message", table 3: what a reply repeats, and zeros. */
function answerTo({ htype, xid, broadcast, chaddr }: Dhcpv4Message): Dhcpv4Message {
  return {
    op: BOOTREPLY,
    htype,
    hops: 0,
    xid,
    secs: 0,
    broadcast,
    ciaddr: Ipv4Address.unspecified,
    yiaddr: Ipv4Address.unspecified,
    siaddr: Ipv4Address.unspecified,
    giaddr: Ipv4Address.unspecified,
    chaddr,
    sname: '',
    file: '',
    options: [],
  };
}

/**
 * Of each reply. RFC 5844 §3.4.1 "DHCP Server Co-Located with the Mobile Access Gateway": "the Server Identifier option will be included and with the value in the option set to the default
 * router address", which is the same at every MAG. Differs: RFC 2131 §4.3.1, table 3, has no client identifier in a reply; RFC 6842 has
 * it returned, and clients that share a hardware address tell replies apart by it.
 */
function leadingOptions(type: number, server: Ipv4Address, message: Dhcpv4Message): Dhcpv4Option[] {
  const client = findDhcpv4Option(message.options, 'client-identifier');
  return [
    { kind: 'message-type', value: type },
    { kind: 'server-identifier', address: server },
    ...(client ? [client] : []),
  ];
}

/**
 * RFC 2131 §4.1 "Constructing and sending DHCP messages": to 'ciaddr' where the client has it; by broadcast where the BROADCAST bit
 * asks for it; else to 'yiaddr'. In layer 2 each goes to the client alone.
 */
function destinationOf(home: SessionHomeAddress, message: Dhcpv4Message): Ipv4Address {
  if (!message.ciaddr.isUnspecified) return message.ciaddr;
  return message.broadcast ? Ipv4Address.broadcast : home.address;
}
