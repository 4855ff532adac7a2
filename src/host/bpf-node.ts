import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import type { AccessInterface, NodeForwarding } from '#dataplane/desired.ts';
import { deviceMtu } from '#dataplane/local-routing.ts';
import { markOfTable } from '#dataplane/vrf.ts';
import { FILTER_KINDS, setFilter } from './bpf-filters.ts';
import { releaseLink, takeLink } from './bpf-former-links.ts';
import { deviceIndices, gatewayRows, localAddresses } from './bpf-map-contents.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { FormerNotes, FormerState } from './bpf-node-state.ts';
import type { PmipPrograms } from './bpf-programs.ts';
import { BpfProxiedLinks, giveMulticastBack } from './bpf-proxied-links.ts';
import { setSettings } from './bpf-settings.ts';
import {
  accessSettings,
  customerLinkSettings,
  customerSettings,
  nodeSettings,
  pmipSettings,
  restoreKernelSettings,
  setKernelSettings,
} from './bpf-sysctl.ts';
import { BpfVlanCarrier } from './bpf-vlan-carrier.ts';
import type { Hook } from './clsact.ts';
import { coreLinks, customerRules, leadsAnywhere, routedLinks, tablesOf } from './customer-routing.ts';
import { isNoInterface } from './interface-gone.ts';
import type { KernelFeatures } from './kernel-features.ts';
import type { Netlink, NetlinkRequest } from './netlink.ts';
import {
  AddressGenerationMode,
  addAddress,
  addRule,
  addresses,
  changeLink,
  InterfaceFlag,
  isHostPrefix,
  type Link,
  links,
  MAIN_TABLE,
  type OurObject,
  ourObjects,
  type RouteSettings,
} from './netlink-requests.ts';
import { addressKey, keyOf, routeKey, ruleKey } from './our-object-key.ts';
import { AF_INET, AF_INET6 } from './posix.ts';
import type { ProgramAttachments } from './program-attachments.ts';
import { openTap, PMIP_MAC } from './tap.ts';
import { addTunnelRoute, tunnelHop } from './tunnel-routes.ts';
import { VlanDevices } from './vlan-devices.ts';

/** The table that everything from the access links is routed by, and the priority of the rules that lead there; those of VRFs and customers come right before. */
export interface AccessRouting {
  readonly table: number;
  readonly priority: number;
}

const DEFAULT_IPV4 = new Ipv4Prefix(Ipv4Address.unspecified, 0);
const DEFAULT_IPV6 = new Ipv6Prefix(Ipv6Address.unspecified, 0);

/** Interface indices of a node that is ready. */
export interface NodeDevices {
  readonly pmip: number;
  /** By IOS name. */
  readonly access: ReadonlyMap<string, number>;
  /** Whether the kernel may have forgotten what was on an access interface. */
  readonly disturbed: boolean;
  /** The routing tables of customers, and the customers of those, the node's own among them. */
  readonly tables: ReadonlyMap<number, number>;
  readonly customers: ReadonlyMap<number, number>;
  /** Whether an address on an access interface is there for a binding, and not for the node. */
  readonly isForBinding: (device: number, prefix: Ipv4Prefix | Ipv6Prefix) => boolean;
}

export interface NodeSetupParts {
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  readonly attachments: ProgramAttachments;
  readonly features: KernelFeatures;
  /** What comes back in the end; changed here. */
  readonly notes: FormerNotes;
  /** Name of the device of the tunnels. */
  readonly device: string;
  readonly routing: AccessRouting;
}

export interface SetupOptions {
  /** Programs are attached by `attachAll`. */
  readonly later?: boolean;
  /** Told what of bindings was found, among other things of ours. */
  readonly listed?: (objects: readonly OurObject[]) => void;
}

const noListener = () => {};

/** The longest prefixes that are shorter than those of the routes to mobile nodes. */
const SHORTER_THAN_TARGETS = [
  [AF_INET, 31],
  [AF_INET6, 63],
] as const;

/** Packets of this host itself come in there, as rules have it. */
const LOOPBACK = 'lo';

interface Attachment {
  readonly index: number;
  readonly hook: Hook;
  readonly name: keyof PmipPrograms;
}

