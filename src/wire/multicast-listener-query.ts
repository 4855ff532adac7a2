/** Multicast Listener Discovery, RFC 3810: the question which groups a host listens to, and how its answers are told. */
import { writeU16 } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Duration } from '#base/time.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL, type Icmpv6Message } from './icmpv6.ts';
import { encodeIpv6 } from './ipv6.ts';

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Type = 130   |      Code     |           Checksum            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    Maximum Response Code      |           Reserved            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                   Multicast Address, :: for all               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Resv  |S| QRV |     QQIC      |     Number of Sources = 0     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
const QUERY = 130;
const REPORTS: readonly number[] = [131, 143];
const QUERY_BODY = 24;
const ROBUSTNESS_AT = 20;
const ROBUSTNESS = 2;
const INTERVAL_AT = 21;
const INTERVAL_SECONDS = 125;
/** Larger response codes are not linear. */
const LONGEST_RESPONSE_MS = 0x7fff;

const HOP_BY_HOP = 0;
/** Router Alert, RFC 2711, for MLD; then PadN of nothing. */
const ROUTER_ALERT = Uint8Array.of(ICMPV6_PROTOCOL, 0, 5, 2, 0, 0, 1, 0);

/** A General Query as a whole IPv6 packet to all nodes; they answer within `response`. */
export function encodeGeneralQuery(source: Ipv6Address, response: Duration): Uint8Array {
  const destination = Ipv6Address.allNodes;
  const data = new Uint8Array(QUERY_BODY);
  writeU16(data, 0, Math.min(response, LONGEST_RESPONSE_MS));
  data[ROBUSTNESS_AT] = ROBUSTNESS;
  data[INTERVAL_AT] = INTERVAL_SECONDS;
  const query = encodeIcmpv6({ kind: 'unknown-icmpv6', type: QUERY, code: 0, data }, source, destination);
  const payload = new Uint8Array(ROUTER_ALERT.length + query.length);
  payload.set(ROUTER_ALERT);
  payload.set(query, ROUTER_ALERT.length);
  return encodeIpv6({ nextHeader: HOP_BY_HOP, hopLimit: 1, source, destination, payload });
}

/** Version 1 or 2. */
export function isMulticastListenerReport(message: Icmpv6Message): boolean {
  return message.kind === 'unknown-icmpv6' && REPORTS.includes(message.type);
}
