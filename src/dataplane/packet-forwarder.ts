import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Instant } from '#base/time.ts';
import { copiedClass } from './congestion.ts';
import { customerOf } from './customer.ts';
import type { TunnelCounters } from './dataplane.ts';
import type { AccessInterface, Forwarding, NodeForwarding, Path } from './desired.ts';
import { DROP_REASONS, type DropReason } from './drop-reason.ts';
import { decapsulate, encapsulate, type TunnelPacket } from './encapsulation.ts';
import type { ForwardingTable } from './forwarding-table.ts';
import { fragmentTunnelPacket } from './fragment.ts';
import { arpSender, homeSubnetReply } from './home-subnet-arp.ts';
import { type IcmpError, icmpErrorFor } from './icmp-error.ts';
import {
  ECN_MASK,
  type IpHeader,
  isMulticast,
  isNobodys,
  readIpHeader,
  targetOf,
  withHopTaken,
  withOuterEcn,
} from './ip-packet.ts';
import { isKeepalive } from './keepalive.ts';
import { deviceMtu, type LocalRoutingPolicy, routesLocally } from './local-routing.ts';
import type { MemoryTables } from './memory-tables.ts';
import { oversize, oversizeOnLink, relayedFault } from './oversize.ts';
import {
  type AccessEntry,
  type AnchorEntry,
  accessKey,
  anchorKey,
  routeKey,
  routerAddressKey,
  type Target,
  tunnelOwnerKey,
} from './part.ts';
import { innerMtu, type PathMtu, PathMtuNews, PathMtus } from './path-mtu.ts';
import { receiverOf } from './receiver.ts';
import { clampMss, leastMss } from './tcp-mss.ts';
import { isOfPath, type TunnelError } from './tunnel-error.ts';
import { TunnelFilters } from './tunnel-filters.ts';
import { type TunnelMismatch, tunnelMismatch } from './tunnel-form.ts';

/** Where a packet leaves the node. */
export type Departure =
  /** To a mobile node. `interface` is the IOS name. */
  | { readonly kind: 'access'; readonly interface: string; readonly mac: MacAddress; readonly packet: Uint8Array }
  /** Through a tunnel. */
  | { readonly kind: 'transport'; readonly remote: IpAddress; readonly packet: Uint8Array }
  /** To anywhere else. */
  | { readonly kind: 'core'; readonly customer: number; readonly packet: Uint8Array };

/** What the node itself has to say, which leaves it as any packet of its own does. */
export interface Report {
  readonly kind: 'report';
  /** Whose packet it is about. */
  readonly customer: number;
  readonly error: IcmpError;
}

/** Of a packet that is to go into a tunnel. */
interface Sender {
  readonly customer: number;
  readonly entry: AnchorEntry | AccessEntry | undefined;
  readonly direction: 'up' | 'down';
}

/** The way of a packet into a tunnel. */
interface Way {
  readonly entry: AnchorEntry | AccessEntry;
  readonly path: Path;
  readonly direction: 'up' | 'down';
  readonly mtu: number;
}

export interface PacketForwarderParts {
  readonly node: NodeForwarding;
  readonly tables: MemoryTables;
  readonly forwarding: ForwardingTable;
  /** Whether what comes from the core and goes there passes no other router of this node, which would take a hop; that of a customer never does. */
  readonly isRouter: boolean;
  /** Of the link that tunnel packets of a path leave through, in octets. */
  readonly linkMtu: (path: Path) => number;
  /** Of an access link, by the IOS name of its interface, in octets. */
  readonly accessMtu: (interfaceName: string) => number;
  readonly now: () => Instant;
}

