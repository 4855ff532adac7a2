/** How the kernel routes the packets of customers. */
import { markOfCustomer } from '#dataplane/customer.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { InterfaceFlag, type Link, MAIN_TABLE, type RuleSettings } from './netlink-requests.ts';
import { AF_INET, AF_INET6 } from './posix.ts';

/** What has the mark of a customer is routed by its table, or not at all. */
export function customerRules({ customers = [] }: NodeForwarding, priority: number): RuleSettings[] {
  return customers.flatMap(({ number, table }) =>
    [AF_INET, AF_INET6].flatMap((family) => [
      { family, mark: markOfCustomer(number), table, priority: priority - 4 },
      { family, mark: markOfCustomer(number), priority: priority - 3 },
    ]),
  );
}

/** By number, the node's own among them. */
export function tablesOf({ customers = [] }: NodeForwarding): Map<number, number> {
  return new Map([[0, MAIN_TABLE], ...customers.map(({ number, table }): [number, number] => [number, table])]);
}

/** Whether any interface leads to correspondent nodes of the node itself, where it is no access interface. */
export function leadsAnywhere({ correspondentInterfaces, pools }: NodeForwarding): boolean {
  return correspondentInterfaces === undefined && pools.ipv4.length + pools.ipv6.length > 0;
}

/** Those whose packets the kernel takes in there: not the loopback, nor the parts of a bridge or bond. */
export function routedLinks(present: readonly Link[]): Link[] {
  const vrfs = new Set(present.filter(({ isVrf }) => isVrf).map(({ index }) => index));
  return present.filter(
    ({ flags, master }) => (flags & InterfaceFlag.LOOPBACK) === 0 && (master === 0 || vrfs.has(master)),
  );
}

/** The interfaces that are named as leading to correspondent nodes, with whose those are. */
export function coreLinks({ correspondentInterfaces = [], customers = [] }: NodeForwarding): Map<string, number> {
  const own = correspondentInterfaces.map((name): [string, number] => [name, 0]);
  const others = customers.flatMap(({ number, correspondentInterfaces: names }) =>
    names.map((name): [string, number] => [name, number]),
  );
  return new Map([...own, ...others]);
}
