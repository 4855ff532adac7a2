import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { instant } from '#base/time.ts';
import type { EntryWords } from '#dataplane/anchor-entries.ts';
import { copiedClass } from '#dataplane/congestion.ts';
import type { NodeForwarding, Path, TcpMss } from '#dataplane/desired.ts';
import type { Part, PathPart } from '#dataplane/part.ts';
import { innerMtu, type PathMtu, PathMtuNews, PathMtus } from '#dataplane/path-mtu.ts';
import type { TableChange } from '#dataplane/plan.ts';
import type { Execution, Tables } from '#dataplane/tables.ts';
import { leastMss } from '#dataplane/tcp-mss.ts';
import type { TranslatedPort } from '#dataplane/translated-port.ts';
import { markTowards } from '#dataplane/vrf.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { NodeDevices, NodeSetupParts } from './bpf-node.ts';
import { type Lookup, namesOf, partInMaps, partsInMaps, partsOnLinks } from './bpf-parts.ts';
import { monotonicMilliseconds } from './clock.ts';
import type { KernelFeatures } from './kernel-features.ts';
import type { Netlink, NetlinkRequest } from './netlink.ts';
import {
  addAddress,
  addNeighbour,
  addRoute,
  hostPrefix,
  type NextHop,
  nextHopTowards,
  type OurObject,
  ourObjects,
  removeAddress,
  removeNeighbour,
  removeRoute,
} from './netlink-requests.ts';
import { NextHopNeighbours } from './next-hop-neighbours.ts';
import { EADDRNOTAVAIL, ENODEV, ENOENT } from './posix.ts';

const ESRCH = 3;
/** What is to be removed is not there, or its interface is not. */
const ABSENT = [ENOENT, ENODEV, ESRCH, EADDRNOTAVAIL];

/** The tables of the kernel: maps of the BPF programs, and by rtnetlink addresses, neighbours and routes of the access links. */
export class BpfTables implements Tables {
  readonly #maps: PmipMaps;
  readonly #netlink: Netlink;
  readonly #neighbours: NextHopNeighbours;
  readonly #features: KernelFeatures;
  readonly #useTransport: (index: number) => void;
  #devices: NodeDevices;
  #lookup: Lookup;
  /** What was on the access links when all parts were last listed, and changes of this program since then. */
  readonly #onLinks = new Map<string, Part>();
  /** Whatever the path. */
  #limits: PacketLimits;
  /** What there is, where somebody has just listed it; once. */
  #listed: readonly OurObject[] | undefined;
  /** The paths in use, by path index. */
  readonly #ways = new Map<number, Way>();
  readonly #mtus = new PathMtus();
  readonly #mtuNews = new PathMtuNews();
  /** How many paths lead to a peer. */
  readonly #peers = new Map<string, number>();

  /** `useTransport` is told each interface that a path leaves through. `listed`: what `ourObjects` gave just now. */
  constructor(
    { maps, netlink, features }: Pick<NodeSetupParts, 'maps' | 'netlink' | 'features'>,
    devices: NodeDevices,
    useTransport: (index: number) => void,
    limits: PacketLimits,
    listed: readonly OurObject[],
  ) {
    this.#maps = maps;
    this.#netlink = netlink;
    this.#neighbours = new NextHopNeighbours(netlink);
    this.#features = features;
    this.#devices = devices;
    this.#lookup = this.#lookupOf(devices);
    this.#useTransport = useTransport;
    this.#limits = limits;
    this.#listed = listed;
  }

  get counterSlots(): number {
    return this.#maps.counterSlots;
  }

  /** The interfaces may be others now. */
  set devices(devices: NodeDevices) {
    this.#devices = devices;
    this.#lookup = this.#lookupOf(devices);
  }