/**
 * Decides on packets in the process itself, by tables in its memory: the same bindings, checks, counters and drops as those of the programs in the
 * kernel. Packets are IP packets and are not changed.
 *
 * RFC 5213 §5.6.1 "Bi-Directional Tunnel Management": "The bi-directional tunnel MUST be used for routing the mobile node's data traffic". RFC 5213 §5.6.2(2) "Forwarding Considerations": what is for a home network prefix "MUST
 * forward ... through the bi-directional tunnel", and so RFC 5844 §3.1.3(2) "Routing Considerations for the Local Mobility Anchor", §4.1.4.1(1) "Forwarding Considerations"; RFC 5213 §5.6.2(5): what comes out of one "MUST be routed to the destination
 * specified in the inner packet header", and so RFC 5844 §3.1.3(4), §4.1.4.1(3). RFC 5845 §5.2(7) "Operational Summary": the key is "an additional identifier to determine to which mobility session this
 * packet belongs."
 */
export class PacketForwarder {
  readonly #parts: PacketForwarderParts;
  readonly #tables: MemoryTables;
  #node: NodeForwarding;
  readonly #drops = noDrops();
  readonly #filters: TunnelFilters;
  readonly #mtus = new PathMtus();
  readonly #mtuNews = new PathMtuNews();
  #identification = 0;

  constructor(parts: PacketForwarderParts) {
    this.#parts = parts;
    this.#tables = parts.tables;
    this.#node = parts.node;
    this.#filters = new TunnelFilters(parts.node.tunnelFilters);
  }

  /** Goes over to another node; what was learnt and counted stays. */
  set node(node: NodeForwarding) {
    this.#filters.change(node.tunnelFilters);
    this.#node = node;
  }

  tunnelCounters(): readonly TunnelCounters[] {
    return [...this.#parts.forwarding.paths()].flatMap(({ index, path, customer }) =>
      (['anchor', 'access'] as const).map((kind) => ({
        kind,
        customer,
        path,
        ...this.#tables.pathCounters(kind, index),
      })),
    );
  }

  takePathMtus(): readonly PathMtu[] {
    return this.#mtuNews.take();
  }

  filterHits(kind: Forwarding['kind']): readonly number[] {
    return this.#filters.hits(kind);
  }

  get drops(): Readonly<Record<DropReason, number>> {
    return this.#drops;
  }

  /** Counts a packet that goes no further. */
  drop(reason: DropReason): [] {
    this.#drops[reason]++;
    return [];
  }

