import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import {
  type Dhcpv4Message,
  Dhcpv4MessageType,
  type Dhcpv4Option,
  decodeDhcpv4,
  encodeDhcpv4,
  findDhcpv4Option,
  RelayAgentSubOptionCode,
} from '#wire/dhcpv4.ts';
import { encodeText } from '#wire/octets.ts';
import type { AccessSession, SessionHomeAddress } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { decline, isDeclined } from './dhcp-decline.ts';
import { transmitReply } from './dhcp-reply.ts';
import type { DhcpRelay } from './events.ts';
import { giveBack } from './presence.ts';
import type { ReceivedDhcp, Station } from './state.ts';

const BOOTREPLY = 2;
/** RFC 1542: a request that was relayed more often is dropped. */
const HOPS_MAXIMUM = 16;
/** Of Ethernet, without IPv4 and UDP headers. */
const LARGEST_MESSAGE = 1500 - 28;
/** Of a sub-option of the Relay Agent Information option. */
const SUB_OPTION_MAXIMUM = 255;

/**
 * The relay to use for a session; none where the gateway is the server. RFC 5844 §3.2.3.2(10) "Receiving Proxy Binding Acknowledgement": with
 * the (S) flag set to one it "MUST function as a DHCP server for the mobile node. If either the (S) flag in the option is set to a value of
 * (0), or if the option is not present in the request, then the mobile access gateway MUST function as a DHCP Relay for the mobile node."
 * RFC 6572 §4.14 "PMIP6-Home-DHCP4-Server-Address": the AAA server "MAY assign a DHCP server to the MAG in deployments where the MAG acts as a DHCP Relay".
 * Differs: where neither that nor `ip helper-address` names a server there is nothing to relay to, and the gateway is the server in spite of RFC 5844 §3.2.3.2(10), so that
 * mobile nodes get the address that the LMA gave. That of an LMA that asks for a relay is counted.
 */
export function relayOf(access: AccessContext, session: AccessSession): DhcpRelay | undefined {
  if (session.dhcpSupport === 'server') return undefined;
  const { relay, relayFrom } = access.config.interfaces.find(({ name }) => name === session.interface) ?? {};
  const { dhcpServer } = session;
  if (dhcpServer && relayFrom) return { servers: [dhcpServer], address: relayFrom };
  if (dhcpServer) access.stats.dhcpNoAddressToRelayFrom++;
  if (!relay && session.dhcpSupport === 'relay') access.stats.dhcpNoServerToRelayTo++;
  return relay;
}

/** A client's message to the servers, once its session is active. All of its messages come here, those by unicast too. */
export function relayToServers(
  access: AccessContext,
  station: Station,
  session: AccessSession,
  home: SessionHomeAddress,
  relay: DhcpRelay,
  received: ReceivedDhcp,
): void {
  const { message } = received;
  // RFC 3046 §2.1 "Agent Operation": "giaddr set to zero ... but with a Relay Agent Information option already present in the packet SHALL
  // discard the packet and increment an error count".
  if (findDhcpv4Option(message.options, 'relay-agent-information') || message.hops >= HOPS_MAXIMUM) {
    access.stats.dhcpNotRelayed++;
    return;
  }
  const type = findDhcpv4Option(message.options, 'message-type')?.value;
  if (type === Dhcpv4MessageType.REQUEST && !isFor(home, message)) {
    // RFC 5844 §3.4.2(11) "DHCP Relay Agent Co-Located with the Mobile Access Gateway": "If the address in the DHCPREQUEST message does not match with the
    // IPv4 address allocated for the mobile node, then the mobile access gateway SHOULD drop the DHCP message and an administrative error
    // message can be logged."
    access.stats.dhcpForeignAddress++;
    log(access, station, session, home, 'asks a DHCP server for another address than');
    return;
  }
  if (type === Dhcpv4MessageType.DISCOVER && isDeclined(access, station)) return;
  const relayed = { ...message, hops: message.hops + 1, giaddr: relay.address };
  const payload = withinMtu(access, relayed, agentInformation(session, home));
  for (const server of relay.servers) {
    access.stats.dhcpRelayedToServer++;
    access.emit({ kind: 'relay', local: relay.address, server, payload });
  }
  // RFC 5844 §3.4.2: "Any time the mobile access gateway detects that the mobile node has released its IPv4 address, it can send a Proxy Binding Update".
  if (type === Dhcpv4MessageType.RELEASE && home.address.equals(message.ciaddr)) giveBack(access, station);
  if (type === Dhcpv4MessageType.DECLINE) decline(access, station, session, home, received);
}

