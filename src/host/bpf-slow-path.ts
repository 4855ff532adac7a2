import type { IpAddress } from '#base/ip-address.ts';
import type { Forwarding, NodeForwarding } from '#dataplane/desired.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import type { TunnelPacket } from '#dataplane/encapsulation.ts';
import type { ForwardingTable } from '#dataplane/forwarding-table.ts';
import { heldPacketToForward } from '#dataplane/held-packet.ts';
import { type IcmpError, icmpErrorFor } from '#dataplane/icmp-error.ts';
import { ECN_MASK, isMulticast, readIpHeader, targetOf, withOuterEcn } from '#dataplane/ip-packet.ts';
import { isKeepalive } from '#dataplane/keepalive.ts';
import { routesLocally } from '#dataplane/local-routing.ts';
import { judge } from '#dataplane/packet-filter.ts';
import { receiverOf } from '#dataplane/receiver.ts';
import { clampMss, leastMss } from '#dataplane/tcp-mss.ts';
import { type TunnelHeaders, tunnelMismatch } from '#dataplane/tunnel-form.ts';
import { countFilterHit } from './bpf-filters.ts';
import type { HeldBinding, PmipMaps } from './bpf-maps.ts';
import type { BpfTables } from './bpf-tables.ts';
import { monotonicMilliseconds } from './clock.ts';
import { IcmpSender } from './icmp-sender.ts';
import { OversizePackets, type OversizeWay } from './oversize-packets.ts';
import {
  ETHERNET_HEADER,
  type FrameArrival,
  type FrameMember,
  isFittingSegment,
  readArrival,
  readForMember,
  writeForMember,
  writeTakenIn,
} from './pmip-frame.ts';
import type { PmipSender } from './pmip-sender.ts';
import { alloc, read, write } from './posix.ts';
import { TransportErrors } from './transport-errors.ts';
import { TunnelPacketSender } from './tunnel-packet-sender.ts';
import { TunnelSockets } from './tunnel-sockets.ts';

const LONGEST_PACKET = 65535;
/** Packets of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;
/** Packets a second; what is beyond is dropped. */
const RATE = 5000;

export interface SlowPathParts {
  readonly tap: number;
  readonly maps: PmipMaps;
  readonly forwarding: ForwardingTable;
  readonly tables: BpfTables;
  readonly sender: PmipSender;
}

/**
 * What the programs leave to the daemon: tunnel packets that came in fragments or through an interface without programs, large segments
 * that must be cut before they are encapsulated and that they cannot cut, packets longer than their tunnel carries, and whatever the stack lets fall into the pmip
 * device; and what routers of the transport network say of tunnel packets. Its sockets must also be open so that the stack does not answer
 * tunnel packets with ICMP errors.
 */