/**
 * What a node needs beside its bindings. Everything of it can be told from what others made, so each step makes what is missing, leaves what is
 * there, and removes in the end what is not wanted, whoever made it. Methods throw `DataPlaneError`, `NetlinkError` or `SystemCallError`.
 */
export class NodeSetup {
  readonly #parts: NodeSetupParts;
  #programs: PmipPrograms;
  /** By interface and hook. */
  readonly #wanted = new Map<string, Attachment>();
  /** Until then what another program does there goes on. */
  #attaches = true;
  readonly #vlans: VlanDevices;
  readonly #proxied: BpfProxiedLinks;
  /** The interfaces that are named as leading to correspondent nodes, with whose those are. */
  #core: ReadonlyMap<string, number> = new Map();
  /** Whether the others lead to the node's own. */
  #leadsAnywhere = false;
  /** Those that lead to correspondent nodes and are there, by index. */
  #coreIndices: readonly number[] = [];
  /** Those that tunnels come in through. */
  readonly #transports = new Set<number>();
  /** Those that are there and have no Ethernet. */
  #withoutEthernet: ReadonlySet<number> = new Set();

  constructor(parts: NodeSetupParts, programs: PmipPrograms) {
    this.#parts = parts;
    this.#programs = programs;
    const attach = (index: number, hook: Hook, name: keyof PmipPrograms) => this.#attach({ index, hook, name });
    const { netlink, maps, notes } = parts;
    this.#vlans = new VlanDevices({
      netlink,
      notes,
      carrier: new BpfVlanCarrier({ netlink, maps, notes, attach }),
      open: openTap,
    });
    this.#proxied = new BpfProxiedLinks(parts);
  }

  run(node: NodeForwarding, { later = false, listed = noListener }: SetupOptions = {}): NodeDevices {
    const { netlink, device, notes } = this.#parts;
    this.#vlans.make(node.accessInterfaces);
    const present = links(netlink);
    const find = (name: string) => present.find((link) => link.name === name);
    const pmip = find(device) as Link;
    const access = node.accessInterfaces.map((settings) => ({ settings, link: accessLink(settings, find) }));
    this.#attaches = !later;
    this.#wanted.clear();
    this.#noteLinks(present);
    this.#core = coreLinks(node);
    this.#leadsAnywhere = leadsAnywhere(node);
    const ours = new Set([device, ...access.map(({ link }) => link.name)]);
    const others = present.map((link) => link.name).filter((name) => !ours.has(name));
    const { routesIpv6 = true } = node;
    // First: where nothing else tells namespaces apart, what is noted is believed when a program runs there.
    this.#pmip(pmip, deviceMtu(node), routesIpv6);
    setKernelSettings(nodeSettings(others, routesIpv6), notes);
    if (node.customers?.length) setKernelSettings(customerSettings(), notes);
    this.#vlans.keep(node.accessInterfaces);
    this.#vlans.join(present);
    const disturbed = access.filter(({ settings, link }) => this.#access(settings, link, routesIpv6)).length > 0;
    for (const index of this.#transports) this.attachTransport(index);
    const { maps, features } = this.#parts;
    setSettings(maps, { express: node.express === true, pmip: pmip.index, decapL3: features.decapL3 });
    this.#localAddresses(node, pmip.index);
    const core = this.#joinCore(present);
    this.followPools(node, new Set([pmip.index, ...access.map(({ link }) => link.index)]));
    for (const kind of FILTER_KINDS) setFilter(this.#parts.maps, kind, node.tunnelFilters?.[kind]);
    const wanted = wantedObjects(node, pmip.index, device, access, this.#parts.routing);
    const there = ourObjects(netlink);
    const keys = new Set(there.map(keyOf));
    for (const [key, request] of wanted) if (!keys.has(key)) netlink.request(request);
    const accessIndices = new Set(access.map(({ link }) => link.index));
    const tables = tablesOf(node);
    const customers = new Map(Array.from(tables, ([customer, table]) => [table, customer]));
    const isBindings = (object: OurObject) => isOfBinding(object, accessIndices, customers);
    const unwanted = there.filter((object) => !wanted.has(keyOf(object)) && !isBindings(object));
    netlink.batch(unwanted.map(({ removal }) => removal()));
    listed(there);
    this.#gateways(accessIndices);
    this.#forgetDevices(new Set([pmip.index, ...accessIndices, ...core]));
    this.#parts.maps.clearStations(this.#parts.features, accessIndices);
    const left = Object.keys(notes.former.links).filter((name) => !ours.has(name));
    for (const name of left) releaseLink(netlink, name, notes.former);
    // One that has VLANs now is up again.
    if (left.length > 0) this.#vlans.join(links(netlink));
    if (!later) this.#keepWanted(present);
    return {
      pmip: pmip.index,
      access: new Map(access.map(({ settings, link }) => [settings.name, link.index])),
      disturbed,
      tables,
      customers,
      isForBinding: (index, prefix) => accessIndices.has(index) && !wanted.has(addressKey(index, prefix)),
    };
  }

  /** After interfaces came, went or changed. */
  followLinks(): void {
    const { netlink, maps } = this.#parts;
    const present = links(netlink);
    this.#vlans.join(present);
    this.#noteLinks(present);
    for (const { index, mtu } of present) maps.setAccessMtu(index, mtu);
    this.#joinCore(present);
  }

  /** After pools, or addresses of links that have some of them; `own` are interfaces of mobile nodes and tunnels. */
  followPools(node: NodeForwarding, own: ReadonlySet<number>): void {
    const found = this.#proxied.follow(node, own);
    for (const index of found) this.#attach({ index, hook: 'neighbours', name: 'neighbours' });
    const homes: Partial<Record<keyof PmipPrograms, readonly number[]>> = {
      neighbours: found,
      coreIn: this.#coreIndices,
      coreL3In: [...this.#coreIndices, ...this.#transports],
    };
    for (const [key, { index, hook, name }] of this.#wanted) {
      if (homes[name]?.includes(index) !== false) continue;
      this.#wanted.delete(key);
      this.#parts.attachments.detach(index, hook);
    }
  }

  /** The links on which it answers for mobile nodes. */
  get proxiedLinks(): string[] {
    return this.#proxied.names;
  }

  /** Lets go of what it holds; everything remains. */
  close(): void {
    this.#vlans.close();
  }

  /** Lets packets from tunnels in through this interface; where there is no Ethernet, the daemon takes them out of their tunnels. */
  attachTransport(index: number): void {
    this.#transports.add(index);
    this.#attach({ index, hook: 'ingress', name: this.#withoutEthernet.has(index) ? 'coreL3In' : 'decap' });
  }

  /** In the place of those before, whether they run already or not. */
  exchange(programs: PmipPrograms): void {
    this.#programs = programs;
    if (this.#attaches) this.attachAll();
  }

  /** Runs its programs from now on. */
  attachAll(): void {
    this.#attaches = true;
    for (const one of this.#wanted.values()) this.#unlessGone(one, () => this.#attachNow(one));
    this.#keepWanted(links(this.#parts.netlink));
  }

  /** Removes all that is ours, and gives back what was. */
  remove(): void {
    this.#vlans.keep([]);
    removeNode({ ...this.#parts, former: this.#parts.notes.former });
    this.#wanted.clear();
  }

  #pmip(link: Link, mtu: number, routesIpv6: boolean): void {
    const { netlink, maps, notes } = this.#parts;
    setKernelSettings(pmipSettings(link.name, routesIpv6), notes);
    const settings = { mtu, set: InterfaceFlag.NOARP, addressGeneration: AddressGenerationMode.NONE };
    netlink.request(changeLink(link.index, { ...settings, mac: PMIP_MAC }));
    maps.setDevice(link.index, { role: 'pmip' });
    this.#attach({ index: link.index, hook: 'egress', name: 'encap' });
    this.#attach({ index: link.index, hook: 'ingress', name: 'pmipIn' });
    netlink.request(changeLink(link.index, { set: InterfaceFlag.UP }));
  }

  /** Whether the kernel may have forgotten what was on the link. */
  #access(settings: AccessInterface, link: Link, routesIpv6: boolean): boolean {
    const { netlink, maps, notes } = this.#parts;
    setKernelSettings(accessSettings(link.name, routesIpv6), notes);
    const { mac, tcpMss: mss, localRouting, customer = 0 } = settings;
    maps.setDevice(link.index, { role: 'access', mac, customer, mss, localRouting, routesIpv6, mtu: link.mtu });
    this.#attach({ index: link.index, hook: 'ingress', name: 'accessIn' });
    return takeLink(netlink, settings, link, notes);
  }

  /** Has packets of correspondent nodes seen where they come in; gives the indices of the interfaces that are named for that and there. */
  #joinCore(present: readonly Link[]): readonly number[] {
    const { maps, notes } = this.#parts;
    const found = present.filter(({ name }) => this.#core.has(name));
    for (const { index, name } of found) {
      const customer = this.#core.get(name) as number;
      if (customer !== 0) setKernelSettings(customerLinkSettings(name), notes);
      maps.setDevice(index, { role: 'core', customer });
      // Where tunnels come in too, their program does both.
      if (this.#wanted.get(`${index} ingress`)?.name !== 'decap')
        this.#attach({ index, hook: 'ingress', name: this.#coreProgram(index) });
    }
    const named = found.map(({ index }) => index);
    const others = this.#leadsAnywhere ? routedLinks(present).map(({ index }) => index) : [];
    this.#coreIndices = [...named, ...others.filter((index) => !named.includes(index) && this.#joinUnnamed(index))];
    return named;
  }

  /** Whether it leads to correspondent nodes; interfaces come and go at any time. */
  #joinUnnamed(index: number): boolean {
    const there = this.#wanted.get(`${index} ingress`)?.name;
    const name = this.#coreProgram(index);
    if (there !== undefined) return there === name;
    const attachment = { index, hook: 'ingress', name } as const;
    return this.#unlessGone(attachment, () => this.#attach(attachment));
  }

  #coreProgram(index: number): 'coreIn' | 'coreL3In' {
    return this.#withoutEthernet.has(index) ? 'coreL3In' : 'coreIn';
  }

  #noteLinks(present: readonly Link[]): void {
    this.#withoutEthernet = new Set(present.filter(({ isEthernet }) => !isEthernet).map(({ index }) => index));
    const there = new Set(present.map(({ index }) => index));
    for (const index of this.#transports) if (!there.has(index)) this.#transports.delete(index);
  }

  #unlessGone({ index, hook }: Attachment, action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (!isNoInterface(error)) throw error;
      this.#wanted.delete(`${index} ${hook}`);
      return false;
    }
  }

  #localAddresses(node: NodeForwarding, pmip: number): void {
    const { netlink, maps, features } = this.#parts;
    const held = addresses(netlink);
    for (const local of node.localAddresses) {
      maps.setLocalAddress(local, pmip, (node.customers ?? []).length > 0);
      const holder = held.find(({ address }) => sameAddress(address, local));
      if (holder) this.attachTransport(holder.index);
    }
    for (const address of localAddresses(maps, features))
      if (!node.localAddresses.some((local) => sameAddress(local, address))) maps.clearLocalAddress(address);
  }

  /** Those of bindings come and go with them. */
  #gateways(access: ReadonlySet<number>): void {
    const { netlink, maps, features } = this.#parts;
    const held = addresses(netlink).filter(({ index }) => access.has(index));
    for (const { index, address } of held) maps.setGateway(index, address);
    for (const { device, address } of gatewayRows(maps, features)) {
      const isHeld = held.some((one) => one.index === device && sameAddress(one.address, address));
      if (!isHeld) maps.clearGateway(device, address);
    }
  }

  #forgetDevices(wanted: ReadonlySet<number>): void {
    const { maps, features } = this.#parts;
    for (const index of deviceIndices(maps, features)) if (!wanted.has(index)) maps.clearDevice(index);
  }

  #attach(attachment: Attachment): void {
    const key = `${attachment.index} ${attachment.hook}`;
    const same = this.#wanted.get(key)?.name === attachment.name;
    this.#wanted.set(key, attachment);
    if (!same && this.#attaches) this.#attachNow(attachment);
  }

  #attachNow({ index, hook, name }: Attachment): void {
    this.#parts.attachments.attach(index, hook, this.#programs[name], name);
  }

  #keepWanted(present: readonly Link[]): void {
    const { attachments, device } = this.#parts;
    const runs = (hook: Hook) =>
      present.filter(({ name, index }) => name !== device && attachments.isAttached(index, hook));
    this.#vlans.removeLeftOver(runs('egress'), runs('vlan'));
    const indices = present.map(({ index }) => index);
    this.#parts.attachments.keepOnly(indices, (index, hook) => this.#wanted.has(`${index} ${hook}`));
  }
}