/** What a server sent to `local`: to the client, if it is one of its own and keeps to the address that the LMA gave. */
export function relayToClient(
  access: AccessContext,
  local: Ipv4Address,
  server: Ipv4Address,
  payload: Uint8Array,
): void {
  const isOurs = access.config.interfaces.some(
    ({ relay, relayFrom }) => relay?.address.equals(local) || relayFrom?.equals(local),
  );
  if (!isOurs) return; // it is for another gateway of this machine
  const decoded = decodeDhcpv4(payload);
  if (!decoded.ok) {
    access.stats.dhcpMalformed++;
    return;
  }
  const message = decoded.value;
  const station = access.stations.get(message.chaddr);
  const session = station?.session;
  const home = session?.homeAddress;
  const relay = session && relayOf(access, session);
  const known = relay?.address.equals(local) && relay.servers.some((one) => one.equals(server));
  if (!station || !home || !known || message.op !== BOOTREPLY || !message.giaddr.equals(local)) {
    access.stats.dhcpUnexpected++;
    return;
  }
  // RFC 5844 §3.4.2: "If this address is different from what is assigned to the mobile node, then the mobile access gateway will drop
  // the DHCPOFFER message and an administrative error message will be logged."
  if (!message.yiaddr.isUnspecified && !message.yiaddr.equals(home.address)) {
    access.stats.dhcpForeignAddress++;
    log(access, station, session, home, 'is offered another address by a DHCP server than');
    return;
  }
  access.stats.dhcpRelayedToClient++;
  // RFC 3046 §2.1: the option "echoed by a server MUST be removed by ... the relay agent".
  const options = message.options.filter(({ kind }) => kind !== 'relay-agent-information');
  const { broadcast, ciaddr } = message;
  const nak = findDhcpv4Option(options, 'message-type')?.value === Dhcpv4MessageType.NAK;
  const own = ciaddr.isUnspecified ? home.address : ciaddr;
  const destination = broadcast || nak ? Ipv4Address.broadcast : own;
  transmitReply(access, station, home.defaultRouter, destination, { ...message, options });
}

/**
 * RFC 5844 §3.4.2: "The assigned IPv4 home address will be included in the Agent Remote ID Sub-option of the DHCP Relay Agent Information
 * option", as its four octets. Besides: the interface, the node's identity, the home subnet to choose from (RFC 3527), and
 * the default router as the server's address for the client (RFC 5107), which is the same at every MAG.
 */
function agentInformation(
  session: AccessSession,
  { address, prefixLength, defaultRouter }: SessionHomeAddress,
): Dhcpv4Option {
  const code = RelayAgentSubOptionCode;
  const subnet = new Ipv4Prefix(address, prefixLength).network.address;
  const text = (value: string) => encodeText(value).subarray(0, SUB_OPTION_MAXIMUM);
  return {
    kind: 'relay-agent-information',
    subOptions: [
      { code: code.AGENT_CIRCUIT_ID, data: text(session.interface) },
      { code: code.AGENT_REMOTE_ID, data: address.toBytes() },
      { code: code.LINK_SELECTION, data: subnet.toBytes() },
      { code: code.SUBSCRIBER_ID, data: text(session.nai) },
      { code: code.SERVER_IDENTIFIER_OVERRIDE, data: defaultRouter.toBytes() },
    ],
  };
}

/**
 * RFC 3046 §2.1: the option is "the last option"; "the agent SHALL NOT increase a forwarded DHCP packet size to exceed the MTU": the message goes without it then.
 */
function withinMtu(access: AccessContext, message: Dhcpv4Message, information: Dhcpv4Option): Uint8Array {
  const whole = encodeDhcpv4({ ...message, options: [...message.options, information] });
  if (whole.length <= LARGEST_MESSAGE) return whole;
  access.stats.dhcpOptionsLeftOut++;
  return encodeDhcpv4(message);
}

/** Whether each address that a request names is the home address. */
function isFor(home: SessionHomeAddress, { ciaddr, options }: Dhcpv4Message): boolean {
  const requested = findDhcpv4Option(options, 'requested-address')?.address;
  return [requested, ciaddr].every((one) => !one || one.isUnspecified || one.equals(home.address));
}

function log(
  access: AccessContext,
  station: Station,
  { nai }: AccessSession,
  { address }: SessionHomeAddress,
  what: string,
): void {
  access.log('error', 'dhcp-foreign-address', `${nai} ${what} ${address}, which the LMA gave`, {
    nai,
    address: address.toString(),
    interface: station.interface,
  });
}
