import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import type { AccessInterface, NodeForwarding } from '#dataplane/desired.ts';
import { IPV6_MINIMUM_MTU } from '#dataplane/icmp-error.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { PmipPrograms } from './bpf-programs.ts';
import { accessSettings, nodeSettings, pmipSettings, setKernelSettings } from './bpf-sysctl.ts';
import { UndoStack } from './bpf-undo.ts';
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

/** Begins what a node holds for one of its access interfaces; the IOS name follows. */
const ACCESS_KEY = 'access ';
/** As `tc filter show` names them. */
const PROGRAM_NAMES = { encap: 'encap', pmipIn: 'pmip_in', accessIn: 'access_in', decap: 'decap' } as const;

/** Interface indices of a node that is ready; those of access interfaces change with it. */
export interface NodeDevices {
  readonly pmip: number;
  /** By IOS name. */
  readonly access: ReadonlyMap<string, number>;
}

export interface NodeParts {
  readonly netlink: Netlink;
  readonly maps: PmipMaps;
  readonly programs: PmipPrograms;
  readonly undo: UndoStack;
}

/** One thing that a node needs, by a text that is equal for equal things. */
type Needs = ReadonlyMap<string, (undo: UndoStack) => void>;

/** What a node needs beside its bindings, with the undo of each step. Its methods throw `DataPlaneError`, `NetlinkError` or `SystemCallError`. */
export class NodeSetup {
  readonly #netlink: Netlink;
  readonly #maps: PmipMaps;
  readonly #programs: PmipPrograms;
  readonly #undo: UndoStack;
  readonly #device: string;
  readonly #routing: AccessRouting;
  /** Interface and hook of each program that is attached. */
  readonly #attached = new Set<string>();
  readonly #held = new Map<string, UndoStack>();
  /** Interface indices by IOS name. */
  readonly #access = new Map<string, number>();
  #pmip = 0;
  #mtu = 0;

  constructor({ netlink, maps, programs, undo }: NodeParts, device: string, routing: AccessRouting) {
    this.#netlink = netlink;
    this.#maps = maps;
    this.#programs = programs;
    this.#undo = undo;
    this.#device = device;
    this.#routing = routing;
  }