/** Removes what is ours in this network namespace but the device and the maps, and gives back what was. */
export function removeNode({
  netlink,
  attachments,
  former,
}: Pick<NodeSetupParts, 'netlink' | 'attachments'> & { readonly former: FormerState }): void {
  attachments.keepOnly(
    links(netlink).map(({ index }) => index),
    () => false,
  );
  netlink.batch(ourObjects(netlink).map(({ removal }) => removal()));
  for (const name of Object.keys(former.links)) releaseLink(netlink, name, former);
  giveMulticastBack({ netlink, former }, links(netlink));
  restoreKernelSettings(former.settings);
}

/** By `keyOf`, with what makes each. */
function wantedObjects(
  node: NodeForwarding,
  pmip: number,
  device: string,
  access: readonly { readonly settings: AccessInterface; readonly link: Link }[],
  { table, priority }: AccessRouting,
): Map<string, NetlinkRequest> {
  const wanted = new Map<string, NetlinkRequest>();
  const route = (to: RouteSettings & { table: number }) =>
    wanted.set(routeKey({ ...to, via: tunnelHop(to.destination) }), addTunnelRoute(to));
  const { correspondentInterfaces } = node;
  // Beside the table of the access links, for those that come in from some interfaces only.
  const poolTable = correspondentInterfaces ? table + 1 : MAIN_TABLE;
  // RFC 5213 §5.6.2(1) "Forwarding Considerations": "it MUST advertise a connected route in to the Routing Infrastructure for the mobile node's home network prefix(es) or
  // for an aggregated prefix"; RFC 5844 §3.1.3(1) "Routing Considerations for the Local Mobility Anchor": "for the mobile node's IPv4 home address or for its home subnet". A routing daemon takes
  // these kernel routes up.
  for (const destination of [...node.pools.ipv4, ...node.pools.ipv6])
    route({ destination, device: pmip, table: poolTable });
  for (const inputInterface of correspondentInterfaces ? [device, LOOPBACK, ...correspondentInterfaces] : []) {
    for (const family of [AF_INET, AF_INET6]) {
      const rule = { family, inputInterface, table: poolTable, priority };
      wanted.set(ruleKey(rule), addRule(rule));
    }
  }
  // What has come out of a tunnel for a mobile node on an access link has arrived, though this node may be its anchor too: back into the tunnel it would go until its hops have ended.
  for (const [family, suppressedLength] of correspondentInterfaces && access.length > 0 ? SHORTER_THAN_TARGETS : []) {
    const rule = { family, inputInterface: device, table: MAIN_TABLE, suppressedLength, priority: priority - 1 };
    wanted.set(ruleKey(rule), addRule(rule));
  }
  for (const { table: ofVrf } of node.vrfs ?? []) {
    const mark = markOfTable(ofVrf);
    for (const family of [AF_INET, AF_INET6]) {
      const lookedUp = { family, mark, table: ofVrf, priority: priority - 2 };
      const otherwise = { family, mark, priority: priority - 1 };
      for (const rule of [lookedUp, otherwise]) wanted.set(ruleKey(rule), addRule(rule));
    }
  }
  for (const { table: own, pools } of node.customers ?? [])
    for (const destination of [...pools.ipv4, ...pools.ipv6]) route({ destination, device: pmip, table: own });
  for (const rule of customerRules(node, priority)) wanted.set(ruleKey(rule), addRule(rule));
  for (const { settings, link } of access) {
    // Before the mark of its customer counts.
    const first = settings.customer ? priority - 5 : priority;
    for (const prefix of [new Ipv6Prefix(settings.linkLocal, 64), ...settings.addresses])
      wanted.set(addressKey(link.index, prefix), addAddress(link.index, prefix));
    for (const [family, destination] of [
      [AF_INET, DEFAULT_IPV4],
      [AF_INET6, DEFAULT_IPV6],
    ] as const) {
      route({ destination, device: pmip, table });
      const rule = { family, inputInterface: link.name, table, priority: first };
      wanted.set(ruleKey(rule), addRule(rule));
    }
  }
  return wanted;
}

/** What is on access interfaces for bindings, and neighbours that their tunnels lead to, is not the node's own. */
function isOfBinding(object: OurObject, access: ReadonlySet<number>, customers: NodeDevices['customers']): boolean {
  if (object.kind === 'neighbour') return true;
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
