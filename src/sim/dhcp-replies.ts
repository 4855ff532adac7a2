import { DHCPV4_CLIENT_PORT, decodeDhcpv4 } from '#wire/dhcpv4.ts';
import { decodeEthernet, EtherType } from '#wire/ethernet.ts';
import type { MagNode } from './mag-node.ts';
import { SimulationFault } from './scheduler.ts';
import { readUdpOverIpv4 } from './udp-over-ipv4.ts';

/** What a gateway lets go to a mobile node by DHCP, of its own or of a server's, names no address but the one that the anchor gave. */
export function checkDhcpReply({ name, mag }: MagNode, frame: Uint8Array): void {
  const ethernet = decodeEthernet(frame);
  if (!ethernet.ok || ethernet.value.etherType !== EtherType.IPV4) return;
  const datagram = readUdpOverIpv4(ethernet.value.payload);
  if (datagram?.destinationPort !== DHCPV4_CLIENT_PORT) return;
  const message = decodeDhcpv4(datagram.payload);
  if (!message.ok || message.value.yiaddr.isUnspecified) return;
  const { chaddr, yiaddr } = message.value;
  const row = mag.snapshot().find(({ llid, state }) => llid === chaddr.toCiscoString() && state !== 'DISCONNECTING');
  if (row?.hoa === `${yiaddr}`) return;
  throw new SimulationFault('DHCP grants what the anchor gave', `${name} told ${chaddr} ${yiaddr}, not ${row?.hoa}`);
}
