import { sameAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import type { AccessInterface, NodeForwarding } from '#dataplane/desired.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { PmipPrograms } from './bpf-programs.ts';
import { accessSettings, nodeSettings, pmipSettings, setKernelSettings } from './bpf-sysctl.ts';
import type { UndoStack } from './bpf-undo.ts';
import { attachProgram, detachProgram, isAttached } from './clsact.ts';
import { type Netlink, NetlinkError } from './netlink.ts';
import {
  AddressGenerationMode,
  addAddress,
  addRoute,
  addRule,
  addresses,
  changeLink,
  InterfaceFlag,
  type Link,
  links,
  type RouteSettings,
  type RuleSettings,
  removalsOfOurs,
  removeAddress,
  removeRoute,
  removeRule,
  restoreAddress,
} from './netlink-requests.ts';
import { AF_INET, AF_INET6, EBUSY, EEXIST } from './posix.ts';
import { PMIP_MAC } from './tap.ts';

/** The table that everything from the access links is routed by, and the priority of the rules that lead there. */
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
}

/** What a node needs beside its bindings, with the undo of each step. */
export class NodeSetup {
  readonly #netlink: Netlink;
  readonly #maps: PmipMaps;
  readonly #programs: PmipPrograms;
  readonly #undo: UndoStack;
  readonly #attached = new Set<string>();

  constructor(netlink: Netlink, maps: PmipMaps, programs: PmipPrograms, undo: UndoStack) {
    this.#netlink = netlink;
    this.#maps = maps;
    this.#programs = programs;
    this.#undo = undo;
  }

  /** Throws `DataPlaneError`, `NetlinkError` or `SystemCallError`. */
  run(node: NodeForwarding, device: string, routing: AccessRouting): NodeDevices {
    const present = links(this.#netlink);
    const find = (name: string) => present.find((link) => link.name === name);
    const pmip = find(device) as Link;
    const access = node.accessInterfaces.map((settings) => ({ settings, link: accessLink(settings, find) }));
    this.#netlink.batch(removalsOfOurs(this.#netlink));
    const ours = new Set([device, ...access.map(({ link }) => link.name)]);
    setKernelSettings(nodeSettings(present.map((link) => link.name).filter((name) => !ours.has(name))), this.#undo);
    this.#pmip(pmip, node.tunnelMtu);
    for (const { settings, link } of access) this.#access(settings, link, pmip.index, routing);
    this.#transports(node, pmip.index);
    for (const destination of [...node.pools.ipv4, ...node.pools.ipv6])
      this.#route({ destination, device: pmip.index });
    for (const link of present) this.#detachLeftOver(link.index);
    return { pmip: pmip.index, access: new Map(access.map(({ settings, link }) => [settings.name, link.index])) };
  }

  /** Lets packets from tunnels in through this interface. */
  attachTransport(index: number): void {
    this.#attach(index, 'ingress', this.#programs.decap, 'decap');
  }

  #pmip(link: Link, mtu: number): void {
    setKernelSettings(pmipSettings(link.name), this.#undo);
    const settings = { mtu, set: InterfaceFlag.NOARP, addressGeneration: AddressGenerationMode.NONE };
    this.#netlink.request(changeLink(link.index, { ...settings, mac: PMIP_MAC }));
    this.#maps.setDevice(link.index, 'pmip', 0);
    this.#attach(link.index, 'egress', this.#programs.encap, 'encap');
    this.#attach(link.index, 'ingress', this.#programs.pmipIn, 'pmip_in');
    this.#netlink.request(changeLink(link.index, { set: InterfaceFlag.UP }));
  }

  #access(settings: AccessInterface, link: Link, pmip: number, routing: AccessRouting): void {
    setKernelSettings(accessSettings(link.name), this.#undo);
    this.#maps.setDevice(link.index, 'access', 0);
    this.#attach(link.index, 'ingress', this.#programs.accessIn, 'access_in');
    this.#linkLayerAddress(settings, link);
    this.#linkLocalAddress(settings, link);
    for (const prefix of settings.addresses) this.#address(link.index, prefix);
    for (const [family, destination] of [
      [AF_INET, DEFAULT_IPV4],
      [AF_INET6, DEFAULT_IPV6],
    ] as const) {
      this.#route({ destination, device: pmip, table: routing.table });
      this.#rule({ family, inputInterface: link.name, ...routing });
    }
  }

  #linkLayerAddress({ mac }: AccessInterface, link: Link): void {
    const wasUp = (link.flags & InterfaceFlag.UP) !== 0;
    const before = link.mac;
    if (before && !before.equals(mac)) {
      this.#changeMac(link.index, mac);
      this.#undo.push(() => this.#changeMac(link.index, before));
    }
    if (!wasUp) this.#undo.push(() => this.#netlink.request(changeLink(link.index, { clear: InterfaceFlag.UP })));
  }

  /** Some drivers only change it while the interface is down. */
  #changeMac(index: number, mac: AccessInterface['mac']): void {
    const failure = this.#netlink.batch([changeLink(index, { mac })])[0];
    if (!failure) return;
    if (failure.errno !== EBUSY) throw new NetlinkError(failure);
    this.#netlink.request(changeLink(index, { clear: InterfaceFlag.UP }));
    this.#netlink.request(changeLink(index, { mac, set: InterfaceFlag.UP }));
  }

