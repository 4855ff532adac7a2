/** The links of this host on which pools of mobile nodes lie. */
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { type ProxiedLink, rangesOnLink } from '#dataplane/neighbour-proxy.ts';
import type { ChangedRoutes } from './bpf-route-events.ts';
import type { Netlink } from './netlink.ts';
import { addresses, InterfaceFlag, type Link, links, prefixOfAddress } from './netlink-requests.ts';

export interface ProxiedLinkOfHost extends ProxiedLink {
  readonly name: string;
  readonly index: number;
}

/** Where a data plane answers ARP and neighbor discovery for others. */
export interface ProxyView {
  /** On which links for the mobile nodes that are anchored here, and how often. */
  readonly interfaces: readonly string[];
  readonly answered: number;
  /** How often mobile nodes were answered that asked for others of their home subnets. */
  readonly answeredMobileNodes: number;
}

/** `own` are interfaces of mobile nodes and tunnels. Throws `NetlinkError`. */
export function proxiedLinks(netlink: Netlink, node: NodeForwarding, own: ReadonlySet<number>): ProxiedLinkOfHost[] {
  if (!hasPools(node)) return [];
  const there = addresses(netlink).filter(({ ours }) => !ours);
  return links(netlink).flatMap((link) => {
    const customer = customerOf(node, link.name);
    const isProxied = !own.has(link.index) && (link.flags & InterfaceFlag.LOOPBACK) === 0 && customer !== undefined;
    return (isProxied && proxiedOn(link, there, poolsOf(node, customer), customer)) || [];
  });
}

/** Whether routes that have changed may be those of links on which pools lie, or of the addresses from which the node answers there. */
export function mayMovePools(changed: ChangedRoutes, node: NodeForwarding): boolean {
  if (!hasPools(node)) return false;
  if (changed === 'everything' || changed.some(({ address }) => isLinkLocal(address))) return true;
  const { pools, customers = [] } = node;
  return [pools, ...customers.map((one) => one.pools)].some((some) => rangesOnLink(changed, some).length > 0);
}

function proxiedOn(
  { index, name, mac }: Link,
  there: ReturnType<typeof addresses>,
  pools: NodeForwarding['pools'],
  customer: number,
): ProxiedLinkOfHost | undefined {
  const held = there.filter((one) => one.index === index);
  const ranges = rangesOnLink(held.map(prefixOfAddress), pools);
  const linkLocal = held.map(({ address }) => address).find(isLinkLocal);
  return mac && ranges.length > 0 ? { name, index, mac, linkLocal, customer, ranges } : undefined;
}

/** Whose correspondent nodes are there; `undefined`: nobody's. */
function customerOf({ correspondentInterfaces, customers = [] }: NodeForwarding, name: string): number | undefined {
  const owner = customers.find((customer) => customer.correspondentInterfaces.includes(name));
  if (owner) return owner.number;
  return correspondentInterfaces === undefined || correspondentInterfaces.includes(name) ? 0 : undefined;
}

function poolsOf({ pools, customers = [] }: NodeForwarding, customer: number): NodeForwarding['pools'] {
  return customers.find(({ number }) => number === customer)?.pools ?? pools;
}

function hasPools({ pools, customers = [] }: NodeForwarding): boolean {
  return [pools, ...customers.map((one) => one.pools)].some(({ ipv4, ipv6 }) => ipv4.length + ipv6.length > 0);
}

function isLinkLocal(address: IpAddress): address is Ipv6Address {
  return !(address instanceof Ipv4Address) && address.isLinkLocal;
}
