import { Ipv6Address } from '#base/ipv6-address.ts';
import { type Duration, milliseconds } from '#base/time.ts';
import {
  DHCPV6_CLIENT_PORT,
  DHCPV6_SERVER_PORT,
  type Dhcpv6Message,
  Dhcpv6MessageType,
  type Dhcpv6Option,
  encodeDhcpv6,
  findDhcpv6Option,
} from '#wire/dhcpv6.ts';
import { EtherType } from '#wire/ethernet.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import type { AccessSession } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import { hostParameters } from './host-parameters.ts';
import type { Station } from './state.ts';
import { prefixLifetime } from './timers.ts';

const DUID_LL = 3;
const ETHERNET = 1;
const DNS_SERVERS = 23;
const DOMAIN_LIST = 24;
const INFORMATION_REFRESH_TIME = 32;
/** IA_NA, IA_TA and IA_PD. */
const IDENTITY_ASSOCIATIONS: ReadonlySet<number> = new Set([3, 4, 25]);

/** RFC 8415 §21.23 "Information Refresh Time Option": IRT_MINIMUM is 600 s, IRT_DEFAULT 86400 s. */
const REFRESH_MAXIMUM = milliseconds(86_400_000);

/**
 * The stateless DHCPv6 server: addresses come by router advertisement, DHCPv6 only tells who resolves names.
 * Differs: RFC 5213 §6.11(1) "Supporting DHCP-Based Address Configuration on the Access Link" has a relay agent on every gateway where addresses are configured by DHCP. Here each node makes its own in a prefix that is its
 * alone; the M flag of our advertisements is 0, and what asks for addresses or prefixes is not answered.
 */
export function serveDhcpv6(
  access: AccessContext,
  station: Station,
  client: Ipv6Address,
  destination: Ipv6Address,
  message: Dhcpv6Message,
): void {
  access.stats.dhcpv6Received++;
  if (!isInformationRequest(access, message) || !client.isLinkLocal || !destination.equals(ALL_AGENTS)) {
    access.stats.dhcpv6Unexpected++;
    return;
  }
  const { session } = station;
  if (!session || session.prefixes.length === 0 || station.phase === 'confirming') {
    access.stats.dhcpv6WithoutSession++;
    return;
  }
  access.stats.dhcpv6RepliesSent++;
  transmit(access, station, session.linkLocal, client, {
    type: Dhcpv6MessageType.REPLY,
    transactionId: message.transactionId,
    options: replyOptions(access, session, message),
  });
}

/** ff02::1:2, All_DHCP_Relay_Agents_and_Servers. */
const ALL_AGENTS = new Ipv6Address(0xff020000, 0, 0, 0x10002);

/**
 * RFC 8415 §16.12 "Information-request Message": "Servers MUST discard any received Information-request message that meets any of the following conditions": it
 * "includes a Server Identifier option, and the DUID in the option does not match the server's DUID", or "includes an IA option".
 */
function isInformationRequest(access: AccessContext, { type, options }: Dhcpv6Message): boolean {
  if (type !== Dhcpv6MessageType.INFORMATION_REQUEST) return false;
  const server = findDhcpv6Option(options, 'server-identifier')?.duid;
  if (server && !sameOctets(server, serverDuid(access))) return false;
  return !options.some((option) => option.kind === 'unknown-option' && IDENTITY_ASSOCIATIONS.has(option.code));
}

/**
 * RFC 8415 §18.3.6 "Receipt of Information-request Messages": "The server MUST include a Server Identifier option containing the server's DUID in the Reply message. If
 * the client included a Client Identifier option in the Information-request message, the server copies that option to the Reply message." What the Option Request
 * option does not name is not sent.
 */
function replyOptions(access: AccessContext, session: AccessSession, { options }: Dhcpv6Message): Dhcpv6Option[] {
  const client = findDhcpv6Option(options, 'client-identifier');
  const requested = new Set(findDhcpv6Option(options, 'option-request')?.codes);
  const { dnsServers, domainName } = hostParameters(access.config, session).ipv6;
  const reply: Dhcpv6Option[] = [{ kind: 'server-identifier', duid: serverDuid(access) }];
  if (client) reply.push(client);
  if (requested.has(DNS_SERVERS) && dnsServers.length > 0) reply.push({ kind: 'dns-servers', addresses: dnsServers });
  if (requested.has(DOMAIN_LIST) && domainName) reply.push({ kind: 'domain-list', domains: [domainName] });
  if (requested.has(INFORMATION_REFRESH_TIME)) {
    reply.push({ kind: 'information-refresh-time', duration: refreshTime(session) });
  }
  return reply;
}

/** As long as the prefixes are good for, within the bounds of the option; `prefixLifetime` is 600 s at least. */
function refreshTime({ lifetime }: AccessSession): Duration {
  return milliseconds(Math.min(prefixLifetime(lifetime), REFRESH_MAXIMUM));
}

/** RFC 8415 §11.4 "DUID Based on Link-Layer Address (DUID-LL)", of the link-layer address that all MAGs of the domain share: so they are one server. */
function serverDuid({ config }: AccessContext): Uint8Array {
  return Uint8Array.of(0, DUID_LL, 0, ETHERNET, ...config.linkLayer.toBytes());
}

function transmit(
  access: AccessContext,
  station: Station,
  source: Ipv6Address,
  destination: Ipv6Address,
  message: Dhcpv6Message,
): void {
  const payload = encodeUdp({
    sourcePort: DHCPV6_SERVER_PORT,
    destinationPort: DHCPV6_CLIENT_PORT,
    source,
    destination,
    payload: encodeDhcpv6(message),
  });
  const packet = encodeIpv6({ nextHeader: UDP_PROTOCOL, hopLimit: 64, source, destination, payload });
  access.transmit(station, EtherType.IPV6, packet);
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
