/** One packet as a tree of lines. */
import { dhcpv4OptionCodec } from '#wire/dhcpv4/option-list.ts';
import type { WireError } from '#wire/error.ts';
import { EtherType } from '#wire/ethernet.ts';
import { neighborDiscoveryOptionCodec } from '#wire/icmpv6/option-list.ts';
import { mobilityMessageCodec, mobilityOptionCodec } from '#wire/mobility/index.ts';
import { fieldLines, type Line } from './decode-fields.ts';
import { messageName } from './decode-message-name.ts';
import type { Dissection, Layer, LayerFault, MobilityChecksum } from './decode-packet.ts';
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
  icmpv6: 'Internet Control Message Protocol v6',
  dhcpv4: 'Dynamic Host Configuration Protocol',
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
    case 'icmpv6':
      return icmpv6Line(layer, options);
    case 'dhcpv4':
      return dhcpv4Line(layer, options);
    case 'mobility':
      return mobilityLine(layer, options);
  }
}

function mobilityLine(layer: Extract<Layer, { protocol: 'mobility' }>, options: TreeOptions): Line {
  const message = layer.value;
  const codec = mobilityMessageCodec(message.kind);
  const type = codec?.type ?? (message.kind === 'unknown-mobility-message' ? message.type : 0);
  const title = `${protocolNames.mobility}: ${messageName(message)} (${type})${section(codec?.rfc, options)}`;
  const children = [plain(`Checksum: ${checksumText(layer.checksum)}`), ...fieldLines(message)];
  if (message.kind !== 'unknown-mobility-message') {
    for (const option of message.options) {
      const known = mobilityOptionCodec(option.kind);
      const name = known?.name ?? 'Unknown';
      const number = known?.type ?? (option.kind === 'unknown-option' ? option.type : 0);
      children.push({
        text: `Mobility Option: ${name} (${number})${section(known?.rfc, options)}`,
        children: fieldLines(option),
      });
    }
  }
  return { text: title, children };
}

function icmpv6Line(layer: Extract<Layer, { protocol: 'icmpv6' }>, options: TreeOptions): Line {
  const message = layer.value;
  const children = fieldLines(message);
  for (const option of 'options' in message ? message.options : []) {
    const known = neighborDiscoveryOptionCodec(option.kind);
    const number = known?.type ?? (option.kind === 'unknown-option' ? option.type : 0);
    children.push({
      text: `Option: ${known?.name ?? 'Unknown'} (${number})${section(known?.rfc, options)}`,
      children: fieldLines(option),
    });
  }
  return { text: `ICMPv6: ${titleOf(message.kind)}`, children };
}

function dhcpv4Line(layer: Extract<Layer, { protocol: 'dhcpv4' }>, options: TreeOptions): Line {
  const message = layer.value;
  const children = fieldLines(message);
  for (const option of message.options) {
    const known = dhcpv4OptionCodec(option.kind);
    const code = known?.code ?? (option.kind === 'unknown-option' ? option.code : 0);
    children.push({
      text: `Option: ${known?.name ?? 'Unknown'} (${code})${section(known?.rfc, options)}`,
      children: fieldLines(option),
    });
  }
  return { text: `${protocolNames.dhcpv4}: ${messageName(message)}`, children };
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
