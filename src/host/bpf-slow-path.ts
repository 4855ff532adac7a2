import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Forwarding, NodeForwarding } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import { decapsulate, unwrap, unwrapDatagram } from '#dataplane/encapsulation.ts';
import type { ForwardingTable } from '#dataplane/forwarding-table.ts';
import { heldPacketToForward } from '#dataplane/held-packet.ts';
import { icmpErrorFor } from '#dataplane/icmp-error.ts';
import { ECN_MASK, isMulticast, readIpHeader, targetOf, withOuterEcn } from '#dataplane/ip-packet.ts';
import { isKeepalive } from '#dataplane/keepalive.ts';
import { routesLocally } from '#dataplane/local-routing.ts';
import { judge } from '#dataplane/packet-filter.ts';
import { clampMss, leastMss } from '#dataplane/tcp-mss.ts';
import { type TunnelHeaders, tunnelMismatch } from '#dataplane/tunnel-form.ts';
import { GRE_PROTOCOL } from '#wire/gre.ts';
import { TUNNEL_UDP_PORT } from '#wire/tlv-header.ts';
import { UDP_PROTOCOL } from '#wire/udp.ts';
import { countFilterHit } from './bpf-filters.ts';
import type { HeldBinding, PmipMaps } from './bpf-maps.ts';
import type { BpfTables } from './bpf-tables.ts';
import { attachClassicFilter, TUNNEL_PACKETS_AT_SIGNALLING_PORT } from './classic-filter.ts';
import { monotonicMilliseconds } from './clock.ts';
import { IcmpSender } from './icmp-sender.ts';
import { OversizePackets, type OversizeWay } from './oversize-packets.ts';
import { ETHERNET_HEADER, type FrameArrival, isFittingSegment, readArrival, writeTakenIn } from './pmip-frame.ts';
import type { PmipSender } from './pmip-sender.ts';
import {
  AF_INET,
  AF_INET6,
  alloc,
  bind,
  check,
  close,
  IPPROTO_IPV6,
  MSG_DONTWAIT,
  read,
  readSockaddrIn,
  readSockaddrIn6,
  recvfrom,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_IN6_LENGTH,
  sockaddrIn,
  sockaddrIn6,
  socket,
  write,
} from './posix.ts';
import { TransportErrors } from './transport-errors.ts';
import { TunnelPacketSender } from './tunnel-packet-sender.ts';

const IPPROTO_IPIP = 4;
const LONGEST_PACKET = 65535;
/** Packets of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;
/** Packets a second; what is beyond is dropped. */
const RATE = 5000;

interface TunnelSocket {
  readonly fd: number;
  readonly local: IpAddress;
  /** Of a raw socket; `udp` of one that is bound to a tunnel's port. */
  readonly protocol: number | 'udp';
}

export interface SlowPathParts {
  readonly tap: number;
  readonly maps: PmipMaps;
  readonly forwarding: ForwardingTable;
  readonly tables: BpfTables;
  readonly sender: PmipSender;
}

/**
 * What the programs leave to the daemon: tunnel packets that came in fragments or through an interface without programs, large segments
 * that must be cut before they are encapsulated, packets longer than their tunnel carries, and whatever the stack lets fall into the pmip
 * device; and what routers of the transport network say of tunnel packets. Its sockets must also be open so that the stack does not answer
 * tunnel packets with ICMP errors.
 */
export class SlowPath {
  /** What was dropped here. */
  readonly drops: Partial<Record<DropReason, number>> = {};
  /** On the tunnels. */
  filters: NonNullable<NodeForwarding['tunnelFilters']> = {};
  readonly #parts: SlowPathParts;
  readonly #sockets = new Map<number, TunnelSocket>();
  readonly #frame = alloc(ETHERNET_HEADER + LONGEST_PACKET).buffer;
  readonly #received = alloc(LONGEST_PACKET).buffer;
  readonly #sender = alloc(SOCKADDR_IN6_LENGTH).buffer;
  readonly #senderLength = alloc(4).buffer;
  readonly #icmp: IcmpSender;
  readonly #tunnels: TunnelPacketSender;
  readonly #errors: TransportErrors;
  readonly #oversize: OversizePackets;
  #allowance = RATE;
  #refilled = monotonicMilliseconds();

