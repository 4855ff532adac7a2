import { DHCPV4_CLIENT_PORT, DHCPV4_SERVER_PORT } from '#wire/dhcpv4.ts';
import { MOBILITY_PROTOCOL } from '#wire/mobility/index.ts';
import { type Dissection, type Layer, type LayerFault, MOBILITY_UDP_PORT } from './decode-packet.ts';

/** Whether a packet is signalling of PMIPv6 or of its access links: Mobility Header, DHCP, RS and RA, layer-2 update, ICMPv6 errors stay out. */
export function isSignalling(dissection: Dissection, cutShort: boolean): boolean {
  const last = dissection.layers.at(-1);
  if (dissection.fault) return faultMatters(dissection.fault, last, cutShort);
  if (dissection.note !== undefined) return last?.protocol === 'ipv6' && last.value.nextHeader === MOBILITY_PROTOCOL;
  switch (last?.protocol) {
    case 'mobility':
    case 'dhcpv4':
    case 'layer-2-update':
      return true;
    case 'icmpv6':
      return last.value.kind === 'router-solicitation' || last.value.kind === 'router-advertisement';
    default:
      return false;
  }
}

/** What a capture cut short is not the peer's fault, unless it is signalling that cannot be read for it. */
function faultMatters(fault: LayerFault, last: Layer | undefined, cutShort: boolean): boolean {
  switch (fault.protocol) {
    case 'udp':
    case 'icmpv6':
    case 'arp':
      return false;
    case 'ethernet':
    case 'ipv4':
    case 'ipv6':
      return !(cutShort && fault.error.code === 'truncated');
    default:
      return last?.protocol !== 'udp' || isSignallingPort(last.value.sourcePort, last.value.destinationPort);
  }
}

function isSignallingPort(...ports: readonly number[]): boolean {
  return ports.some((port) => port === MOBILITY_UDP_PORT || port === DHCPV4_SERVER_PORT || port === DHCPV4_CLIENT_PORT);
}
