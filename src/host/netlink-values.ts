/** What rtnetlink requests of several kinds have in common. */
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { NetlinkRequest } from './netlink.ts';
import { AF_INET, AF_INET6 } from './posix.ts';

export type { IpAddress };

/** Marks routes, rules, addresses and neighbours as ours, so that those of a run that crashed can be told. */
export const ROUTE_PROTOCOL = 213;
/** Of the routes of prefixes that come with our addresses: marks those where addresses have no protocol, before Linux 5.18. */
export const ADDRESS_METRIC = 5213;
/** Marks addresses that an operator has configured for interfaces. */
export const CONFIGURED_PROTOCOL = 214;
/** Octets of struct rtmsg, and of struct fib_rule_hdr. */
export const RTMSG = 12;

/** With what removes it. */
export interface Removable {
  readonly removal: () => NetlinkRequest;
}

export function dumpOf(what: string, type: number, fixed: number, family: number): NetlinkRequest {
  const body = Buffer.alloc(fixed);
  body[0] = family;
  return { name: `list ${what}`, type, flags: 0, body, attributes: [] };
}

export function readAddress(octets: Buffer): IpAddress {
  return octets.length === 4 ? Ipv4Address.read(octets) : Ipv6Address.read(octets);
}

export function familyOf(address: IpAddress): number {
  return address instanceof Ipv4Address ? AF_INET : AF_INET6;
}