  constructor(parts: SlowPathParts) {
    this.#parts = parts;
    this.#icmp = new IcmpSender();
    this.#tunnels = new TunnelPacketSender();
    this.#errors = new TransportErrors({ ...parts, icmp: this.#icmp });
    this.#oversize = new OversizePackets({ ...parts, icmp: this.#icmp, tunnels: this.#tunnels });
  }

  /** Hears what is sent to these addresses, and to no others. Throws `SystemCallError`. */
  listenAt(addresses: readonly IpAddress[]): void {
    for (const [fd, { local }] of this.#sockets) {
      if (addresses.some((address) => sameAddress(address, local))) continue;
      close(fd);
      this.#sockets.delete(fd);
    }
    const heard = Array.from(this.#sockets.values(), ({ local }) => local);
    for (const local of addresses) {
      if (heard.some((address) => sameAddress(address, local))) continue;
      for (const protocol of [IPPROTO_IPV6, IPPROTO_IPIP, GRE_PROTOCOL]) this.#openRaw(local, protocol);
      if (local instanceof Ipv4Address) this.#openUdp(local);
      if (local instanceof Ipv4Address)
        attachClassicFilter(this.#openRaw(local, UDP_PROTOCOL), TUNNEL_PACKETS_AT_SIGNALLING_PORT);
    }
  }

  fds(): number[] {
    return [this.#parts.tap, ...this.#errors.fds, ...this.#sockets.keys()];
  }

  /** A packet of a customer's mobile node that waited in the daemon, as it came in; its source was checked. */
  forwardHeld(packet: Uint8Array, customer: number): void {
    const { tables, sender } = this.#parts;
    const forwarded = heldPacketToForward(packet);
    if (!forwarded) {
      this.#drop('hop-limit');
      return;
    }
    const arrival = { device: 0, customer };
    const way = this.#wayOf(forwarded, arrival);
    if (!way || forwarded.length <= tables.mtuOf(way.binding.path)) sender.send(forwarded, arrival);
    else this.#tooLong(forwarded, way, (fitting) => sender.send(fitting, arrival));
  }

  /** Takes some of what waits at a descriptor. */
  handle(fd: number): void {
    const tunnel = this.#sockets.get(fd);
    const isTap = fd === this.#parts.tap;
    for (let i = 0; i < BATCH; i++) {
      const more = tunnel
        ? this.#fromTunnel(tunnel)
        : isTap
          ? this.#fromTap()
          : this.#errors.handle(fd, () => this.#withinRate());
      if (!more) return;
    }
  }

  close(): void {
    for (const fd of this.#sockets.keys()) close(fd);
    this.#sockets.clear();
    this.#icmp.close();
    this.#tunnels.close();
    this.#errors.close();
  }

  #openRaw(local: IpAddress, protocol: number): number {
    return this.#open(SOCK_RAW, local, protocol, 0, protocol);
  }

  /** Signalling has a socket of its own at its port; what is no message there is heard by a raw one. */
  #openUdp(local: Ipv4Address): void {
    this.#open(SOCK_DGRAM, local, 0, TUNNEL_UDP_PORT, 'udp');
  }

  #open(type: number, local: IpAddress, number: number, port: number, protocol: TunnelSocket['protocol']): number {
    const isIpv4 = local instanceof Ipv4Address;
    const fd = check('socket', socket(isIpv4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, number));
    this.#sockets.set(fd, { fd, local, protocol });
    const address = isIpv4 ? sockaddrIn(local, port) : sockaddrIn6(local, port);
    check(`bind ${local}`, bind(fd, address, address.length));
    return fd;
  }

  #fromTap(): boolean {
    const length = read(this.#parts.tap, this.#frame, this.#frame.length);
    if (length <= 0) return false;
    const arrival = readArrival(this.#frame);
    if (isFittingSegment(this.#frame)) this.#parts.sender.resend(this.#frame, length);
    else if (arrival) this.#handedOver(length, arrival);
    else this.#drop('slow-path-unexpected');
    return true;
  }

  /** A segment, which the programs can encapsulate now; or what is too long for the tunnel. */
  #handedOver(length: number, arrival: FrameArrival): void {
    const { tables, sender } = this.#parts;
    const packet = this.#frame.subarray(ETHERNET_HEADER, length);
    const way = this.#wayOf(packet, arrival);
    if (this.#isForNobody(packet, arrival)) {
      this.#drop('no-binding');
      const error = icmpErrorFor(packet, { kind: 'unreachable' });
      if (error && !this.#icmp.send(error, arrival.customer)) this.#drop('icmp-limit');
      return;
    }
    const tooLong = () => way !== undefined && packet.length > tables.mtuOf(way.binding.path);
    if (!way || !tooLong() || (tables.retryMtu(way.binding.path) && !tooLong())) {
      sender.resend(this.#frame, length);
      return;
    }
    this.#tooLong(packet, way, (fitting) => sender.send(fitting, arrival));
  }

  /** An address of a pool that no mobile node has. */
  #isForNobody(packet: Uint8Array, { device, customer }: FrameArrival): boolean {
    const { maps } = this.#parts;
    const header = readIpHeader(packet);
    if (!header || maps.isAccess(device)) return false;
    return !maps.binding('anchor', customer, targetOf(header.destination));
  }

  /** What fits in the end, the programs judge again. */
  #tooLong(packet: Uint8Array, way: OversizeWay, resend: (packet: Uint8Array) => void): void {
    if (!this.#permits(way.direction === 'up' ? 'access' : 'anchor', packet)) {
      this.#drop('denied');
      return;
    }
    for (const reason of this.#oversize.handle(packet, way, resend)) this.#drop(reason);
  }

  /**
   * As the programs choose it for a packet that leaves through the pmip device. `undefined` when it goes through no tunnel.
   */
  #wayOf(packet: Uint8Array, { device, customer }: FrameArrival): OversizeWay | undefined {
    const header = readIpHeader(packet);
    if (!header) return undefined;
    const { maps, forwarding } = this.#parts;
    const isUp = maps.isAccess(device);
    const anchor = isUp ? undefined : maps.binding('anchor', customer, targetOf(header.destination));
    const isHeld = !anchor && device === 0;
    const binding = isUp || isHeld ? maps.binding('access', customer, targetOf(header.source)) : anchor;
    const neighbour = binding && !anchor && maps.binding('access', customer, targetOf(header.destination));
    if (neighbour && routesLocally(maps.localRoutingOf(binding), maps.localRoutingOf(neighbour))) return undefined;
    const path = binding && forwarding.pathAt(binding.path);
    return binding && path && { customer, binding, path, direction: anchor ? 'down' : 'up' };
  }

  #fromTunnel(tunnel: TunnelSocket): boolean {
    this.#senderLength.writeUInt32LE(SOCKADDR_IN6_LENGTH);
    const length = recvfrom(tunnel.fd, this.#received, LONGEST_PACKET, MSG_DONTWAIT, this.#sender, this.#senderLength);
    if (length < 0) return false;
    const reason = this.#withinRate() ? this.#takeIn(this.#unwrap(tunnel, length)) : 'slow-path-limit';
    if (reason) this.#drop(reason);
    return true;
  }

  /** A raw IPv4 socket gives the outer header too; where it does not, congestion in the tunnel is not seen. */
  #unwrap({ local, protocol }: TunnelSocket, length: number): ReturnType<typeof decapsulate> {
    const packet = this.#received.subarray(0, length);
    if (protocol === 'udp') {
      const { address: source, port: sourcePort } = readSockaddrIn(this.#sender, 0);
      const ports = { sourcePort, destinationPort: TUNNEL_UDP_PORT };
      return unwrapDatagram(packet, { source, destination: local, trafficClass: 0, ...ports });
    }
    if (local instanceof Ipv4Address) return decapsulate(packet);
    const source = readSockaddrIn6(this.#sender, 0).address;
    return unwrap(protocol, packet, { source, destination: local, trafficClass: 0 });
  }

  /** The checks of the programs, but that no port is followed; the packet then comes in through the pmip device. */
  #takeIn(tunnel: ReturnType<typeof decapsulate>): DropReason | undefined {
    if (!tunnel || tunnel === 'malformed') return 'malformed';
    const header = readIpHeader(tunnel.inner);
    if (!header || header.version !== tunnel.version) return 'malformed';
    const { maps, tap } = this.#parts;
    const { source: remote, destination: local, key: receiveKey } = tunnel;
    const customer = maps.customerOfTunnel({ local, remote, receiveKey });
    const anchor = maps.binding('anchor', customer, targetOf(header.source));
    const access = maps.binding('access', customer, targetOf(header.destination));
    const wrong = [anchor, access].map((binding) => binding && this.#mismatch(binding, tunnel));
    const direction = anchor && !wrong[0] ? 'up' : 'down';
    if (isMulticast(header.destination) && (direction === 'up' || (!anchor && maps.isPeer(remote)))) return 'multicast';
    const owner = direction === 'up' ? anchor : !wrong[1] && access;
    if (!owner)
      return wrong[0] ?? wrong[1] ?? (maps.isPeer(tunnel.source) ? 'tunnel-no-binding' : 'tunnel-unknown-peer');
    if (isKeepalive(tunnel.inner, header)) return 'keepalive';
    if (!this.#permits(direction === 'up' ? 'anchor' : 'access', tunnel.inner)) return 'denied';
    const inner = withOuterEcn(tunnel.inner, header, tunnel.trafficClass & ECN_MASK);
    if (!inner) return 'tunnel-congested';
    const { tables } = this.#parts;
    const mss = leastMss(header.version, tables.mtuOf(owner.path), tables.mssOf(owner.path), maps.mssOf(owner.device));
    writeTakenIn(this.#frame, customer, tunnel.version);
    this.#frame.set(clampMss(inner, header, mss), ETHERNET_HEADER);
    if (write(tap, this.#frame, ETHERNET_HEADER + inner.length) < 0) return 'decapsulation-failed';
    maps.count(owner, direction === 'up' ? 'anchor' : 'access', direction, inner.length);
    return undefined;
  }

  /** By the access list of the tunnels of a kind. */
  #permits(kind: Forwarding['kind'], packet: Uint8Array): boolean {
    const filter = this.filters[kind];
    const header = readIpHeader(packet);
    if (!filter || !header) return true;
    const { permitted, rule } = judge(filter, packet, header);
    if (rule !== undefined) countFilterHit(this.#parts.maps, kind, rule);
    return permitted;
  }

  #mismatch(binding: HeldBinding, tunnel: TunnelHeaders): DropReason | undefined {
    const receiveKey = tunnel.key === undefined ? undefined : binding.receiveKey;
    const mismatch = tunnelMismatch(tunnel, this.#parts.forwarding.pathAt(binding.path), receiveKey);
    return mismatch === 'tunnel-moved-port' ? 'tunnel-wrong-port' : mismatch;
  }

  /** A bucket that holds one second's worth. */
  #withinRate(): boolean {
    if (this.#allowance < 1) {
      const now = monotonicMilliseconds();
      this.#allowance = Math.min(RATE, this.#allowance + ((now - this.#refilled) * RATE) / 1000);
      this.#refilled = now;
    }
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }

  #drop(reason: DropReason): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }
}
