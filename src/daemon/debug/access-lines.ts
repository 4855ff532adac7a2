/** Lines about what passes on access links: DHCP as IOS's server and Cisco's controllers tell it, and ARP. */
import { toHex } from '#base/bytes.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { dhcpv4Name } from '#cli/decode-message-name.ts';
import { dissect } from '#cli/decode-packet.ts';
import { treeText } from '#cli/decode-tree.ts';
import { ArpOperation, type ArpPacket } from '#wire/arp.ts';
import { type Dhcpv4Message, Dhcpv4MessageType, findDhcpv4Option } from '#wire/dhcpv4.ts';
import type { DebugFlag } from './flags.ts';

type Line = readonly [flag: DebugFlag, text: string];
type Direction = 'received' | 'sent';

/** A frame of an access link, for as much as it is about DHCP or ARP. */
export interface AccessFrame {
  readonly mac: MacAddress;
  readonly lines: readonly Line[];
  /** The type of a DHCP message that it carries. */
  readonly dhcp?: { readonly type: number; readonly address: string };
}

/** `undefined` for all other frames. */
export function readAccessFrame(
  frame: Uint8Array,
  interfaceName: string,
  direction: Direction,
): AccessFrame | undefined {
  const dissection = dissect(frame, 'ethernet');
  const ethernet = dissection.layers[0];
  const last = dissection.layers.at(-1);
  if (ethernet?.protocol !== 'ethernet' || !last) return undefined;
  const mac = direction === 'sent' ? ethernet.value.destination : ethernet.value.source;
  if (last.protocol === 'arp') return { mac, lines: [['arp', arpText(last.value, interfaceName, direction)]] };
  if (last.protocol !== 'dhcpv4') return undefined;
  const message = last.value;
  const type = findDhcpv4Option(message.options, 'message-type')?.value ?? 0;
  const tree = treeText(`DHCPD: ${direction} on ${interfaceName}`, dissection, {
    sections: false,
    fileOffset: undefined,
  });
  const detail = tree
    .trimEnd()
    .split('\n')
    .map((text): Line => ['dhcp-detail', text]);
  const lines = [...dhcpLines(message, type, interfaceName, direction), ...detail];
  return { mac: message.chaddr, lines, dhcp: { type, address: message.yiaddr.toString() } };
}

function dhcpLines(message: Dhcpv4Message, type: number, interfaceName: string, direction: Direction): Line[] {
  const name = dhcpv4Name(message);
  const client = clientText(message.chaddr);
  const lines: Line[] = [
    [
      'dhcp-packet',
      direction === 'received'
        ? `DHCPD: ${name} received from client ${client} on interface ${interfaceName}.`
        : `DHCPD: Sending ${name} to client ${client} (${message.yiaddr}).`,
    ],
    // The words of Cisco's controllers for either direction.
    ['dhcp-message', `${message.chaddr} DHCP transmitting ${name.replace(/^DHCP/, 'DHCP ')} (${type})`],
  ];
  if (type === Dhcpv4MessageType.ACK) {
    lines.push(['dhcp-events', `DHCPD: assigned IP address ${message.yiaddr} to client ${client}.`]);
  } else if (type === Dhcpv4MessageType.RELEASE) {
    lines.push(['dhcp-events', `DHCPD: client ${client} released IP address ${message.ciaddr}.`]);
  } else if (type === Dhcpv4MessageType.DECLINE) {
    lines.push(['dhcp-events', `DHCPD: client ${client} declined its IP address.`]);
  }
  return lines;
}

/** The client identifier that IOS shows: the hardware type before the address. */
function clientText(mac: MacAddress): string {
  return (`01${toHex(mac.toBytes())}`.match(/.{1,4}/g) as string[]).join('.');
}

function arpText(packet: ArpPacket, interfaceName: string, direction: Direction): string {
  const { operation, senderAddress, senderMac, targetAddress, targetMac } = packet;
  const what = `${direction === 'sent' ? 'sent' : 'rcvd'} ${operation === ArpOperation.REQUEST ? 'req' : 'rep'}`;
  const target =
    operation === ArpOperation.REQUEST ? `${targetAddress}` : `${targetAddress} ${targetMac.toCiscoString()}`;
  return `IP ARP: ${what} src ${senderAddress} ${senderMac.toCiscoString()}, dst ${target} ${interfaceName}`;
}
