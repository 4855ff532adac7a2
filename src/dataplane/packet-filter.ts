/** Access lists on the tunnels. */
import { readU16 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { FilterEndpoint, FilterPorts, FilterRule, PacketFilter } from './desired.ts';
import type { IpHeader } from './ip-packet.ts';

/** Rules of one filter at most; `MAXIMUM_RULES` in `bpf/filter.h`. */
export const MAXIMUM_FILTER_RULES = 128;

export interface FilterVerdict {
  readonly permitted: boolean;
  /** Index of the rule that decided; `undefined` when none fits, or there is none. */
  readonly rule: number | undefined;
}

const IPV6_HEADER = 40;
const TCP = 6;
const UDP = 17;
const ACK_OR_RST = 0x14;
const LATER_FRAGMENT = 0x1fff;

/**
 * What becomes of a packet. The first rule that fits decides; a packet that none fits is denied, and a filter without rules permits all.
 *
 * Chooses: a rule whose addresses are both `any` is for IPv6 too; the others are for IPv4 alone, whose addresses they have. Extension headers of
 * IPv6 are protocols.
 */
export function judge({ rules }: PacketFilter, packet: Uint8Array, header: IpHeader): FilterVerdict {
  if (rules.length === 0) return { permitted: true, rule: undefined };
  const fields = fieldsOf(packet, header);
  const rule = rules.findIndex((each) => fits(each, fields));
  return rule < 0 ? { permitted: false, rule: undefined } : { permitted: rules[rule]?.action === 'permit', rule };
}

interface Fields {
  readonly header: IpHeader;
  readonly protocol: number;
  /** Its ports and flags are in another fragment. */
  readonly isLaterFragment: boolean;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tcpFlags: number;
}

function fieldsOf(packet: Uint8Array, header: IpHeader): Fields {
  const isIpv4 = header.version === 4;
  const protocol = (isIpv4 ? packet[9] : packet[6]) as number;
  const at = isIpv4 ? ((packet[0] as number) & 15) * 4 : IPV6_HEADER;
  const isLaterFragment = isIpv4 && (readU16(packet, 6) & LATER_FRAGMENT) !== 0;
  const hasPorts = (protocol === TCP || protocol === UDP) && !isLaterFragment && packet.length >= at + 4;
  const tcpFlags = protocol === TCP && !isLaterFragment ? (packet[at + 13] ?? 0) : 0;
  const [sourcePort, destinationPort] = hasPorts ? [readU16(packet, at), readU16(packet, at + 2)] : [0, 0];
  return { header, protocol, isLaterFragment, sourcePort, destinationPort, tcpFlags };
}

function fits(rule: FilterRule, { header, protocol, isLaterFragment, ...fields }: Fields): boolean {
  if (rule.protocol !== 'ip' && rule.protocol !== protocol) return false;
  if (!isWithin(rule.source, header.source) || !isWithin(rule.destination, header.destination)) return false;
  // As routers do: what is in the first fragment alone cannot be asked of a later one.
  if (isLaterFragment && (rule.sourcePorts || rule.destinationPorts || rule.established))
    return rule.action === 'permit';
  if (rule.established && (fields.tcpFlags & ACK_OR_RST) === 0) return false;
  return isAmong(rule.sourcePorts, fields.sourcePort) && isAmong(rule.destinationPorts, fields.destinationPort);
}

/** Whether a rule's endpoint is `any`. */
export function isAny({ wildcard }: FilterEndpoint): boolean {
  return wildcard.word === -1;
}

function isWithin(endpoint: FilterEndpoint, address: IpHeader['source']): boolean {
  if (isAny(endpoint)) return true;
  return address instanceof Ipv4Address && ((address.word ^ endpoint.address.word) & ~endpoint.wildcard.word) === 0;
}

function isAmong(ports: FilterPorts | undefined, port: number): boolean {
  return !ports || (port >= ports.low && port <= ports.high) !== ports.except;
}
