/** One packet as one line. */
import { type Dhcpv4Message, findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { Icmpv6Message } from '#wire/icmpv6.ts';
import { findOption, findOptions, type MobilityMessage } from '#wire/mobility/index.ts';
import type { RadiusPacket } from '#wire/radius.ts';
import { dhcpv4Name, dhcpv6Name, shortMessageName } from './decode-message-name.ts';
import { enumerationName, flagNames } from './decode-names.ts';
import type { Dissection, Layer } from './decode-packet.ts';
import { radiusAttributeName, radiusAttributeText, radiusName } from './decode-radius.ts';
import { durationText, safeText, textOrHex, titleOf } from './decode-text.ts';
import { faultText } from './decode-tree.ts';

const SHOWN_ATTRIBUTES =
  /^(User-Name|Calling-Station-Id|Mobile-Node-Identifier|PMIP6-.*|Cisco-AVPair|Acct-Status-Type)$/;

/** `2001:db8::1 → 2001:db8::2  PBU seq 7 …`, or what is malformed. */
export function summaryText(dissection: Dissection, fileOffset: number | undefined): string {
  const route = routeText(dissection.layers);
  const last = dissection.layers.at(-1);
  if (dissection.fault) return `${route}${faultText(dissection.fault, fileOffset)}`;
  if (dissection.note !== undefined) return `${route}${dissection.note}`;
  return route + (last ? lastText(last) : 'nothing');
}

/** The network addresses, or those of the link. */
export function routeText(layers: readonly Layer[]): string {
  const network = layers.findLast((layer) => layer.protocol === 'ipv6' || layer.protocol === 'ipv4');
  const link = layers.find((layer) => layer.protocol === 'ethernet');
  const route = network ?? link;
  return route === undefined ? '' : `${route.value.source} → ${route.value.destination}  `;
}

/** What the innermost layer says. */
export function lastText(layer: Layer): string {
  switch (layer.protocol) {
    case 'mobility':
      return mobilityText(layer.value);
    case 'dhcpv4':
      return dhcpText(layer.value);
    case 'dhcpv6':
      return `DHCPv6 ${dhcpv6Name(layer.value)} xid 0x${layer.value.transactionId.toString(16)}`;
    case 'radius':
      return radiusText(layer.value);
    case 'icmpv4':
      return `ICMP ${titleOf(layer.value.kind)}`;
    case 'icmpv6':
      return icmpText(layer.value);
    case 'gre':
      return 'GRE';
    case 'tlv-header':
      return 'TLV header';
    case 'layer-2-update':
      return `Layer-2 Update of ${layer.value.source}`;
    case 'arp': {
      const { senderAddress, targetAddress, operation } = layer.value;
      return `ARP ${operation === 1 ? 'request' : 'reply'}, ${senderAddress} to ${targetAddress}`;
    }
    case 'udp':
      return `UDP ${layer.value.sourcePort} → ${layer.value.destinationPort}`;
    case 'ipv6':
      return `IPv6, next header ${layer.value.nextHeader}`;
    case 'ipv4':
      return `IPv4, protocol ${layer.value.protocol}`;
    case 'ethernet':
      return 'Ethernet';
  }
}

export function mobilityText(message: MobilityMessage): string {
  const parts = [shortMessageName(message)];
  if ('sequence' in message) parts.push(`seq ${message.sequence}`);
  if ('status' in message) parts.push(`status ${named(message.kind, 'status', message.status)}`);
  if ('trigger' in message) parts.push(`trigger ${named(message.kind, 'trigger', message.trigger)}`);
  if ('reason' in message) parts.push(`reason ${named(message.kind, 'reason', message.reason)}`);
  if (message.kind === 'heartbeat') parts.push(heartbeatText(message.response, message.unsolicited));
  if ('lifetime' in message) parts.push(`lifetime ${durationText(message.lifetime)}`);
  if ('flags' in message) parts.push(`flags ${flagNames(message.kind, 'flags', message.flags).join('') || 'none'}`);
  if (message.kind !== 'unknown-mobility-message') parts.push(...optionTexts(message.options));
  return parts.join(' ');
}

function optionTexts(options: Exclude<MobilityMessage, { kind: 'unknown-mobility-message' }>['options']): string[] {
  const parts: string[] = [];
  const node = findOption(options, 'mobile-node-identifier');
  if (node) parts.push(`MN ${textOrHex(node.identifier)}`);
  for (const { prefix } of findOptions(options, 'home-network-prefix')) parts.push(`HNP ${prefix}`);
  const request = findOption(options, 'ipv4-home-address-request');
  if (request) parts.push(`HoA request ${request.address}/${request.prefixLength}`);
  const reply = findOption(options, 'ipv4-home-address-reply');
  if (reply) {
    const status = named(reply.kind, 'status', reply.status);
    parts.push(`HoA ${reply.address}/${reply.prefixLength} (${status})`);
  }
  const handoff = findOption(options, 'handoff-indicator');
  if (handoff) parts.push(`HI ${handoff.indicator}`);
  const technology = findOption(options, 'access-technology-type');
  if (technology) parts.push(`ATT ${technology.accessTechnology}`);
  const restart = findOption(options, 'restart-counter');
  if (restart) parts.push(`restart counter ${restart.counter}`);
  return parts;
}

function heartbeatText(response: boolean, unsolicited: boolean): string {
  if (!response) return 'request';
  return unsolicited ? 'unsolicited response' : 'response';
}

function dhcpText(message: Dhcpv4Message): string {
  const parts = [dhcpv4Name(message), `client ${message.chaddr}`, `xid 0x${message.xid.toString(16)}`];
  if (!message.yiaddr.isUnspecified) parts.push(`your address ${message.yiaddr}`);
  const requested = findDhcpv4Option(message.options, 'requested-address')?.address;
  if (requested) parts.push(`requested ${requested}`);
  const server = findDhcpv4Option(message.options, 'server-identifier')?.address;
  if (server) parts.push(`server ${server}`);
  const text = findDhcpv4Option(message.options, 'message')?.name;
  if (text !== undefined) parts.push(`"${safeText(text)}"`);
  return parts.join(' ');
}

/** Its name, whom it is about, and what Proxy Mobile IPv6 takes from it. */
function radiusText(packet: RadiusPacket): string {
  const shown = packet.attributes.flatMap((each) => {
    const name = radiusAttributeName(each);
    return SHOWN_ATTRIBUTES.test(name) ? [`${name} ${radiusAttributeText(each)}`] : [];
  });
  return [`RADIUS ${radiusName(packet)}`, `id ${packet.identifier}`, ...shown].join(' ');
}

function icmpText(message: Icmpv6Message): string {
  if (message.kind !== 'router-advertisement') return titleOf(message.kind);
  const prefixes = message.options.flatMap((option) =>
    option.kind === 'prefix-information' ? [` prefix ${option.prefix}`] : [],
  );
  return `Router Advertisement, lifetime ${durationText(message.routerLifetime)}${prefixes.join('')}`;
}

function named(kind: string, field: string, value: number): string {
  return enumerationName(kind, field, value) ?? `${value}`;
}