  /** The fixed one becomes the only one: a mobile node must not learn of another. */
  #linkLocalAddress({ linkLocal }: AccessInterface, { index }: Link): void {
    this.#netlink.request(changeLink(index, { set: InterfaceFlag.UP }));
    for (const { address, length, ...other } of addresses(this.#netlink)) {
      if (other.index !== index) continue;
      const isLinkLocal = address instanceof Ipv6Address && address.isLinkLocal;
      if (isLinkLocal ? address.equals(linkLocal) : !other.ours) continue;
      const prefix = address instanceof Ipv4Address ? new Ipv4Prefix(address, length) : new Ipv6Prefix(address, length);
      this.#netlink.request(removeAddress(index, prefix));
      if (!other.ours) this.#undo.push(() => this.#netlink.request(restoreAddress(index, prefix)));
    }
    this.#address(index, new Ipv6Prefix(linkLocal, 64));
  }

  #transports(node: NodeForwarding, pmip: number): void {
    const held = addresses(this.#netlink);
    for (const local of node.localAddresses) {
      this.#maps.setLocalAddress(local, 0, pmip);
      const holder = held.find(({ address }) => sameAddress(address, local));
      if (holder) this.attachTransport(holder.index);
    }
  }

  #attach(index: number, hook: 'ingress' | 'egress', program: number, name: string): void {
    const key = `${index} ${hook}`;
    if (this.#attached.has(key)) return;
    attachProgram(this.#netlink, index, hook, program, name);
    this.#attached.add(key);
    this.#undo.push(() => detachProgram(this.#netlink, index, hook));
  }

  /** What a run that crashed attached to an interface that now has no part in it. */
  #detachLeftOver(index: number): void {
    if (this.#attached.has(`${index} ingress`) || !isAttached(this.#netlink, index, 'ingress')) return;
    detachProgram(this.#netlink, index, 'ingress');
  }

  #address(index: number, prefix: Ipv4Prefix | Ipv6Prefix): void {
    this.#netlink.request(addAddress(index, prefix));
    this.#undo.push(() => this.#netlink.request(removeAddress(index, prefix)));
  }

  #route(route: RouteSettings): void {
    this.#netlink.request(addRoute(route));
    this.#undo.push(() => this.#netlink.request(removeRoute(route)));
  }

  #rule(rule: RuleSettings): void {
    this.#netlink.request(addRule(rule), [EEXIST]);
    this.#undo.push(() => this.#netlink.request(removeRule(rule)));
  }
}

function accessLink({ name, linkName }: AccessInterface, find: (name: string) => Link | undefined): Link {
  const link = find(linkName);
  if (link) return link;
  const what = name === linkName ? `access interface ${name}` : `access interface ${name}: Linux interface ${linkName}`;
  throw new DataPlaneError('interface-missing', `${what} does not exist`);
}
