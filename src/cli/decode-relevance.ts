import { MOBILITY_PROTOCOL } from '#wire/mobility/index.ts';
import { type Dissection, type Layer, type LayerFault, serviceOf } from './decode-packet.ts';

/**
 * Whether a packet is signalling of PMIPv6, or what starts and ends it: Mobility Headers; on access links DHCP, router solicitations and
 * advertisements, layer-2 updates; RADIUS, which names a node's anchor. Data, neighbor discovery and ICMP errors are not.
 */
export function isSignalling(dissection: Dissection, cutShort: boolean): boolean {
  const last = dissection.layers.at(-1);
  if (dissection.fault) return faultMatters(dissection.fault, last, cutShort);
  if (dissection.note !== undefined) return last?.protocol === 'ipv6' && last.value.nextHeader === MOBILITY_PROTOCOL;
  switch (last?.protocol) {
    case 'mobility':
    case 'dhcpv4':
    case 'dhcpv6':
    case 'radius':
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
    case 'mobility':
    case 'dhcpv4':
    case 'dhcpv6':
    case 'radius':
      return true;
    case 'ethernet':
    case 'ipv4':
    case 'ipv6':
      return !(cutShort && fault.error.code === 'truncated') && !isTunnelled(last);
    default:
      return false;
  }
}

/** What comes out of a tunnel that cannot be read is data. */
function isTunnelled(last: Layer | undefined): boolean {
  switch (last?.protocol) {
    case 'ipv4':
    case 'ipv6':
    case 'gre':
    case 'tlv-header':
      return true;
    case 'udp':
      return serviceOf(last.value) === 'tunnel';
    default:
      return false;
  }
}