export class SlowPath {
  /** What was dropped here. */
  readonly drops: Partial<Record<DropReason, number>> = {};
  /** On the tunnels. */
  filters: NonNullable<NodeForwarding['tunnelFilters']> = {};
  readonly #parts: SlowPathParts;
  readonly #sockets = new TunnelSockets();
  readonly #frame = alloc(ETHERNET_HEADER + LONGEST_PACKET).buffer;
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
    this.#sockets.listenAt(addresses);
  }

  fds(): number[] {
    return [this.#parts.tap, ...this.#errors.fds, ...this.#sockets.fds()];
  }

  /** A packet of a customer's mobile node that waited in the daemon, as it came in; its source was checked. */
  forwardHeld(packet: Uint8Array, customer: number): void {
    const { tables, sender } = this.#parts;
    const forwarded = heldPacketToForward(packet);
    if (!forwarded) {
      this.#drop('hop-limit');
      this.#tell(icmpErrorFor(packet, { kind: 'expired' }), customer);
      return;
    }
    const arrival = { device: 0, customer };
    const way = this.#wayOf(forwarded, arrival);
    if (!way || forwarded.length <= tables.mtuOf(way.binding.path)) sender.send(forwarded, arrival);
    else this.#tooLong(forwarded, way, (fitting) => sender.send(fitting, arrival));
  }

  /** Takes some of what waits at a descriptor. */
  handle(fd: number): void {
    if (this.#sockets.has(fd)) {
      this.#sockets.receive(fd, (tunnel) => this.#fromTunnel(tunnel));
      return;
    }
    const isTap = fd === this.#parts.tap;
    for (let i = 0; i < BATCH; i++)
      if (!(isTap ? this.#fromTap() : this.#errors.handle(fd, () => this.#withinRate()))) return;
  }

  close(): void {
    this.#sockets.close();
    this.#icmp.close();
    this.#tunnels.close();
    this.#errors.close();
  }

  #fromTap(): boolean {
    const length = read(this.#parts.tap, this.#frame, this.#frame.length);
    if (length <= 0) return false;
    const arrival = readArrival(this.#frame);
    const member = readForMember(this.#frame);
    if (isFittingSegment(this.#frame)) this.#parts.sender.resend(this.#frame, length);
    else if (member) this.#forMember(length, member);
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
      this.#tell(icmpErrorFor(packet, { kind: 'unreachable' }), arrival.customer);
      return;
    }
    const tooLong = () => way !== undefined && packet.length > tables.mtuOf(way.binding.path);
    if (!way || !tooLong() || (tables.retryMtu(way.binding.path) && !tooLong())) {
      sender.resend(this.#frame, length);
      return;
    }
    this.#tooLong(packet, way, (fitting) => sender.send(fitting, arrival));
  }

  /** What was for a group, and is longer than the link of the mobile node carries that it goes to. */
  #forMember(length: number, member: FrameMember): void {
    const packet = Uint8Array.from(this.#frame.subarray(ETHERNET_HEADER, length));
    const resend = (fitting: Uint8Array) => {
      writeForMember(this.#frame, member, (fitting[0] as number) >>> 4 === 4 ? 4 : 6);
      if (!this.#appear(fitting)) this.#drop('decapsulation-failed');
    };
    for (const reason of this.#oversize.onLink(packet, member.device, resend)) this.#drop(reason);
  }

  #tell(error: IcmpError | undefined, customer: number): void {
    if (error && !this.#icmp.send(error, customer)) this.#drop('icmp-limit');
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

  #fromTunnel(tunnel: TunnelPacket | 'malformed'): void {
    const reason = this.#withinRate() ? this.#takeIn(tunnel) : 'slow-path-limit';
    if (reason) this.#drop(reason);
  }

  /** The checks of the programs, but that no port is followed; the packet then comes in through the pmip device. */
  #takeIn(tunnel: TunnelPacket | 'malformed'): DropReason | undefined {
    if (tunnel === 'malformed') return 'malformed';
    const header = readIpHeader(tunnel.inner);
    if (!header || header.version !== tunnel.version) return 'malformed';
    const { maps } = this.#parts;
    const { source: remote, destination: local, key: receiveKey } = tunnel;
    const customer = maps.customerOfTunnel({ local, remote, receiveKey });
    const anchor = maps.binding('anchor', customer, targetOf(header.source));
    const receiver = receiverOf(header, receiveKey);
    const access = receiver && maps.binding('access', customer, receiver);
    const wrong = [anchor, access].map((binding) => binding && this.#mismatch(binding, tunnel));
    const direction = anchor && !wrong[0] ? 'up' : 'down';
    const isForGroup = isMulticast(header.destination);
    if (isForGroup && (direction === 'up' || (!anchor && !access && maps.isPeer(remote)))) return 'multicast';
    const owner = direction === 'up' ? anchor : !wrong[1] && access;
    if (!owner)
      return wrong[0] ?? wrong[1] ?? (maps.isPeer(tunnel.source) ? 'tunnel-no-binding' : 'tunnel-unknown-peer');
    if (isKeepalive(tunnel.inner, header)) return 'keepalive';
    if (!this.#permits(direction === 'up' ? 'anchor' : 'access', tunnel.inner)) return 'denied';
    const inner = withOuterEcn(tunnel.inner, header, tunnel.trafficClass & ECN_MASK);
    if (!inner) return 'tunnel-congested';
    const { tables } = this.#parts;
    const mss = leastMss(header.version, tables.mtuOf(owner.path), tables.mssOf(owner.path), maps.mssOf(owner.device));
    const { mac, device } = owner;
    if (isForGroup && mac) writeForMember(this.#frame, { mac, device }, tunnel.version);
    else writeTakenIn(this.#frame, customer, tunnel.version);
    if (!this.#appear(clampMss(inner, header, mss))) return 'decapsulation-failed';
    maps.count(owner, direction === 'up' ? 'anchor' : 'access', direction, inner.length);
    return undefined;
  }

  /** On the pmip device, behind the header that the frame has. */
  #appear(packet: Uint8Array): boolean {
    this.#frame.set(packet, ETHERNET_HEADER);
    return write(this.#parts.tap, this.#frame, ETHERNET_HEADER + packet.length) >= 0;
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
