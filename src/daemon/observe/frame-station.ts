import { MacAddress } from '#base/mac-address.ts';
import type { Direction } from '../capture/ring.ts';

const HEADER_LENGTH = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const UDP = 17;
const ICMPV6 = 58;
/** Of the fixed headers. */
const IPV4_PROTOCOL = 9;
const IPV6_NEXT_HEADER = 6;
const IPV6_LENGTH = 40;
const DHCPV4 = [67, 68];
const DHCPV6 = [546, 547];
const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;

/** Whose frame it is, when it is about addresses: DHCP, or the discovery of routers. It looks at a few octets and decodes nothing. */
export function stationOfFrame(frame: Uint8Array, direction: Direction): MacAddress | undefined {
  if (frame.length < HEADER_LENGTH || !isAboutAddresses(frame)) return undefined;
  const station = MacAddress.read(frame, direction === 'sent' ? 0 : 6);
  return station.isMulticast ? undefined : station;
}

function isAboutAddresses(frame: Uint8Array): boolean {
  const type = wordAt(frame, 12);
  if (type === IPV4) {
    const length = ((frame[HEADER_LENGTH] ?? 0) & 15) * 4;
    const isUdp = frame[HEADER_LENGTH + IPV4_PROTOCOL] === UDP;
    return isUdp && DHCPV4.includes(wordAt(frame, HEADER_LENGTH + length + 2));
  }
  if (type !== IPV6) return false;
  const next = frame[HEADER_LENGTH + IPV6_NEXT_HEADER];
  const payload = HEADER_LENGTH + IPV6_LENGTH;
  if (next === UDP) return DHCPV6.includes(wordAt(frame, payload + 2));
  return next === ICMPV6 && (frame[payload] === ROUTER_SOLICITATION || frame[payload] === ROUTER_ADVERTISEMENT);
}

function wordAt(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}
