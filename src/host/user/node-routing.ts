/** The routes, rules and addresses of a node whose packets the process itself forwards. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { AccessInterface, NodeForwarding } from '#dataplane/desired.ts';
import { markOfTable } from '#dataplane/vrf.ts';
import { customerRules } from '../customer-routing.ts';
import type { NetlinkRequest } from '../netlink.ts';
import { addAddress, addRule, type Link, MAIN_TABLE, type RuleSettings } from '../netlink-requests.ts';
import { familyOf } from '../netlink-values.ts';
import { addressKey, routeKey, ruleKey } from '../our-object-key.ts';
import { AF_INET, AF_INET6 } from '../posix.ts';
import { addTunnelRoute, tunnelHop } from '../tunnel-routes.ts';

/**
 * The table of what comes in with an address of a pool, behind it the table of pools that some interfaces lead to; and the priority of the rules, beside
 * which are others.
 */
export interface NodeRouting {
  readonly table: number;
  readonly priority: number;
}

export interface LinkOf {
  readonly settings: AccessInterface;
  readonly link: Link;
}

const FAMILIES = [AF_INET, AF_INET6];
const DEFAULT_IPV4 = new Ipv4Prefix(Ipv4Address.unspecified, 0);
const DEFAULT_IPV6 = new Ipv6Prefix(Ipv6Address.unspecified, 0);
/** Packets of this host itself come in there, as rules have it. */
const LOOPBACK = 'lo';
const DHCP_SERVER_PORT = 67;
/** Of the rules that precede that of the host's own addresses; that one comes right behind them. */
const FIRST = 0;
export const LOCAL_PRIORITY = 3;
const FOR_HOST: SourcePriorities = { others: 1, led: 2, behind: LOCAL_PRIORITY };

/** By `keyOf`, with what makes each. */
export function wantedRouting(
  node: NodeForwarding,
  device: Pick<Link, 'index' | 'name'>,
  access: readonly LinkOf[],
  { table, priority }: NodeRouting,
): Map<string, NetlinkRequest> {
  const wanted = new Map<string, NetlinkRequest>();
  const { correspondentInterfaces } = node;
  const poolTable = correspondentInterfaces ? table + 1 : MAIN_TABLE;
  const pools = [...node.pools.ipv4, ...node.pools.ipv6];
  const route = (destination: Ipv4Prefix | Ipv6Prefix, into: number) => {
    const settings = { destination, device: device.index, table: into };
    wanted.set(routeKey({ ...settings, via: tunnelHop(destination) }), addTunnelRoute(settings));
  };
  for (const pool of pools) {
    route(pool, poolTable);
    route(pool instanceof Ipv4Prefix ? DEFAULT_IPV4 : DEFAULT_IPV6, table);
  }
  const routed = { others: priority + 1, led: priority + 2, behind: priority + 3 };
  const taken = [
    ...access.map(({ link }) => link.name),
    ...(node.customers ?? []).flatMap(({ correspondentInterfaces: ofCustomer }) => ofCustomer),
  ];
  const rules = [
    ...(correspondentInterfaces ? [LOOPBACK, ...correspondentInterfaces] : []).flatMap((inputInterface) =>
      FAMILIES.map((family) => ({ family, inputInterface, table: poolTable, priority })),
    ),
    ...(node.vrfs ?? []).flatMap(({ table: ofVrf }) => vrfRules(ofVrf, priority)),
    ...customerRules(node, priority),
    ...(node.customers ?? []).flatMap(({ correspondentInterfaces: names }) =>
      names.flatMap((name) => takenRules(node, name, priority)),
    ),
    ...access.flatMap(({ link }) => accessRules(node, link.name, priority)),
    ...sourceRules(pools, table, correspondentInterfaces, routed, [LOOPBACK, device.name]),
    ...familiesOf(correspondentInterfaces ? [] : pools).map((family) => ({
      family,
      goto: routed.behind,
      priority: routed.behind,
    })),
    ...sourceRules(node.lent ?? pools, table, correspondentInterfaces, FOR_HOST, [LOOPBACK, device.name, ...taken]),
  ];
  for (const rule of rules) wanted.set(ruleKey(rule), addRule(rule));
  for (const { settings, link } of access)
    for (const prefix of [new Ipv6Prefix(settings.linkLocal, 64), ...settings.addresses])
      wanted.set(addressKey(link.index, prefix), addAddress(link.index, prefix));
  return wanted;
}

/** Priorities of the rules for what has an address of mobile nodes: what is led elsewhere than to the process, what is led there, and where the others go on. */
interface SourcePriorities {
  readonly others: number;
  readonly led: number;
  readonly behind: number;
}

/**
 * What has an address of mobile nodes and comes in from these interfaces, or from anywhere but the `others`, is led to the process, which knows whether a mobile node has the
 * address: if so, no correspondent node has it. What comes back from the process goes on as it would have. The `others` are mobile nodes' packets out of the tunnels, and the
 * host's own.
 */
function sourceRules(
  prefixes: readonly (Ipv4Prefix | Ipv6Prefix)[],
  table: number,
  inputInterfaces: readonly string[] | undefined,
  { others: priority, led, behind }: SourcePriorities,
  others: readonly string[],
): RuleSettings[] {
  const from = (inputInterface?: string) =>
    prefixes.map((prefix) => ({
      family: familyOf(prefix.address),
      from: prefix.network,
      inputInterface,
      table,
      priority: led,
    }));
  if (inputInterfaces) return inputInterfaces.flatMap((name) => from(name));
  const exceptions = familiesOf(prefixes).flatMap((family) =>
    others.map((inputInterface) => ({ family, inputInterface, goto: behind, priority })),
  );
  return [...exceptions, ...from()];
}

function familiesOf(prefixes: readonly (Ipv4Prefix | Ipv6Prefix)[]): number[] {
  return [...new Set(prefixes.map(({ address }) => familyOf(address)))];
}

/** What is marked is routed by the table of its VRF, or not at all. */
function vrfRules(table: number, priority: number): RuleSettings[] {
  const mark = markOfTable(table);
  return FAMILIES.flatMap((family) => [
    { family, mark, table, priority: priority - 2 },
    { family, mark, priority: priority - 1 },
  ]);
}

/**
 * What comes in from a mobile node has been taken by the process: the kernel forwards none of it, and answers only for its own addresses on the link. The
 * tunnels' ends are none of those, and DHCP has been heard by another socket.
 */
function accessRules(node: NodeForwarding, inputInterface: string, priority: number): RuleSettings[] {
  const dhcp = { inputInterface, silent: true, family: AF_INET, port: DHCP_SERVER_PORT, priority: FIRST };
  return [...takenRules(node, inputInterface, priority), dhcp];
}

/** The same of where correspondent nodes of a customer are. */
function takenRules(node: NodeForwarding, inputInterface: string, priority: number): RuleSettings[] {
  const lost = { inputInterface, silent: true };
  return [
    ...FAMILIES.map((family) => ({ ...lost, family, priority })),
    ...node.localAddresses.map((to) => ({
      ...lost,
      family: to instanceof Ipv4Address ? AF_INET : AF_INET6,
      to,
      priority: FIRST,
    })),
  ];
}