  /** A packet that a mobile node sent on an access link. */
  fromAccess(interfaceName: string, source: MacAddress, packet: Uint8Array): (Departure | Report)[] {
    const header = readIpHeader(packet);
    if (!header) return this.drop('malformed');
    const link = this.#link(interfaceName);
    const customer = link?.customer ?? 0;
    if (link?.mac.equals(source)) return this.drop('spoofed-gateway');
    if (isNobodys(header.source)) return this.drop('invalid-source');
    const entry = this.#access(customer, header.source);
    if (entry && !isOfStation(entry, interfaceName, source)) return this.drop('spoofed-source');
    if (!entry && this.#isTunnelEnd(header.source)) return this.drop('spoofed-source');
    if (link && !entry && this.#isGateway(link, header.source)) return this.drop('spoofed-gateway');
    if (this.#isLocal(header.destination)) return this.drop('for-tunnel-end');
    if (isMulticast(header.destination)) return this.drop('multicast');
    if (!entry) return this.drop('no-binding');
    if (this.#isNoRouterFor(header)) return [];
    if (header.hopLimit <= 1) return this.#expired(packet, customer);
    return this.#intoTunnel(withHopTaken(packet), header, { customer, entry, direction: 'up' });
  }

  /** What an ARP packet of an access link is answered with, to its sender alone; `undefined`: nothing. */
  arpFromAccess(interfaceName: string, source: MacAddress, packet: Uint8Array): Uint8Array | undefined {
    const link = this.#link(interfaceName);
    if (!link) return undefined;
    const sender = arpSender(packet);
    const entry = sender && this.#access(link.customer ?? 0, sender);
    const reason = this.#arpFault(link, source, sender, entry);
    if (reason) this.drop(reason);
    if (reason || !entry) return undefined;
    return homeSubnetReply(packet, entry, link.mac, (target) => this.#isGateway(link, target));
  }

  #arpFault(
    link: AccessInterface,
    source: MacAddress,
    sender: Ipv4Address | undefined,
    entry: AccessEntry | undefined,
  ): DropReason | undefined {
    if (link.mac.equals(source)) return 'spoofed-gateway';
    if (!sender) return 'malformed';
    if (entry && !isOfStation(entry, link.name, source)) return 'spoofed-source';
    return this.#isGateway(link, sender) ? 'spoofed-gateway' : undefined;
  }

  /** What came out of a tunnel, or what `decapsulate` says of a damaged one. */
  fromTunnel(tunnel: TunnelPacket | 'malformed'): (Departure | Report)[] {
    if (tunnel === 'malformed') return this.drop('malformed');
    if (!this.#isLocal(tunnel.destination)) return [];
    const header = readIpHeader(tunnel.inner);
    if (!header || header.version !== tunnel.version) return this.drop('malformed');
    const customer = this.#customerOf(tunnel);
    const anchor = this.#anchor(customer, header.source);
    const receiver = receiverOf(header, tunnel.key);
    const access = receiver && this.#accessOf(customer, receiver);
    const wrong = (entry: AnchorEntry | AccessEntry) => this.#mismatch(entry, tunnel);
    const isUp = anchor !== undefined && !wrong(anchor);
    const isForGroup = isMulticast(header.destination);
    if (isForGroup && (isUp || (!anchor && !access && this.isPeer(tunnel.source)))) return this.drop('multicast');
    const owner = isUp ? anchor : access && !wrong(access) ? access : undefined;
    if (!owner) {
      const nearest = anchor ?? access;
      if (nearest) return this.drop(wrong(nearest) as TunnelMismatch);
      return this.drop(this.isPeer(tunnel.source) ? 'tunnel-no-binding' : 'tunnel-unknown-peer');
    }
    if (isKeepalive(tunnel.inner, header)) return this.drop('keepalive');
    if (!this.#filters.permits(kindOf(owner), tunnel.inner, header)) return this.drop('denied');
    const inner = withOuterEcn(tunnel.inner, header, tunnel.trafficClass & ECN_MASK);
    if (!inner) return this.drop('tunnel-congested');
    this.#count(owner, owner === anchor ? 'up' : 'down', tunnel.inner.length);
    if (this.#isNoRouterFor(header)) return [];
    const mtu = this.mtuOf(this.#pathOf(owner) as Path);
    const clamped = clampMss(inner, header, this.#mssOf(header, owner, mtu));
    if (!isForGroup || owner.kind === 'anchor-entry') return this.#route(clamped, header, customer);
    return this.#toMobileNode(owner, withHopTaken(clamped));
  }

  #mismatch(entry: AnchorEntry | AccessEntry, tunnel: TunnelPacket): TunnelMismatch | undefined {
    const mismatch = tunnelMismatch(tunnel, this.#pathOf(entry), entry.keys?.receive);
    if (mismatch !== 'tunnel-moved-port') return mismatch;
    const follows = this.#tables.followPort(entry.path, tunnel.sourcePort, this.#parts.now());
    return follows ? undefined : 'tunnel-wrong-port';
  }

  /** A packet from anywhere else, where a customer's correspondent nodes are; of the node's own, unless this is its only router, one hop has been taken. */
  fromCore(packet: Uint8Array, customer = 0): (Departure | Report)[] {
    const header = readIpHeader(packet);
    if (!header) return this.drop('malformed');
    if (this.#anchor(customer, header.source)) return this.drop('spoofed-source');
    if (customer !== 0 && this.#isLocal(header.destination)) return this.drop('for-tunnel-end');
    if (this.#isNoRouterFor(header)) return [];
    const isRouter = this.#parts.isRouter || customer !== 0;
    return isRouter ? this.#route(packet, header, customer) : this.#onward(packet, header, customer);
  }

  /** Such packets are a router's to forward, and no loss of the tunnels: they are not counted. */
  #isNoRouterFor({ version }: IpHeader): boolean {
    return version === 6 && this.#node.routesIpv6 === false;
  }

  /** A packet of the node itself, to somebody of a customer. */
  fromNode(packet: Uint8Array, customer = 0): (Departure | Report)[] {
    return this.#onward(packet, readIpHeader(packet) as IpHeader, customer);
  }

  /** What routers of the transport network say is taken to heart, and told to whom it concerns. */
  fromTransportRouter(error: TunnelError): Report[] {
    const { forwarding } = this.#parts;
    const paths = [...forwarding.paths()].flatMap(({ index }) => forwarding.pathAt(index) ?? []);
    const concerned = paths.find((path) => isOfPath(path, error));
    if (!concerned) return [];
    if (error.fault.kind === 'too-big' && this.#mtus.learn(error.remote, error.fault.mtu, this.#parts.now()))
      this.noteMtu(concerned);
    const inner = error.inner && readIpHeader(error.inner);
    if (!error.inner || !inner) return [];
    const candidates = [...this.#parts.forwarding.customers].flatMap((customer) => [
      this.#anchor(customer, inner.destination),
      this.#access(customer, inner.source),
    ]);
    for (const entry of candidates) {
      const path = entry && this.#pathOf(entry);
      if (!path || !isOfPath(path, error) || error.key !== entry.keys?.send) continue;
      const fault = relayedFault(error, error.inner, this.mtuOf(path));
      return fault ? reportOf(icmpErrorFor(error.inner, fault), entry.customer) : [];
    }
    return [];
  }

  /** Whether one of its tunnels leads there. */
  isPeer(address: IpAddress): boolean {
    return this.#parts.forwarding.isPeer(address);
  }

  /** Has `takePathMtus` tell of a path that is new, or leaves through another link. */
  noteMtu(path: Path): void {
    this.#mtuNews.note(path.remote, this.#transportMtu(path));
  }

  /** No tunnel leads there any more. */
  forgetPeer(remote: IpAddress): void {
    this.#mtus.forget(remote);
    this.#mtuNews.forget(remote);
  }

  /** The longest packet of a mobile node that goes through a path in one piece. */
  mtuOf(path: Path): number {
    return innerMtu(path, this.#node.tunnelMtu, this.#transportMtu(path));
  }

  #transportMtu(path: Path): number {
    this.#mtus.expire(path.remote, this.#parts.now());
    return this.#mtus.to(path.remote, this.#parts.linkMtu(path));
  }

  #route(packet: Uint8Array, header: IpHeader, customer: number): (Departure | Report)[] {
    if (!this.#parts.isRouter && customer === 0 && this.#isForCore(customer, header))
      return [{ kind: 'core', customer, packet }];
    if (header.hopLimit <= 1) return this.#expired(packet, customer);
    return this.#onward(withHopTaken(packet), header, customer);
  }

  #expired(packet: Uint8Array, customer: number): Report[] {
    this.drop('hop-limit');
    return reportOf(icmpErrorFor(packet, { kind: 'expired' }), customer);
  }

  #isForCore(customer: number, { destination }: IpHeader): boolean {
    return !this.isPooled(customer, destination) && !this.#tables.get(routeKey(customer, targetOf(destination)));
  }

  #onward(forwarded: Uint8Array, header: IpHeader, customer: number): (Departure | Report)[] {
    const route = this.#tables.get(routeKey(customer, targetOf(header.destination)));
    if (route?.kind === 'route') {
      const entry = this.#access(customer, header.destination);
      return entry ? this.#toMobileNode({ ...entry, interface: route.interface }, forwarded) : this.drop('no-binding');
    }
    if (!this.isPooled(customer, header.destination)) return [{ kind: 'core', customer, packet: forwarded }];
    const entry = this.#anchor(customer, header.destination);
    return this.#intoTunnel(forwarded, header, { customer, entry, direction: 'down' });
  }

  /** As much as its access link carries. */
  #toMobileNode(
    { interface: link, mac, customer }: Pick<AccessEntry, 'interface' | 'mac' | 'customer'>,
    packet: Uint8Array,
  ): (Departure | Report)[] {
    const departs = (one: Uint8Array): Departure => ({ kind: 'access', interface: link, mac, packet: one });
    const mtu = this.#parts.accessMtu(link);
    if (packet.length <= mtu) return [departs(packet)];
    const fate = oversizeOnLink(packet, mtu);
    if (fate.kind === 'fragments') return fate.packets.map(departs);
    this.drop('too-big-for-link');
    return reportOf(icmpErrorFor(packet, fate.fault), customer);
  }

  #intoTunnel(packet: Uint8Array, header: IpHeader, { customer, entry, direction }: Sender): (Departure | Report)[] {
    const path = entry && this.#pathOf(entry);
    if (!entry || !path) {
      this.drop('no-binding');
      return direction === 'down' ? reportOf(icmpErrorFor(packet, { kind: 'unreachable' }), customer) : [];
    }
    if (direction === 'up' && isKeepalive(packet, header))
      return this.#intoTransport(this.#encapsulated(packet, header, path, entry), path);
    if (!this.#filters.permits(kindOf(entry), packet, header)) return this.drop('denied');
    const neighbour = this.#neighbourOf(entry, header);
    if (entry.kind === 'access-entry' && neighbour) return this.#toNeighbour(packet, header, entry, neighbour);
    const mtu = this.mtuOf(path);
    if (packet.length > mtu) return this.#tooBig(packet, header, { entry, path, direction, mtu });
    return this.#permitted(packet, header, { entry, path, direction, mtu });
  }

  /** The other mobile node of this gateway that a packet goes to without the LMA. */
  #neighbourOf(entry: AnchorEntry | AccessEntry, { destination }: IpHeader): AccessEntry | undefined {
    const other = this.#access(entry.customer, destination);
    if (entry.kind === 'anchor-entry' || !other) return undefined;
    return routesLocally(this.#localRouting(entry), this.#localRouting(other)) ? other : undefined;
  }

  #localRouting(entry: AccessEntry): LocalRoutingPolicy {
    const link = this.#link(entry.interface);
    return { own: entry.localRouting, gateway: link?.localRouting === true };
  }

  #toNeighbour(packet: Uint8Array, header: IpHeader, from: AccessEntry, to: AccessEntry): (Departure | Report)[] {
    const mtu = deviceMtu(this.#node);
    if (packet.length > mtu) {
      const fate = oversize(packet, mtu);
      if (fate.kind === 'fragments')
        return fate.packets.flatMap((fragment) => this.#toNeighbour(fragment, header, from, to));
      this.drop('too-big');
      return fate.kind === 'refused' ? reportOf(icmpErrorFor(packet, fate.fault), from.customer) : [];
    }
    this.#tables.count(from.counters, 'up', packet.length);
    this.#tables.count(to.counters, 'down', packet.length);
    const limits = [from, to].map((entry) => this.#mssOf(header, entry, this.mtuOf(this.#pathOf(entry) as Path)));
    return this.#onward(clampMss(packet, header, Math.min(...limits)), header, from.customer);
  }

  #permitted(packet: Uint8Array, header: IpHeader, { entry, path, direction, mtu }: Way): (Departure | Report)[] {
    this.#count(entry, direction, packet.length);
    const clamped = clampMss(packet, header, this.#mssOf(header, entry, mtu));
    return this.#intoTransport(this.#encapsulated(clamped, header, path, entry), path);
  }

  /** A packet that goes through its tunnel. */
  #count(entry: AnchorEntry | AccessEntry, direction: 'up' | 'down', octets: number): void {
    this.#tables.count(entry.counters, direction, octets);
    this.#tables.countPath(kindOf(entry), entry.path, direction, octets);
  }

  #tooBig(packet: Uint8Array, header: IpHeader, { entry, path, direction, mtu }: Way): (Departure | Report)[] {
    const fate = oversize(packet, mtu);
    if (fate.kind === 'refused') {
      this.drop('too-big');
      return reportOf(icmpErrorFor(packet, fate.fault), entry.customer);
    }
    if (fate.kind === 'fragments')
      return fate.packets.flatMap((fragment) => this.#permitted(fragment, header, { entry, path, direction, mtu }));
    this.#count(entry, direction, packet.length);
    const outer = this.#encapsulated(packet, header, path, entry);
    return fragmentTunnelPacket(outer, this.#transportMtu(path), ++this.#identification).flatMap((fragment) =>
      this.#intoTransport(fragment, path),
    );
  }

  #encapsulated(packet: Uint8Array, header: IpHeader, path: Path, { keys }: AnchorEntry | AccessEntry): Uint8Array {
    return encapsulate(packet, header, path, { keys, copiedClass: copiedClass(this.#node, path) });
  }

  #intoTransport(outer: Uint8Array, path: Path): (Departure | Report)[] {
    return this.#isLocal(path.remote)
      ? this.fromTunnel(decapsulate(outer) as TunnelPacket)
      : [{ kind: 'transport', remote: path.remote, packet: outer }];
  }

  #mssOf({ version }: IpHeader, entry: AnchorEntry | AccessEntry, mtu: number): number {
    const link = entry.kind === 'access-entry' ? this.#link(entry.interface) : undefined;
    return leastMss(version, mtu, this.#node.tcpMss, link?.tcpMss);
  }

  #pathOf({ path }: AnchorEntry | AccessEntry): Path | undefined {
    return this.#parts.forwarding.pathAt(path);
  }

  #anchor(customer: number, address: Ipv4Address | Ipv6Address): AnchorEntry | undefined {
    return this.#tables.get(anchorKey(customer, targetOf(address))) as AnchorEntry | undefined;
  }

  #access(customer: number, address: Ipv4Address | Ipv6Address): AccessEntry | undefined {
    return this.#accessOf(customer, targetOf(address));
  }

  #accessOf(customer: number, target: Target): AccessEntry | undefined {
    return this.#tables.get(accessKey(customer, target)) as AccessEntry | undefined;
  }

  /** Whose a tunnel packet is. */
  #customerOf({ source, destination, key }: TunnelPacket): number {
    const owner = this.#tables.get(tunnelOwnerKey(destination, source, key));
    return owner?.kind === 'tunnel-owner' ? owner.customer : 0;
  }

  #link(interfaceName: string): AccessInterface | undefined {
    return this.#node.accessInterfaces.find(({ name }) => name === interfaceName);
  }

  #isGateway({ name, linkLocal, addresses }: AccessInterface, address: Ipv4Address | Ipv6Address): boolean {
    if (addresses.some((prefix) => sameAddress(prefix.address, address))) return true;
    if (address instanceof Ipv6Address && address.equals(linkLocal)) return true;
    return this.#tables.get(routerAddressKey(name, address)) !== undefined;
  }

  /** Whether mobile nodes that are anchored here may have the address. */
  isPooled(customer: number, address: Ipv4Address | Ipv6Address): boolean {
    const { pools } = customerOf(this.#node, customer) ?? this.#node;
    return address instanceof Ipv4Address
      ? pools.ipv4.some((pool) => pool.contains(address))
      : pools.ipv6.some((pool) => pool.contains(address));
  }

  #isLocal(address: IpAddress): boolean {
    return this.#node.localAddresses.some((local) => sameAddress(local, address));
  }

  #isTunnelEnd(address: IpAddress): boolean {
    return this.#isLocal(address) || this.isPeer(address);
  }
}

function isOfStation(entry: AccessEntry, interfaceName: string, mac: MacAddress): boolean {
  return entry.interface === interfaceName && entry.mac.equals(mac);
}

function kindOf(entry: AnchorEntry | AccessEntry): Forwarding['kind'] {
  return entry.kind === 'anchor-entry' ? 'anchor' : 'access';
}

function reportOf(error: IcmpError | undefined, customer: number): Report[] {
  return error ? [{ kind: 'report', customer, error }] : [];
}

function noDrops(): Record<DropReason, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
}
