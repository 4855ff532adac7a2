import { readU16 } from '#base/bytes.ts';
import { DHCPV4_SERVER_PORT } from '#wire/dhcpv4.ts';
import type { EthernetFrame } from '#wire/ethernet.ts';
import { EtherType } from '#wire/ethernet.ts';
import { ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { UDP_PROTOCOL } from '#wire/udp.ts';

/** Router solicitation, neighbor solicitation, neighbor advertisement (RFC 4861 §4 "Message Formats"). */
const DISCOVERY = [133, 135, 136];
/** Reports of multicast listeners come behind hop-by-hop options. */
const HOP_BY_HOP = 0;

/**
 * What a gateway's packet socket lets the access machine see, as `bpf/access-filter.h` does: the link's own protocols, and
 * anything of a station that is not attached.
 */
export function accessMachineSees({ etherType, payload }: EthernetFrame, isAttached: boolean): boolean {
  if (!isAttached) return true;
  if (etherType === EtherType.IPV6) {
    const nextHeader = payload[6];
    return nextHeader === HOP_BY_HOP || (nextHeader === ICMPV6_PROTOCOL && DISCOVERY.includes(payload[40] ?? 0));
  }
  if (etherType !== EtherType.IPV4) return true;
  const header = ((payload[0] ?? 0) & 15) * 4;
  return (
    payload[9] === UDP_PROTOCOL && payload.length >= header + 4 && readU16(payload, header + 2) === DHCPV4_SERVER_PORT
  );
}
