/** One packet as a tree of lines. */

import { toHex } from '#base/bytes.ts';
import { dhcpv4OptionCodec } from '#wire/dhcpv4/option-list.ts';
import { dhcpv6OptionCodec } from '#wire/dhcpv6.ts';
import type { WireError } from '#wire/error.ts';
import { EtherType } from '#wire/ethernet.ts';
import { neighborDiscoveryOptionCodec } from '#wire/icmpv6/option-list.ts';
import { mobilityMessageCodec, mobilityOptionCodec } from '#wire/mobility/index.ts';
import type { RadiusPacket } from '#wire/radius.ts';
import { fieldLines, type Line } from './decode-fields.ts';
import { dhcpv4Name, dhcpv6Name, messageName } from './decode-message-name.ts';
import { unknownOptionName } from './decode-names.ts';
import type { Dissection, Layer, LayerFault, MobilityChecksum } from './decode-packet.ts';
import { radiusAttributeName, radiusAttributeText, radiusName } from './decode-radius.ts';
import { titleOf } from './decode-text.ts';

export interface TreeOptions {
  /** Name the RFC section of each message and option. */
  readonly sections: boolean;
  /** Of the packet in its file; absent when it is in none. */
  readonly fileOffset: number | undefined;
}

const etherTypeNames = new Map<number, string>([
  [EtherType.IPV4, 'IPv4'],
  [EtherType.ARP, 'ARP'],
  [EtherType.IPV6, 'IPv6'],
]);

const protocolNames: Readonly<Record<Layer['protocol'], string>> = {
  ethernet: 'Ethernet',
  'layer-2-update': 'Layer-2 Update',
  arp: 'Address Resolution Protocol',
  ipv4: 'Internet Protocol Version 4',
  ipv6: 'Internet Protocol Version 6',
  udp: 'User Datagram Protocol',
  gre: 'Generic Routing Encapsulation',
  'tlv-header': 'TLV header',
  icmpv4: 'Internet Control Message Protocol',
  icmpv6: 'Internet Control Message Protocol v6',
  dhcpv4: 'Dynamic Host Configuration Protocol',
  dhcpv6: 'DHCPv6',
  radius: 'RADIUS',
  mobility: 'Mobility Header',
};

/** Lines of `heading` and, indented below it, the layers and what is wrong. */
export function treeText(heading: string, dissection: Dissection, options: TreeOptions): string {
  const lines = dissection.layers.map((layer) => layerLine(layer, options));
  if (dissection.note !== undefined) lines.push({ text: dissection.note, children: [] });
  if (dissection.fault) lines.push({ text: faultText(dissection.fault, options.fileOffset), children: [] });
  return render([{ text: heading, children: lines }], '');
}

/** `Malformed Mobility Header: Option Length at offset 27 (octet 81 of the packet, 4711 of the file): …`. */
export function faultText(fault: LayerFault, fileOffset: number | undefined): string {
  const { error } = fault;
  const inPacket = fault.at + error.offset;
  const inFile = fileOffset === undefined ? '' : `, ${fileOffset + inPacket} of the file`;
  const name = protocolNames[fault.protocol];
  return `Malformed ${name}: ${error.field} at offset ${error.offset} (octet ${inPacket} of the packet${inFile}): ${ruleText(error)}`;
}

function ruleText(error: WireError): string {
  return `${error.rule} [${error.code}]`;
}

