import type { Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import type { AccessInterface, NodeForwarding } from '#dataplane/desired.ts';
import { deviceMtu } from '#dataplane/local-routing.ts';
import { releaseLink, takeLink } from '../bpf-former-links.ts';
import type { FormerNotes } from '../bpf-node-state.ts';
import { accessSettings, nodeSettings, pmipSettings, restoreKernelSettings, setKernelSettings } from '../bpf-sysctl.ts';
import { coreLinks, tablesOf } from '../customer-routing.ts';
import type { Netlink } from '../netlink.ts';
import {
  AddressGenerationMode,
  changeLink,
  InterfaceFlag,
  isHostPrefix,
  type Link,
  links,
  type OurObject,
  ourObjects,
} from '../netlink-requests.ts';
import { moveLocalRule } from '../netlink-rules.ts';
import { addressKey, keyOf } from '../our-object-key.ts';
import { AF_INET, AF_INET6 } from '../posix.ts';
import { PMIP_MAC } from '../tap.ts';
import type { VlanDevices } from '../vlan-devices.ts';
import { type LinkOf, LOCAL_PRIORITY, type NodeRouting, wantedRouting } from './node-routing.ts';

const FAMILIES = [AF_INET, AF_INET6];

/** Interface indices of a node that is ready. */
export interface UserNodeDevices {
  readonly pmip: number;
  /** By IOS name. */
  readonly access: ReadonlyMap<string, number>;
  /** Of customers, with whose correspondent nodes are there; by interface index. */
  readonly cores: ReadonlyMap<number, number>;
  /** The routing tables of customers, and the customers of those, the node's own among them. */
  readonly tables: ReadonlyMap<number, number>;
  readonly customers: ReadonlyMap<number, number>;
  /** Whether the kernel may have forgotten what was on an access interface. */
  readonly disturbed: boolean;
  /** Whether an address on an access interface is there for a binding, and not for the node. */
  readonly isForBinding: (device: number, prefix: Ipv4Prefix | Ipv6Prefix) => boolean;
}

export interface UserNodeParts {
  readonly netlink: Netlink;
  /** What comes back in the end; changed here. */
  readonly notes: FormerNotes;
  /** Name of the device that leads to this process. */
  readonly device: string;
  readonly routing: NodeRouting;
  readonly vlans: VlanDevices;
}

/**
 * What a node needs beside its bindings: makes what is missing, leaves what is there, and removes in the end what is not wanted, whoever made it. Throws
 * `DataPlaneError`, `NetlinkError` or `SystemCallError`.
 */
export function setUpNode(parts: UserNodeParts, node: NodeForwarding): UserNodeDevices {
  const { netlink, device, notes, routing, vlans } = parts;
  vlans.make(node.accessInterfaces);
  const present = links(netlink);
  const find = (name: string) => present.find((link) => link.name === name);
  const pmip = find(device) as Link;
  const access = node.accessInterfaces.map((settings): LinkOf => ({ settings, link: accessLink(settings, find) }));
  const ours = new Set([device, ...access.map(({ link }) => link.name)]);
  const { routesIpv6 = true } = node;
  const others = present.map(({ name }) => name).filter((name) => !ours.has(name));
  setKernelSettings(nodeSettings(others, routesIpv6), notes);
  setKernelSettings(pmipSettings(device, routesIpv6), notes);
  const settings = { mtu: deviceMtu(node), set: InterfaceFlag.NOARP, addressGeneration: AddressGenerationMode.NONE };
  netlink.request(changeLink(pmip.index, { ...settings, mac: PMIP_MAC }));
  netlink.request(changeLink(pmip.index, { set: InterfaceFlag.UP }));
  vlans.keep(node.accessInterfaces);
  vlans.join(present);
  const disturbed = access.filter(({ settings: own, link }) => {
    setKernelSettings(accessSettings(link.name, routesIpv6), notes);
    return takeLink(netlink, own, link, notes);
  });
  const wanted = wantedRouting(node, pmip, access, routing);
  const there = ourObjects(netlink);
  const keys = new Set(there.map(keyOf));
  for (const [key, request] of wanted) if (!keys.has(key)) netlink.request(request);
  for (const family of FAMILIES) moveLocalRule(netlink, family, LOCAL_PRIORITY, LOCAL_PRIORITY);
  const accessIndices = new Set(access.map(({ link }) => link.index));
  const tables = tablesOf(node);
  const customers = new Map(Array.from(tables, ([customer, table]) => [table, customer]));
  const isOfBindings = (object: OurObject) => isBindings(object, accessIndices, customers);
  const unwanted = there.filter((object) => !wanted.has(keyOf(object)) && !isOfBindings(object));
  netlink.batch(unwanted.map(({ removal }) => removal()));
  const left = Object.keys(notes.former.links).filter((name) => !ours.has(name));
  for (const name of left) releaseLink(netlink, name, notes.former);
  // One that has VLANs now is up again.
  if (left.length > 0) vlans.join(links(netlink));
  vlans.removeLeftOver(
    present.filter(({ name }) => left.includes(name)),
    [],
  );
  return {
    pmip: pmip.index,
    access: new Map(access.map(({ settings: { name }, link }) => [name, link.index])),
    cores: customerCores(node, present),
    tables,
    customers,
    disturbed: disturbed.length > 0,
    isForBinding: (index, prefix) => accessIndices.has(index) && !wanted.has(addressKey(index, prefix)),
  };
}

/** The interfaces of customers that are there. */
export function customerCores(node: NodeForwarding, present: readonly Link[]): Map<number, number> {
  const named = coreLinks(node);
  const found = present.map(({ name, index }): [number, number] => [index, named.get(name) ?? 0]);
  return new Map(found.filter(([, customer]) => customer !== 0));
}

/** Removes all that is ours but the device, and gives back what was. */
export function tearDownNode({ netlink, notes: { former }, vlans }: UserNodeParts): void {
  vlans.keep([]);
  netlink.batch(ourObjects(netlink).map(({ removal }) => removal()));
  for (const family of FAMILIES) moveLocalRule(netlink, family, 0, LOCAL_PRIORITY);
  for (const name of Object.keys(former.links)) releaseLink(netlink, name, former);
  restoreKernelSettings(former.settings);
}

/** What is on access interfaces for bindings is not the node's own. */
function isBindings(object: OurObject, access: ReadonlySet<number>, customers: UserNodeDevices['customers']): boolean {
  if (object.kind === 'rule' || !access.has(object.device)) return false;
  if (object.kind === 'route') return customers.has(object.table);
  if (object.kind === 'address') return isHostPrefix(object.prefix);
  return true;
}

function accessLink({ name, linkName }: AccessInterface, find: (name: string) => Link | undefined): Link {
  const link = find(linkName);
  if (link) return link;
  const what = name === linkName ? `access interface ${name}` : `access interface ${name}: Linux interface ${linkName}`;
  throw new DataPlaneError('interface-missing', `${what} does not exist`);
}