  *parts(): Iterable<Part> {
    this.#onLinks.clear();
    const objects = this.#listed ?? ourObjects(this.#netlink);
    this.#listed = undefined;
    for (const part of partsOnLinks(objects, this.#devices)) this.#onLinks.set(part.key, part);
    yield* partsInMaps(this.#maps, this.#devices, this.#features);
    yield* this.#onLinks.values();
  }

  anchorEntries(): Iterable<Readonly<EntryWords>> {
    return this.#maps.shared.anchorEntries();
  }

  find(part: Part): Part | undefined {
    return isRequest(part) ? this.#onLinks.get(part.key) : partInMaps(this.#maps, part, this.#lookup);
  }

  /** Looks up where paths lead that an earlier process made. */
  takeOver(paths: Iterable<PathPart>): void {
    for (const part of paths) this.#addPath(part);
  }

  translatedPort(path: number): TranslatedPort | undefined {
    return this.#maps.translatedPort(path);
  }

  execute(changes: readonly TableChange[]): Execution {
    const done: TableChange[] = [];
    for (let at = 0; at < changes.length; ) {
      const requests = endOf(changes, at, isRequest);
      const end = Math.max(requests, at + 1);
      const failure =
        requests > at ? this.#request(changes.slice(at, end), done) : this.#change(changes[at] as TableChange, done);
      if (failure !== undefined) return { done, failure };
      at = end;
    }
    return { done };
  }

  addAnchor(entry: Readonly<EntryWords>): boolean {
    try {
      this.#maps.shared.addAnchor(entry);
      return true;
    } catch {
      return false;
    }
  }

  resetCounters(index: number): void {
    this.#maps.shared.resetCounters(index);
  }

  /** Looks up again where each of these paths leaves the node. */
  resolve(paths: Iterable<PathPart>): void {
    const same: NextHop[] = [];
    for (const part of paths) {
      const hop = this.#hop(part);
      if (!isSameHop(hop, this.#ways.get(part.index)?.hop)) this.#usePath(part, hop);
      else if (hop) same.push(hop);
    }
    this.#neighbours.renew(same);
  }

  /** These hold from now on. */
  setLimits(limits: PacketLimits): void {
    const former = this.#limits;
    this.#limits = limits;
    for (const { part, hop } of [...this.#ways.values()]) {
      const { remote } = part.path;
      const sameTable = markTowards(former.vrfs, remote) === markTowards(limits.vrfs, remote);
      this.#usePath(part, sameTable ? hop : this.#hop(part));
    }
  }

  /** What tunnel packets to a peer carry that the node itself routes; 0 for nothing. */
  markTowards(remote: IpAddress): number {
    return markTowards(this.#limits.vrfs, remote);
  }

  /** The longest packet of a mobile node that goes through a path in one piece. */
  mtuOf(index: number): number {
    const way = this.#ways.get(index);
    const { tunnelMtu } = this.#limits;
    return way ? innerMtu(way.part.path, tunnelMtu, this.transportMtuOf(index)) : tunnelMtu;
  }

  /** The longest tunnel packet of a path. */
  transportMtuOf(index: number): number {
    const way = this.#ways.get(index);
    return way
      ? this.#mtus.to(way.part.path.remote, way.hop?.mtu ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  }

  /** What of their traffic class the packets of mobile nodes show outside. */
  copiedClassOf(path: Path): number {
    return copiedClass(this.#limits, path);
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#mtuNews.take();
  }

  /** A router says that tunnel packets to this peer must not be longer. */
  learnMtu(remote: IpAddress, mtu: number): void {
    if (this.#mtus.learn(remote, mtu, instant(monotonicMilliseconds()))) this.#renewMtu(remote);
  }

  /** What a router said long ago may no longer be so; returns whether the path carries longer packets now. */
  retryMtu(index: number): boolean {
    const remote = this.#ways.get(index)?.part.path.remote;
    if (!remote || !this.#mtus.expire(remote, instant(monotonicMilliseconds()))) return false;
    this.#renewMtu(remote);
    return true;
  }

  /** Of the TCP connections of mobile nodes through a path. */
  mssOf(index: number): TcpMss {
    const mtu = this.mtuOf(index);
    return { ipv4: leastMss(4, mtu, this.#limits.tcpMss), ipv6: leastMss(6, mtu, this.#limits.tcpMss) };
  }

  #renewMtu(remote: IpAddress): void {
    for (const { part, hop } of [...this.#ways.values()])
      if (sameAddress(part.path.remote, remote)) this.#usePath(part, hop);
  }

  #request(changes: readonly TableChange[], done: TableChange[]): string | undefined {
    const failures = this.#netlink
      .batch(changes.map((change) => this.#requestFor(change)))
      .filter(({ index, errno }) => changes[index]?.after || !ABSENT.includes(errno));
    for (const [i, change] of changes.entries()) {
      if (failures.some(({ index }) => index === i)) continue;
      done.push(change);
      const { before, after } = change;
      if (after) this.#onLinks.set(after.key, after);
      else if (before) this.#onLinks.delete(before.key);
      this.#noteGateway(change);
    }
    return failures[0]?.text;
  }

  #noteGateway({ before, after }: TableChange): void {
    const part = after ?? before;
    if (part?.kind !== 'router-address') return;
    const device = this.#device(part.interface);
    if (after) this.#maps.setGateway(device, part.address);
    else this.#maps.clearGateway(device, part.address);
  }

  #requestFor({ before, after }: TableChange): NetlinkRequest {
    const part = (after ?? before) as Part;
    const adds = after !== undefined;
    switch (part.kind) {
      case 'router-address': {
        const prefix = hostPrefix(part.address);
        return (adds ? addAddress : removeAddress)(this.#device(part.interface), prefix);
      }
      case 'neighbour': {
        const device = this.#device(part.interface);
        return adds ? addNeighbour(device, part.address, part.mac) : removeNeighbour(device, part.address);
      }
      case 'route': {
        const { target, via } = part;
        const destination = target instanceof Ipv4Address ? hostPrefix(target) : target;
        const table = this.#devices.tables.get(part.customer) as number;
        return (adds ? addRoute : removeRoute)({ destination, device: this.#device(part.interface), via, table });
      }
      default:
        throw new RangeError(`${part.kind} is not for rtnetlink`);
    }
  }

  #change(change: TableChange, done: TableChange[]): string | undefined {
    try {
      if (change.after) this.#put(change.after);
      else this.#remove(change.before as Part);
    } catch (error) {
      return (error as Error).message;
    }
    done.push(change);
    return undefined;
  }

  #put(part: Part): void {
    switch (part.kind) {
      case 'path':
        this.#maps.resetPathCounters(part.index);
        this.#addPath(part);
        return;
      case 'tunnel-owner':
        this.#maps.setTunnelOwner(part);
        return;
      case 'station':
        this.#maps.setStation(this.#device(part.interface), part.mac);
        return;
      case 'anchor-entry':
        this.#maps.shared.setAnchor(part);
        return;
      case 'access-entry':
        this.#maps.setAccess(part, this.#device(part.interface));
    }
  }

  #remove(part: Part): void {
    switch (part.kind) {
      case 'path':
        this.#removePath(part);
        return;
      case 'tunnel-owner':
        this.#maps.clearTunnelOwner(part);
        return;
      case 'station':
        this.#maps.clearStation(this.#device(part.interface), part.mac);
        return;
      case 'anchor-entry':
        this.#maps.shared.clearAnchor(part);
        return;
      case 'access-entry':
        this.#maps.clearAccess(part);
    }
  }

  #addPath(part: PathPart): void {
    this.#usePath(part, this.#hop(part));
    const peer = part.path.remote.key;
    this.#peers.set(peer, (this.#peers.get(peer) ?? 0) + 1);
  }

  #usePath(part: PathPart, hop: NextHop | undefined): void {
    if (hop) this.#useTransport(hop.device);
    const former = this.#ways.get(part.index)?.hop;
    if (!isSameHop(hop, former)) {
      if (hop) this.#neighbours.hold(hop);
      if (former) this.#neighbours.release(former);
    }
    this.#ways.set(part.index, { part, hop });
    if (hop) this.#mtuNews.note(part.path.remote, this.transportMtuOf(part.index));
    this.#maps.setPath(part, hop, {
      mtu: this.mtuOf(part.index),
      mss: this.mssOf(part.index),
      copiedClass: this.copiedClassOf(part.path),
    });
  }

  #removePath({ index, path }: PathPart): void {
    const peer = path.remote.key;
    const others = (this.#peers.get(peer) ?? 1) - 1;
    if (others > 0) this.#peers.set(peer, others);
    else {
      this.#peers.delete(peer);
      this.#mtus.forget(path.remote);
      this.#mtuNews.forget(path.remote);
    }
    this.#maps.clearPath(index, path, others > 0);
    const hop = this.#ways.get(index)?.hop;
    if (hop) this.#neighbours.release(hop);
    this.#ways.delete(index);
  }

  #lookupOf(devices: NodeDevices): Lookup {
    return { devices, names: namesOf(devices), pathAt: (index) => this.#ways.get(index)?.part.path };
  }

  #hop({ path }: PathPart): NextHop | undefined {
    return nextHopTowards(this.#netlink, path.local, path.remote, this.markTowards(path.remote));
  }

  #device(name: string): number {
    return this.#devices.access.get(name) as number;
  }
}

/** What the operator allows of all tunnels, and how their far ends are reached. */
export type PacketLimits = Pick<NodeForwarding, 'tunnelMtu' | 'tcpMss' | 'vrfs' | 'ecnCompatibility'>;

interface Way {
  readonly part: PathPart;
  readonly hop: NextHop | undefined;
}

function isSameHop(a: NextHop | undefined, b: NextHop | undefined): boolean {
  return a?.device === b?.device && a?.mtu === b?.mtu && (a === undefined || sameAddress(a.address, b?.address));
}

/** Behind the last of the changes from `start` on whose parts are of this kind. */
function endOf(changes: readonly TableChange[], start: number, isOf: (part: Part) => boolean): number {
  let end = start;
  for (let change = changes[end]; change; change = changes[++end]) {
    if (!isOf((change.after ?? change.before) as Part)) break;
  }
  return end;
}

function isRequest(part: Part): boolean {
  return part.kind === 'router-address' || part.kind === 'neighbour' || part.kind === 'route';
}
