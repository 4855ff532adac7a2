import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { instant } from '#base/time.ts';
import {
  type Agreement,
  type ApplyResult,
  type BindingCounters,
  type DataPlane,
  DataPlaneError,
  type Reconciliation,
} from './dataplane.ts';
import type { Forwarding, ForwardingChange, NodeForwarding, PacketFilter, Path } from './desired.ts';
import { DROP_REASONS, type DropReason } from './drop-reason.ts';
import { decapsulate, encapsulate } from './encapsulation.ts';
import { counterSlots, ForwardingTable } from './forwarding-table.ts';
import { fragmentTunnelPacket } from './fragment.ts';
import { type IcmpError, icmpErrorFor, icmpErrorPacket } from './icmp-error.ts';
import {
  ECN_MASK,
  type IpHeader,
  isMulticast,
  readIpHeader,
  targetOf,
  withHopTaken,
  withOuterEcn,
} from './ip-packet.ts';
import { deviceMtu, type LocalRoutingPolicy, routesLocally } from './local-routing.ts';
import { oversize, relayedFault } from './oversize.ts';
import { judge } from './packet-filter.ts';
import { type AccessEntry, type AnchorEntry, accessKey, anchorKey, type Part, routeKey, stationKey } from './part.ts';
import { innerMtu, type PathMtu, PathMtuNews, PathMtus } from './path-mtu.ts';
import type { TableChange } from './plan.ts';
import type { Execution, Tables } from './tables.ts';
import { clampMss, leastMss } from './tcp-mss.ts';
import { icmpIn, isOfPath, readTunnelError } from './tunnel-error.ts';
import { type TunnelMismatch, tunnelMismatch } from './tunnel-form.ts';

/** Where a packet leaves the node. */
export type Departure =
  /** To a mobile node. `interface` is the IOS name. */
  | { readonly kind: 'access'; readonly interface: string; readonly mac: MacAddress; readonly packet: Uint8Array }
  /** To a peer. */
  | { readonly kind: 'transport'; readonly packet: Uint8Array }
  /** To anywhere else. */
  | { readonly kind: 'core'; readonly packet: Uint8Array };

/** The way of a packet into a tunnel. */
interface Way {
  readonly entry: AnchorEntry | AccessEntry;
  readonly path: Path;
  readonly direction: 'up' | 'down';
  readonly mtu: number;
}

const TRANSPORT_MTU = 1500;
/** Nothing is forgotten here. */
const NO_TIME = instant(0);

/**
 * A data plane that forwards in memory: the same bindings, checks, counters and drops as the one in the kernel, for the simulator and for
 * tests. Packets are IP packets and are not changed. Where the kernel's router would answer with an ICMP error it only counts the drop; what
 * the tunnels have to say of packets that are too big, it says. The transport network carries 1500 octets.
 *
 * RFC 5213 §5.6.1 "Bi-Directional Tunnel Management": "The bi-directional tunnel MUST be used for routing the mobile node's data traffic". RFC 5213 §5.6.2(2) "Forwarding Considerations": what is for a home network prefix "MUST
 * forward ... through the bi-directional tunnel", and so RFC 5844 §3.1.3(2) "Routing Considerations for the Local Mobility Anchor", §4.1.4.1(1) "Forwarding Considerations"; RFC 5213 §5.6.2(5): what comes out of one "MUST be routed to the destination
 * specified in the inner packet header", and so RFC 5844 §3.1.3(4), §4.1.4.1(3). RFC 5845 §5.2(7) "Operational Summary": the key is "an additional identifier to determine to which mobility session this
 * packet belongs."
 */
export class MemoryDataPlane implements DataPlane {
  readonly #tables: MemoryTables;
  #node: NodeForwarding | undefined;
  #forwarding: ForwardingTable | undefined;
  #drops = noDrops();
  #filterHits: Record<Forwarding['kind'], number[]> = { anchor: [], access: [] };
  #mtus = new PathMtus();
  #mtuNews = new PathMtuNews();
  #identification = 0;

  /** With the tables of a data plane whose process died, it takes over what is in them. */
  constructor(tables = new MemoryTables()) {
    this.#tables = tables;
  }