  run(node: NodeForwarding): NodeDevices {
    const present = this.present();
    const access = node.accessInterfaces.map((settings) => accessLink(settings, present));
    this.#netlink.batch(removalsOfOurs(this.#netlink));
    const ours = new Set([this.#device, ...access.map(({ name }) => name)]);
    setKernelSettings(nodeSettings(present.map((link) => link.name).filter((name) => !ours.has(name))), this.#undo);
    this.#setUpPmip(present.find(({ name }) => name === this.#device) as Link, deviceMtu(node));
    this.#undo.push(() => this.#meet(new Map()));
    this.become(node, present);
    for (const link of present) this.#detachLeftOver(link.index);
    return { pmip: this.#pmip, access: this.#access };
  }

  /** The interfaces that there are now. */
  present(): readonly Link[] {
    return links(this.#netlink);
  }

  /** The access interfaces that are gone, or would be set up anew, for another node; IOS names. */
  changedInterfaces(node: NodeForwarding, present: readonly Link[]): ReadonlySet<string> {
    const wanted = new Set(node.accessInterfaces.map((one) => accessKey(one, accessLink(one, present))));
    const gone = [...this.#held.keys()].filter((key) => key.startsWith(ACCESS_KEY) && !wanted.has(key));
    return new Set(gone.map((key) => key.split(' ')[1] as string));
  }

  /** Makes the difference between what there is and what another node needs. */
  become(node: NodeForwarding, present: readonly Link[]): void {
    this.#meet(this.#needs(node, present));
    if (deviceMtu(node) !== this.#mtu) this.#netlink.request(changeLink(this.#pmip, { mtu: deviceMtu(node) }));
    this.#mtu = deviceMtu(node);
  }

  /** Lets packets from tunnels in through this interface. */
  attachTransport(index: number): void {
    if (!this.#attached.has(`${index} ingress`)) this.#attach(index, 'ingress', 'decap', this.#undo);
  }

  #needs(node: NodeForwarding, present: readonly Link[]): Needs {
    const needs = new Map<string, (undo: UndoStack) => void>();
    if (node.accessInterfaces.length > 0) {
      const { table } = this.#routing;
      for (const destination of [DEFAULT_IPV4, DEFAULT_IPV6])
        needs.set(`from access links to ${destination}`, (undo) =>
          this.#route({ destination, device: this.#pmip, table }, undo),
        );
    }
    for (const settings of node.accessInterfaces) {
      const link = accessLink(settings, present);
      const key = accessKey(settings, link);
      needs.set(key, (undo) => this.#setUpAccess(settings, undo));
      const { tcpMss } = settings;
      if (tcpMss)
        needs.set(`TCP segments of ${tcpMss.ipv4} and ${tcpMss.ipv6} on ${key}`, (undo) => {
          this.#maps.setDevice(link.index, 'access', 0, tcpMss);
          undo.push(() => this.#maps.setDevice(link.index, 'access', 0));
        });
      for (const prefix of settings.addresses)
        needs.set(`address ${prefix} of ${key}`, (undo) => this.#address(link.index, prefix, undo));
    }
    for (const local of node.localAddresses) needs.set(`local ${local}`, (undo) => this.#localAddress(local, undo));
    for (const destination of [...node.pools.ipv4, ...node.pools.ipv6])
      needs.set(`pool ${destination}`, (undo) => this.#route({ destination, device: this.#pmip }, undo));
    return needs;
  }

  /** First takes back what is needed no longer, the latest first. */
  #meet(needs: Needs): void {
    for (const [key, undo] of [...this.#held].reverse()) {
      if (needs.has(key)) continue;
      this.#held.delete(key);
      undo.run();
    }
    for (const [key, take] of needs) {
      if (this.#held.has(key)) continue;
      const undo = new UndoStack();
      this.#held.set(key, undo);
      take(undo);
    }
  }

  #setUpPmip(link: Link, mtu: number): void {
    this.#pmip = link.index;
    this.#mtu = mtu;
    setKernelSettings(pmipSettings(link.name), this.#undo);
    const settings = { mtu, set: InterfaceFlag.NOARP, addressGeneration: AddressGenerationMode.NONE };
    this.#netlink.request(changeLink(link.index, { ...settings, mac: PMIP_MAC }));
    this.#maps.setDevice(link.index, 'pmip', 0);
    this.#attach(link.index, 'egress', 'encap', this.#undo);
    this.#attach(link.index, 'ingress', 'pmipIn', this.#undo);
    this.#netlink.request(changeLink(link.index, { set: InterfaceFlag.UP }));
  }

  #setUpAccess(settings: AccessInterface, undo: UndoStack): void {
    const link = accessLink(settings, this.present());
    this.#access.set(settings.name, link.index);
    undo.push(() => this.#access.delete(settings.name));
    setKernelSettings(accessSettings(link.name), undo);
    this.#maps.setDevice(link.index, 'access', 0);
    undo.push(() => this.#maps.clearDevice(link.index));
    this.#attach(link.index, 'ingress', 'accessIn', undo);
    this.#linkLayerAddress(settings, link, undo);
    this.#linkLocalAddress(settings, link, undo);
    for (const family of [AF_INET, AF_INET6]) this.#rule({ family, inputInterface: link.name, ...this.#routing }, undo);
  }

  #linkLayerAddress({ mac }: AccessInterface, link: Link, undo: UndoStack): void {
    const wasUp = (link.flags & InterfaceFlag.UP) !== 0;
    const before = link.mac;
    if (before && !before.equals(mac)) {
      this.#changeMac(link.index, mac);
      undo.push(() => this.#changeMac(link.index, before));
    }
    if (!wasUp) undo.push(() => this.#netlink.request(changeLink(link.index, { clear: InterfaceFlag.UP })));
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
  #linkLocalAddress({ linkLocal }: AccessInterface, { index }: Link, undo: UndoStack): void {
    this.#netlink.request(changeLink(index, { set: InterfaceFlag.UP }));
    for (const { address, length, ...other } of addresses(this.#netlink)) {
      if (other.index !== index) continue;
      const isLinkLocal = address instanceof Ipv6Address && address.isLinkLocal;
      if (isLinkLocal ? address.equals(linkLocal) : !other.ours) continue;
      const prefix = address instanceof Ipv4Address ? new Ipv4Prefix(address, length) : new Ipv6Prefix(address, length);
      this.#netlink.request(removeAddress(index, prefix));
      if (!other.ours) undo.push(() => this.#netlink.request(restoreAddress(index, prefix)));
    }
    this.#address(index, new Ipv6Prefix(linkLocal, 64), undo);
  }

  #localAddress(local: IpAddress, undo: UndoStack): void {
    this.#maps.setLocalAddress(local, 0, this.#pmip);
    undo.push(() => this.#maps.clearLocalAddress(local));
    const holder = addresses(this.#netlink).find(({ address }) => sameAddress(address, local));
    if (holder) this.attachTransport(holder.index);
  }

  #attach(index: number, hook: 'ingress' | 'egress', name: keyof typeof PROGRAM_NAMES, undo: UndoStack): void {
    const key = `${index} ${hook}`;
    attachProgram(this.#netlink, index, hook, this.#programs[name], PROGRAM_NAMES[name]);
    this.#attached.add(key);
    undo.push(() => {
      this.#attached.delete(key);
      detachProgram(this.#netlink, index, hook);
    });
  }

  /** What a run that crashed attached to an interface that now has no part in it. */
  #detachLeftOver(index: number): void {
    if (this.#attached.has(`${index} ingress`) || !isAttached(this.#netlink, index, 'ingress')) return;
    detachProgram(this.#netlink, index, 'ingress');
  }

  #address(index: number, prefix: Ipv4Prefix | Ipv6Prefix, undo: UndoStack): void {
    this.#netlink.request(addAddress(index, prefix));
    undo.push(() => this.#netlink.request(removeAddress(index, prefix)));
  }

  #route(route: RouteSettings, undo: UndoStack): void {
    this.#netlink.request(addRoute(route));
    undo.push(() => this.#netlink.request(removeRoute(route)));
  }

  #rule(rule: RuleSettings, undo: UndoStack): void {
    this.#netlink.request(addRule(rule), [EEXIST]);
    undo.push(() => this.#netlink.request(removeRule(rule)));
  }
}

/** Equal for interfaces that are set up alike. */
function accessKey({ name, mac, linkLocal }: AccessInterface, link: Link): string {
  return [ACCESS_KEY + name, link.index, link.name, mac, linkLocal].join(' ');
}

/** Of the pmip device: with a smaller one the kernel takes IPv6 off it. Each path has its own below this. */
export function deviceMtu({ tunnelMtu }: NodeForwarding): number {
  return Math.max(tunnelMtu, IPV6_MINIMUM_MTU);
}

function accessLink({ name, linkName }: AccessInterface, present: readonly Link[]): Link {
  const link = present.find((each) => each.name === linkName);
  if (link) return link;
  const what = name === linkName ? `access interface ${name}` : `access interface ${name}: Linux interface ${linkName}`;
  throw new DataPlaneError('interface-missing', `${what} does not exist`);
}
