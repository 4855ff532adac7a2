/** Which mobile node of a gateway a packet out of a tunnel is for. */
import { Ipv4Address } from '#base/ipv4-address.ts';
import { type IpHeader, isMulticast, isMulticastOfLink, isNobodys, targetOf } from './ip-packet.ts';
import { groupsWith, type Target } from './part.ts';

/**
 * What names it in the tables; `undefined` when nothing does. RFC 5845 §4.2(9) "Operational Summary": the gateway "MUST use the GRE key present in the GRE extension header as an
 * additional identifier to determine to which mobility session this packet belongs." Of a packet for a group, nothing else says so.
 */
export function receiverOf(header: IpHeader, key: number | undefined): Target | undefined {
  if (!isMulticast(header.destination)) return targetOf(header.destination);
  return key !== undefined && isForMembers(header) ? groupsWith(key) : undefined;
}

/** Whether a router may forward it beyond a link: from a node's address, to a group of a larger scope, and with a hop left. */
function isForMembers({ source, destination, hopLimit }: IpHeader): boolean {
  if (hopLimit < 2 || !destination.isMulticast || isMulticastOfLink(destination) || isNobodys(source)) return false;
  if (source instanceof Ipv4Address) return source.word >>> 16 !== 0xa9fe && source.word >>> 24 !== 0;
  return !source.isLinkLocal && !source.isUnspecified;
}