  start(node: NodeForwarding): void {
    if (this.#node) throw new DataPlaneError('system', 'the data plane is already started');
    this.#node = node;
    this.#tables.counterSlots = counterSlots(node);
    this.#tables.forgetStations();
    this.#forwarding = new ForwardingTable(node, this.#tables);
    this.#drops = noDrops();
    this.#mtus = new PathMtus();
    this.#mtuNews = new PathMtuNews();
  }

  reconfigure(node: NodeForwarding): ApplyResult {
    const { forwarding } = this.#started();
    const failed = forwarding.configure(node);
    for (const kind of ['anchor', 'access'] as const)
      if (!sameFilter(node.tunnelFilters?.[kind], this.#node?.tunnelFilters?.[kind])) this.#filterHits[kind] = [];
    this.#node = node;
    this.#tables.counterSlots = counterSlots(node);
    forwarding.grow();
    return { failed };
  }

  reconcile(kinds?: readonly Forwarding['kind'][]): Reconciliation {
    return this.#started().forwarding.reconcile(kinds);
  }

  audit(): Agreement {
    return this.#started().forwarding.audit();
  }

  apply(changes: readonly ForwardingChange[]): ApplyResult {
    return this.#started().forwarding.apply(changes);
  }

  /** Gives where it leaves. */
  forwardHeld(interfaceName: string, mac: MacAddress, packet: Uint8Array): Departure[] {
    return this.fromAccess(interfaceName, mac, packet);
  }

  counters(id: string, kind?: Forwarding['kind']): BindingCounters | undefined {
    const { forwarding } = this.#started();
    const held = kind ? forwarding.held(kind, id) : (forwarding.held('anchor', id) ?? forwarding.held('access', id));
    return held && { ...this.#tables.counters(held.counters) };
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#mtuNews.take();
  }

  filterHits(kind: Forwarding['kind']): readonly number[] {
    const rules = this.#started().node.tunnelFilters?.[kind]?.rules ?? [];
    return rules.map((_, index) => this.#filterHits[kind][index] ?? 0);
  }

  drops(): Record<DropReason, number> {
    return { ...this.#drops };
  }

  close(): void {
    this.#node = undefined;
    this.#forwarding = undefined;
    this.#tables.clear();
  }

  /** What is held of every binding. */
  forwardings(): Iterable<Forwarding> {
    return this.#started().forwarding.forwardings();
  }

  /** How many parts the tables have, of all bindings together. */
  get parts(): number {
    return this.#tables.size;
  }

  /** Whether frames of this station need not be shown to the access machine for attachment. */
  isAttached(interfaceName: string, mac: MacAddress): boolean {
    return this.#tables.get(stationKey(interfaceName, mac)) !== undefined;
  }

  /** A packet that a mobile node sent on an access link. */
  fromAccess(interfaceName: string, source: MacAddress, packet: Uint8Array): Departure[] {
    const header = readIpHeader(packet);
    if (!header) return this.#drop('malformed');
    const entry = this.#access(header.source);
    if (entry && (entry.interface !== interfaceName || !entry.mac.equals(source))) return this.#drop('spoofed-source');
    if (!entry && this.#isTunnelEnd(header.source)) return this.#drop('spoofed-source');
    if (this.#isLocal(header.destination)) return this.#drop('for-tunnel-end');
    if (isMulticast(header.destination)) return this.#drop('multicast');
    if (header.hopLimit <= 1) return this.#drop('hop-limit');
    return this.#intoTunnel(withHopTaken(packet), header, entry, 'up');
  }

  /** A packet from the transport network, addressed to this node. */
  fromTransport(packet: Uint8Array): Departure[] {
    const tunnel = decapsulate(packet);
    if (tunnel === 'malformed') return this.#drop('malformed');
    if (!tunnel) return this.#icmp(packet);
    if (!this.#isLocal(tunnel.destination)) return [];
    const header = readIpHeader(tunnel.inner);
    if (!header || header.version !== tunnel.version) return this.#drop('malformed');
    const anchor = this.#anchor(header.source);
    const access = this.#access(header.destination);
    const wrong = (entry: AnchorEntry | AccessEntry) =>
      tunnelMismatch(tunnel, this.#tables.path(entry.path), entry.keys?.receive);
    const owner = [anchor, access].find((entry) => entry && !wrong(entry));
    if (!owner) {
      const nearest = anchor ?? access;
      if (nearest) return this.#drop(wrong(nearest) as TunnelMismatch);
      return this.#drop(this.#isPeer(tunnel.source) ? 'tunnel-no-binding' : 'tunnel-unknown-peer');
    }
    if (!this.#permits(owner, tunnel.inner, header)) return this.#drop('denied');
    const inner = withOuterEcn(tunnel.inner, header, tunnel.trafficClass & ECN_MASK);
    this.#tables.count(owner.counters, owner === anchor ? 'up' : 'down', tunnel.inner.length);
    if (!inner) return this.#drop('tunnel-congested');
    const mtu = this.#mtuOf(this.#tables.path(owner.path) as Path);
    return this.#route(clampMss(inner, header, this.#mssOf(header, owner, mtu)), header);
  }

  /** A packet from anywhere else. */
  fromCore(packet: Uint8Array): Departure[] {
    const header = readIpHeader(packet);
    return header ? this.#route(packet, header) : this.#drop('malformed');
  }

  #route(packet: Uint8Array, header: IpHeader): Departure[] {
    return header.hopLimit <= 1 ? this.#drop('hop-limit') : this.#onward(withHopTaken(packet), header);
  }

  #onward(forwarded: Uint8Array, header: IpHeader): Departure[] {
    const route = this.#tables.get(routeKey(targetOf(header.destination)));
    if (route?.kind === 'route') {
      const entry = this.#access(header.destination);
      return entry
        ? [{ kind: 'access', interface: route.interface, mac: entry.mac, packet: forwarded }]
        : this.#drop('no-binding');
    }
    if (!this.#isPooled(header.destination)) return [{ kind: 'core', packet: forwarded }];
    return this.#intoTunnel(forwarded, header, this.#anchor(header.destination), 'down');
  }

  #intoTunnel(
    packet: Uint8Array,
    header: IpHeader,
    entry: AnchorEntry | AccessEntry | undefined,
    direction: 'up' | 'down',
  ): Departure[] {
    const path = entry && this.#tables.path(entry.path);
    if (!entry || !path) {
      this.#drop('no-binding');
      return direction === 'down' ? this.#report(icmpErrorFor(packet, { kind: 'unreachable' })) : [];
    }
    if (!this.#permits(entry, packet, header)) return this.#drop('denied');
    const neighbour = this.#neighbourOf(entry, header);
    if (entry.kind === 'access-entry' && neighbour) return this.#toNeighbour(packet, header, entry, neighbour);
    const mtu = this.#mtuOf(path);
    if (packet.length > mtu) return this.#tooBig(packet, header, { entry, path, direction, mtu });
    return this.#permitted(packet, header, { entry, path, direction, mtu });
  }

  /** The other mobile node of this gateway that a packet goes to without the LMA. */
  #neighbourOf(entry: AnchorEntry | AccessEntry, { destination }: IpHeader): AccessEntry | undefined {
    const other = this.#access(destination);
    if (entry.kind === 'anchor-entry' || !other) return undefined;
    return routesLocally(this.#localRouting(entry), this.#localRouting(other)) ? other : undefined;
  }

  #localRouting(entry: AccessEntry): LocalRoutingPolicy {
    const link = this.#started().node.accessInterfaces.find(({ name }) => name === entry.interface);
    return { own: entry.localRouting, gateway: link?.localRouting === true };
  }

  #toNeighbour(packet: Uint8Array, header: IpHeader, from: AccessEntry, to: AccessEntry): Departure[] {
    const mtu = deviceMtu(this.#started().node);
    if (packet.length > mtu) {
      const fate = oversize(packet, mtu);
      if (fate.kind === 'fragments')
        return fate.packets.flatMap((fragment) => this.#toNeighbour(fragment, header, from, to));
      this.#drop('too-big');
      return fate.kind === 'refused' ? this.#report(icmpErrorFor(packet, fate.fault)) : [];
    }
    this.#tables.count(from.counters, 'up', packet.length);
    this.#tables.count(to.counters, 'down', packet.length);
    const limits = [from, to].map((entry) =>
      this.#mssOf(header, entry, this.#mtuOf(this.#tables.path(entry.path) as Path)),
    );
    return this.#onward(clampMss(packet, header, Math.min(...limits)), header);
  }

  #permitted(packet: Uint8Array, header: IpHeader, { entry, path, direction, mtu }: Way): Departure[] {
    this.#tables.count(entry.counters, direction, packet.length);
    const clamped = clampMss(packet, header, this.#mssOf(header, entry, mtu));
    return this.#intoTransport(encapsulate(clamped, header, path, entry.keys), path);
  }

  #permits(entry: AnchorEntry | AccessEntry, packet: Uint8Array, header: IpHeader): boolean {
    const kind = entry.kind === 'anchor-entry' ? 'anchor' : 'access';
    const filter = this.#started().node.tunnelFilters?.[kind];
    if (!filter) return true;
    const { permitted, rule } = judge(filter, packet, header);
    if (rule !== undefined) this.#filterHits[kind][rule] = (this.#filterHits[kind][rule] ?? 0) + 1;
    return permitted;
  }

  #tooBig(packet: Uint8Array, header: IpHeader, { entry, path, direction, mtu }: Way): Departure[] {
    const fate = oversize(packet, mtu);
    if (fate.kind === 'refused') {
      this.#drop('too-big');
      return this.#report(icmpErrorFor(packet, fate.fault));
    }
    if (fate.kind === 'fragments')
      return fate.packets.flatMap((fragment) => this.#permitted(fragment, header, { entry, path, direction, mtu }));
    this.#tables.count(entry.counters, direction, packet.length);
    const outer = encapsulate(packet, header, path, entry.keys);
    return fragmentTunnelPacket(outer, this.#mtus.to(path.remote, TRANSPORT_MTU), ++this.#identification).flatMap(
      (fragment) => this.#intoTransport(fragment, path),
    );
  }

  #intoTransport(outer: Uint8Array, path: Path): Departure[] {
    return this.#isLocal(path.remote) ? this.fromTransport(outer) : [{ kind: 'transport', packet: outer }];
  }

  #mssOf({ version }: IpHeader, entry: AnchorEntry | AccessEntry, mtu: number): number {
    const { tcpMss, accessInterfaces } = this.#started().node;
    const link = entry.kind === 'access-entry' ? entry.interface : undefined;
    return leastMss(version, mtu, tcpMss, accessInterfaces.find(({ name }) => name === link)?.tcpMss);
  }

  /** Of the mobile nodes' packets. */
  #mtuOf(path: Path): number {
    return innerMtu(path, this.#started().node.tunnelMtu, this.#mtus.to(path.remote, TRANSPORT_MTU));
  }

  /** What routers of the transport network say is taken to heart, and told to whom it concerns. */
  #icmp(packet: Uint8Array): Departure[] {
    const header = readIpHeader(packet);
    const icmp = header && this.#isLocal(header.destination) ? icmpIn(packet) : undefined;
    const error = icmp && readTunnelError(icmp.version, icmp.message);
    const paths = [...this.#started().forwarding.paths()].map(({ path }) => path);
    if (!error || !paths.some((path) => isOfPath(path, error))) return [];
    if (error.fault.kind === 'too-big' && this.#mtus.learn(error.remote, error.fault.mtu, NO_TIME)) {
      this.#mtuNews.note(error.remote, this.#mtus.to(error.remote, TRANSPORT_MTU));
    }
    const inner = error.inner && readIpHeader(error.inner);
    if (!error.inner || !inner) return [];
    const candidates = [this.#anchor(inner.destination), this.#access(inner.source)];
    for (const entry of candidates) {
      const path = entry && this.#tables.path(entry.path);
      if (!path || !isOfPath(path, error) || error.key !== entry.keys?.send) continue;
      const fault = relayedFault(error, error.inner, this.#mtuOf(path));
      return fault ? this.#report(icmpErrorFor(error.inner, fault)) : [];
    }
    return [];
  }

  /** From an address of this node. */
  #report(error: IcmpError | undefined): Departure[] {
    if (!error) return [];
    const packet = icmpErrorPacket(error, this.#started().node);
    return this.#onward(packet, readIpHeader(packet) as IpHeader);
  }

  #anchor(address: Ipv4Address | Ipv6Address): AnchorEntry | undefined {
    return this.#tables.get(anchorKey(0, targetOf(address))) as AnchorEntry | undefined;
  }

  #access(address: Ipv4Address | Ipv6Address): AccessEntry | undefined {
    return this.#tables.get(accessKey(0, targetOf(address))) as AccessEntry | undefined;
  }

  #isPooled(address: Ipv4Address | Ipv6Address): boolean {
    const { pools } = this.#started().node;
    return address instanceof Ipv4Address
      ? pools.ipv4.some((pool) => pool.contains(address))
      : pools.ipv6.some((pool) => pool.contains(address));
  }

  #isLocal(address: IpAddress): boolean {
    return this.#started().node.localAddresses.some((local) => sameAddress(local, address));
  }

  #isTunnelEnd(address: IpAddress): boolean {
    return this.#isLocal(address) || this.#isPeer(address);
  }

  #isPeer(address: IpAddress): boolean {
    for (const { path } of this.#started().forwarding.paths()) if (sameAddress(path.remote, address)) return true;
    return false;
  }

  #drop(reason: DropReason): Departure[] {
    this.#drops[reason]++;
    return [];
  }

  #started(): { node: NodeForwarding; forwarding: ForwardingTable } {
    if (!this.#node || !this.#forwarding) throw new DataPlaneError('system', 'the data plane is not started');
    return { node: this.#node, forwarding: this.#forwarding };
  }
}

/** What the kernel is for another data plane: it outlives the process. */
export class MemoryTables implements Tables {
  /** By key. */
  readonly #parts = new Map<string, Part>();
  readonly #paths = new Map<number, Path>();
  readonly #counters = new Map<number, { -readonly [K in keyof BindingCounters]: number }>();
  counterSlots = 0;

  get size(): number {
    return this.#parts.size;
  }

  get(key: string): Part | undefined {
    return this.#parts.get(key);
  }

  find(part: Part): Part | undefined {
    return this.#parts.get(part.key);
  }

  parts(): Part[] {
    const parts = [...this.#parts.values()];
    return [...parts.filter(({ kind }) => kind === 'path'), ...parts.filter(({ kind }) => kind !== 'path')];
  }

  execute(changes: readonly TableChange[]): Execution {
    for (const { before, after } of changes) {
      if (after) this.#parts.set(after.key, after);
      else if (before) this.#parts.delete(before.key);
      if (after?.kind === 'path') this.#paths.set(after.index, after.path);
      else if (before?.kind === 'path') this.#paths.delete(before.index);
    }
    return { done: changes };
  }

  /** Their frames tell the next process that they are there. */
  forgetStations(): void {
    for (const part of this.#parts.values()) if (part.kind === 'station') this.#parts.delete(part.key);
  }

  clear(): void {
    this.#parts.clear();
    this.#paths.clear();
    this.#counters.clear();
  }

  path(index: number): Path | undefined {
    return this.#paths.get(index);
  }

  resetCounters(index: number): void {
    this.#counters.set(index, { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 });
  }

  counters(index: number): BindingCounters {
    return this.#counters.get(index) as BindingCounters;
  }

  count(index: number, direction: 'up' | 'down', octets: number): void {
    const counters = this.#counters.get(index);
    if (!counters) return;
    counters[`${direction}Packets`]++;
    counters[`${direction}Octets`] += octets;
  }
}

function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
}

function sameFilter(a: PacketFilter | undefined, b: PacketFilter | undefined): boolean {
  return JSON.stringify(a?.rules) === JSON.stringify(b?.rules);
}