function layerLine(layer: Layer, options: TreeOptions): Line {
  switch (layer.protocol) {
    case 'ethernet': {
      const { source, destination, etherType, tags } = layer.value;
      const type = etherType === undefined ? '802.3' : typeText(etherType);
      const vlans = tags.map((tag) => `, VLAN ${tag & 0xfff} priority ${tag >>> 13}`).join('');
      return plain(`Ethernet, ${source} → ${destination}, ${type}${vlans}`);
    }
    case 'layer-2-update':
      return plain(`Layer-2 Update (LLC XID), station ${layer.value.source}`);
    case 'arp':
      return { text: protocolNames.arp, children: fieldLines(layer.value) };
    case 'ipv4': {
      const { source, destination, ttl, trafficClass } = layer.value;
      return plain(`${protocolNames.ipv4}, ${source} → ${destination}, TTL ${ttl}, DSCP ${trafficClass >>> 2}`);
    }
    case 'ipv6': {
      const { source, destination, hopLimit, trafficClass } = layer.value;
      const text = `${protocolNames.ipv6}, ${source} → ${destination}, hop limit ${hopLimit}, DSCP ${trafficClass >>> 2}`;
      return plain(text);
    }
    case 'udp':
      return plain(`${protocolNames.udp}, port ${layer.value.sourcePort} → ${layer.value.destinationPort}`);
    case 'gre': {
      const { protocol, key, sequence } = layer.value;
      const extra = `${key === undefined ? '' : `, key 0x${key.toString(16)}`}${sequence === undefined ? '' : `, sequence ${sequence}`}`;
      return plain(`${protocolNames.gre}, ${typeText(protocol)}${extra}`);
    }
    case 'tlv-header':
      return plain(`${protocolNames['tlv-header']}, next header ${layer.value.nextHeader}`);
    case 'icmpv4':
      return { text: `ICMP: ${titleOf(layer.value.kind)}`, children: fieldLines(layer.value) };
    case 'icmpv6':
      return withOptions(`ICMPv6: ${titleOf(layer.value.kind)}`, layer.value, neighborDiscoveryOptionCodec, options);
    case 'dhcpv4':
      return withOptions(
        `${protocolNames.dhcpv4}: ${dhcpv4Name(layer.value)}`,
        layer.value,
        dhcpv4OptionCodec,
        options,
      );
    case 'dhcpv6':
      return withOptions(
        `${protocolNames.dhcpv6}: ${dhcpv6Name(layer.value)}`,
        layer.value,
        dhcpv6OptionCodec,
        options,
      );
    case 'radius':
      return radiusLine(layer.value);
    case 'mobility':
      return mobilityLine(layer, options);
  }
}

function mobilityLine(layer: Extract<Layer, { protocol: 'mobility' }>, options: TreeOptions): Line {
  const message = layer.value;
  const codec = mobilityMessageCodec(message.kind);
  const type = codec?.type ?? (message.kind === 'unknown-mobility-message' ? message.type : 0);
  const title = `${protocolNames.mobility}: ${messageName(message)} (${type})${section(codec?.rfc, options)}`;
  const { text, children } = withOptions(
    title,
    message,
    mobilityOptionCodec,
    options,
    'Mobility Option',
    unknownOptionName,
  );
  return { text, children: [plain(`Checksum: ${checksumText(layer.checksum)}`), ...children] };
}

/** What is known of an option beside its value. */
interface OptionCodec {
  readonly name: string;
  readonly rfc: string;
  /** Some protocols call their options' numbers codes. */
  readonly type?: number;
  readonly code?: number;
}

/** The fields of a message, then its options with their fields. */
function withOptions<Kind extends string>(
  text: string,
  message: object & { readonly options?: readonly { readonly kind: Kind }[] },
  codecOf: (kind: Kind) => OptionCodec | undefined,
  options: TreeOptions,
  label = 'Option',
  unknownName: (type: number) => string = () => 'Unknown',
): Line {
  const optionLines = (message.options ?? []).map((option) => {
    const known: Partial<OptionCodec> = codecOf(option.kind) ?? {};
    const { type, code } = { ...option, ...known };
    const name = `${label}: ${known.name ?? unknownName(type ?? 0)} (${type ?? code})`;
    return { text: name + section(known.rfc, options), children: fieldLines(option) };
  });
  return { text, children: [...fieldLines(message), ...optionLines] };
}

function radiusLine(packet: RadiusPacket): Line {
  const attributes = packet.attributes.map((each) =>
    plain(`Attribute: ${radiusAttributeName(each)}: ${radiusAttributeText(each)}`),
  );
  const { identifier, authenticator } = packet;
  const children = [plain(`Identifier: ${identifier}`), plain(`Authenticator: ${toHex(authenticator)}`), ...attributes];
  return { text: `${protocolNames.radius}: ${radiusName(packet)} (${packet.code})`, children };
}

function checksumText(checksum: MobilityChecksum): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;
  if (checksum.state === 'unused') return `${hex(checksum.field)} (not used over this transport)`;
  if (checksum.state === 'correct') return `${hex(checksum.field)} (correct)`;
  return `${hex(checksum.field)} (incorrect, should be ${hex(checksum.expected)})`;
}

function section(rfc: string | undefined, options: TreeOptions): string {
  return options.sections && rfc !== undefined ? `  [${rfc}]` : '';
}

function typeText(etherType: number): string {
  const number = `0x${etherType.toString(16).padStart(4, '0')}`;
  const name = etherTypeNames.get(etherType);
  return name === undefined ? number : `${name} (${number})`;
}

function plain(text: string): Line {
  return { text, children: [] };
}

function render(lines: readonly Line[], indent: string): string {
  return lines.map((line) => `${indent}${line.text}\n${render(line.children, `${indent}    `)}`).join('');
}
