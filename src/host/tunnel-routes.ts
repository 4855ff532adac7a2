/** The routes to the device of the tunnels. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Prefix, linkLocalFromMac } from '#base/ipv6-address.ts';
import { type NetlinkRequest, NLM_F_CREATE } from './netlink.ts';
import { type RouteSettings, RTM_NEWROUTE, routeRequest } from './netlink-requests.ts';
import type { IpAddress } from './netlink-values.ts';
import { PMIP_MAC } from './tap.ts';

/** RFC 7600 has it for what has no IPv4 address of its own to be routed through. */
const DUMMY = new Ipv4Address(0xc0000008);
const RTM_FLAGS_AT = 8;
const RTNH_F_ONLINK = 4;
/** The kernel's own routes of links have 256 in IPv6, and 0 in IPv4, where the first of the equal counts. */
const BEFORE_CONNECTED = 128;

/**
 * All that is for a prefix goes to the device of the tunnels: before the routes of others to the same prefix, which stay, that of a link which the prefix is on for one. It goes through
 * a next hop that is nobody, because the kernel keeps a neighbour for each next hop, which would be every single address else: some thousands of those are all that it has room for.
 */
export function addTunnelRoute(route: Pick<RouteSettings, 'destination' | 'device' | 'table'>): NetlinkRequest {
  const { destination } = route;
  const priority = destination instanceof Ipv6Prefix ? BEFORE_CONNECTED : undefined;
  const settings = { ...route, via: tunnelHop(destination), priority };
  const request = routeRequest('add', RTM_NEWROUTE, NLM_F_CREATE, settings);
  request.body.writeUInt32LE(RTNH_F_ONLINK, RTM_FLAGS_AT);
  return request;
}

/** The next hop of such routes. */
export function tunnelHop(destination: RouteSettings['destination']): IpAddress {
  return destination instanceof Ipv4Prefix ? DUMMY : linkLocalFromMac(PMIP_MAC);
}
