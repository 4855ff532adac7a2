import { readU16 } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { markOfCustomer } from '#dataplane/customer.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import type { TunnelPacket } from '#dataplane/encapsulation.ts';
import { icmpErrorPacket } from '#dataplane/icmp-error.ts';
import { type IpHeader, isIntact, isMulticastOfLink, readIpHeader } from '#dataplane/ip-packet.ts';
import { completeTransportChecksum, finished } from '#dataplane/large-packet.ts';
import type { MemoryTables } from '#dataplane/memory-tables.ts';
import type { Departure, PacketForwarder, Report } from '#dataplane/packet-forwarder.ts';
import { routerAddressKey, stationKey } from '#dataplane/part.ts';
import { markTowards } from '#dataplane/vrf.ts';
import type { Stranger } from '../host-data-plane.ts';
import { IcmpErrorSockets } from '../icmp-error-sockets.ts';
import { IcmpSender } from '../icmp-sender.ts';
import type { Netlink } from '../netlink.ts';
import { addresses } from '../netlink-requests.ts';
import { alloc, EHOSTUNREACH, ENETUNREACH, read, write } from '../posix.ts';
import { PMIP_MAC } from '../tap.ts';
import { TunnelPacketSender } from '../tunnel-packet-sender.ts';
import { TunnelSockets } from '../tunnel-sockets.ts';
import { AccessArp } from './access-arp.ts';
import { AccessLink } from './access-link.ts';

/** Packets of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;
const ETHERNET = 14;
const LONGEST_PACKET = 65_535;
const UDP = 17;
const DHCP_SERVER_PORT = 67;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;

export interface PacketPortParts {
  /** The pmip device: the kernel routes to it what is for pools, and takes from it what is for the core. */
  readonly tap: number;
  readonly forwarder: PacketForwarder;
  readonly memory: MemoryTables;
  readonly netlink: Netlink;
}

interface Link {
  readonly index: number;
  readonly link: AccessLink;
  readonly arp: AccessArp;
}

/** An interface that leads to a customer's correspondent nodes. */
interface CoreLink {
  readonly index: number;
  readonly customer: number;
  readonly link: AccessLink;
}

/** Where packets come into the process and leave it. */
export class PacketPorts {
  readonly #parts: PacketPortParts;
  readonly #tunnels = new TunnelSockets();
  readonly #errors = new IcmpErrorSockets();
  readonly #icmp = new IcmpSender();
  readonly #sender: TunnelPacketSender;
  /** By IOS name, and by descriptor. */
  readonly #links = new Map<string, Link>();
  /** By descriptor of its ARP. */
  readonly #arps = new Map<number, AccessArp>();
  readonly #names = new Map<number, string>();
  readonly #frame = alloc(ETHERNET + LONGEST_PACKET).buffer;
  #arpAnswers = 0;
  /** By descriptor. */
  readonly #cores = new Map<number, CoreLink>();
  #node: Pick<NodeForwarding, 'accessInterfaces' | 'localAddresses' | 'tunnelMtu' | 'vrfs'> = {
    accessInterfaces: [],
    localAddresses: [],
    tunnelMtu: 0,
  };
  /** Addresses of this host at which it answers mobile nodes itself. */
  #own: ReadonlySet<string> = new Set();

  /** Throws `SystemCallError`. */
  constructor(parts: PacketPortParts) {
    this.#parts = parts;
    PMIP_MAC.write(this.#frame, 0);
    PMIP_MAC.write(this.#frame, 6);
    this.#sender = new TunnelPacketSender((errno) => {
      const unreachable = errno === ENETUNREACH || errno === EHOSTUNREACH;
      parts.forwarder.drop(unreachable ? 'peer-unreachable' : 'encapsulation-failed');
    });
  }

  /** Those of this node, and no others; `access` has interface indices by IOS name. Throws `SystemCallError`. */
  open(node: NodeForwarding, access: ReadonlyMap<string, number>): void {
    this.#node = node;
    this.#tunnels.listenAt(node.localAddresses);
    for (const [name, link] of this.#links) if (access.get(name) !== link.index) this.#close(name, link);
    for (const { name, mac } of node.accessInterfaces) {
      const index = access.get(name);
      if (index === undefined || this.#links.has(name)) continue;
      this.#open(name, index, mac);
    }
    this.followAddresses();
  }

  /** Takes what comes in from correspondent nodes of customers, and of no others; `cores`: whose they are, by interface index. Throws `SystemCallError`. */
  openCores(cores: ReadonlyMap<number, number>): void {
    for (const [fd, { index, link }] of this.#cores) {
      if (cores.has(index)) continue;
      this.#cores.delete(fd);
      link.close();
    }
    const open = new Map(Array.from(this.#cores.values(), (core) => [core.index, core]));
    for (const [index, customer] of cores) {
      const link = open.get(index)?.link ?? new AccessLink(index, PMIP_MAC);
      this.#cores.set(link.fd, { index, customer, link });
    }
  }

  /** After addresses of the host may have changed. */
  followAddresses(): void {
    const ends = new Set(this.#node.localAddresses.map(keyOf));
    const own = addresses(this.#parts.netlink).map(({ address }) => keyOf(address));
    this.#own = new Set(own.filter((key) => !ends.has(key)));
  }

  /** How often mobile nodes were answered that asked for others of their home subnets. */
  get arpAnswers(): number {
    return this.#arpAnswers;
  }

  fds(): number[] {
    const links = [...this.#names.keys(), ...this.#arps.keys(), ...this.#cores.keys()];
    return [this.#parts.tap, ...this.#errors.fds, ...this.#tunnels.fds(), ...links];
  }

  /** Takes some of what waits at a descriptor. */
  handle(fd: number, stranger: Stranger = () => {}): void {
    const name = this.#names.get(fd);
    const arp = this.#arps.get(fd);
    const core = this.#cores.get(fd);
    if (arp) this.#arpAnswers += arp.answer();
    else if (core) this.#fromCustomersCore(core);
    else if (name !== undefined) {
      const { link } = this.#links.get(name) as { link: AccessLink };
      link.receive(this.#node.tunnelMtu, {
        frame: (source, frame) => {
          if (this.#isStrange(name, source, frame.subarray(ETHERNET))) stranger(name, frame);
        },
        packet: (source, packet) => this.#fromAccess(name, source, packet),
      });
    } else if (fd === this.#parts.tap) this.#fromTap();
    else if (this.#tunnels.has(fd)) this.#tunnels.receive(fd, (tunnel) => this.#fromTunnel(tunnel));
    else this.#fromRouters(fd);
    this.#flush();
  }

  /** A packet of a mobile node that waited in the daemon, as it came in; its source was checked. */
  forwardHeld(interfaceName: string, mac: MacAddress, packet: Uint8Array): void {
    const whole = packet.slice();
    const header = readIpHeader(whole);
    if (header) completeTransportChecksum(whole, header);
    this.#depart(this.#parts.forwarder.fromAccess(interfaceName, mac, whole));
    this.#flush();
  }

  close(): void {
    for (const [name, link] of this.#links) this.#close(name, link);
    for (const { link } of this.#cores.values()) link.close();
    this.#cores.clear();
    this.#tunnels.close();
    this.#errors.close();
    this.#icmp.close();
    this.#sender.close();
  }

  #open(name: string, index: number, mac: MacAddress): void {
    const { forwarder } = this.#parts;
    const arp = new AccessArp(index, mac, (source, packet) => forwarder.arpFromAccess(name, source, packet));
    this.#arps.set(arp.fd, arp);
    try {
      const link = new AccessLink(index, mac);
      this.#links.set(name, { index, link, arp });
      this.#names.set(link.fd, name);
    } catch (error) {
      this.#arps.delete(arp.fd);
      arp.close();
      throw error;
    }
  }

  #close(name: string, { link, arp }: Link): void {
    this.#links.delete(name);
    this.#names.delete(link.fd);
    this.#arps.delete(arp.fd);
    link.close();
    arp.close();
  }

  #fromAccess(name: string, source: MacAddress, packet: Uint8Array): void {
    const { forwarder } = this.#parts;
    const header = readIpHeader(packet);
    if (header && this.#isControl(name, packet, header)) return;
    this.#depart(isIntact(packet) ? forwarder.fromAccess(name, source, packet) : forwarder.drop('malformed'));
  }

  /** Of a station that is not attached, as the first sign of its being there; what the link's own protocols are made of, the daemon hears by another socket. */
  #isStrange(name: string, source: MacAddress, packet: Uint8Array): boolean {
    if (this.#parts.memory.get(stationKey(name, source))) return false;
    const header = readIpHeader(packet);
    return header !== undefined && !this.#isControl(name, packet, header);
  }

  #isControl(name: string, packet: Uint8Array, header: IpHeader): boolean {
    return isDhcp(packet, header) || this.#isForLink(name, header.destination);
  }

  /** The kernel has it too, and answers. */
  #isForLink(name: string, destination: Ipv4Address | Ipv6Address): boolean {
    if (this.#isForHost(destination)) return true;
    return (
      destination instanceof Ipv4Address && this.#parts.memory.get(routerAddressKey(name, destination)) !== undefined
    );
  }

  #isForHost(destination: Ipv4Address | Ipv6Address): boolean {
    if (isMulticastOfLink(destination) || this.#own.has(keyOf(destination))) return true;
    return destination instanceof Ipv6Address && destination.isLinkLocal;
  }

  #fromTunnel(tunnel: TunnelPacket | 'malformed'): void {
    const { forwarder } = this.#parts;
    if (tunnel === 'malformed' || !isIntact(tunnel.inner)) {
      this.#depart(forwarder.drop('malformed'));
      return;
    }
    for (const inner of finished(tunnel.inner, this.#node.tunnelMtu))
      this.#depart(forwarder.fromTunnel({ ...tunnel, inner }));
  }

  /** The kernel answers for itself there, and forwards nothing. */
  #fromCustomersCore({ customer, link }: CoreLink): void {
    const { forwarder } = this.#parts;
    link.receive(this.#node.tunnelMtu, {
      frame: () => {},
      packet: (_, packet) => {
        const header = readIpHeader(packet);
        if (header && this.#isForHost(header.destination)) return;
        this.#depart(isIntact(packet) ? forwarder.fromCore(packet, customer) : forwarder.drop('malformed'));
      },
    });
  }

  #fromTap(): void {
    const { tap, forwarder } = this.#parts;
    for (let i = 0; i < BATCH; i++) {
      const length = read(tap, this.#frame, this.#frame.length);
      if (length <= ETHERNET) return;
      const packet = Uint8Array.from(this.#frame.subarray(ETHERNET, length));
      // The kernel tells every link of the groups that it listens to.
      const header = readIpHeader(packet);
      if (header && isMulticastOfLink(header.destination)) continue;
      const departures = forwarder.fromCore(packet);
      // What the kernel has given is not for the kernel, unless it was only asked for whose address it has.
      const isAsked = header !== undefined && forwarder.isPooled(0, header.source);
      const isReturned = departures.some((one) => one.kind === 'core' && one.packet === packet);
      this.#depart(isReturned && !isAsked ? forwarder.drop('slow-path-unexpected') : departures);
    }
  }

  #fromRouters(fd: number): void {
    for (let i = 0; i < BATCH; i++) {
      const error = this.#errors.receive(fd);
      if (error === false) return;
      if (error) this.#depart(this.#parts.forwarder.fromTransportRouter(error));
    }
  }

  #depart(departures: readonly (Departure | Report)[]): void {
    const { forwarder } = this.#parts;
    for (const one of departures) {
      switch (one.kind) {
        case 'transport':
          this.#sender.queue(one.packet, markTowards(this.#node.vrfs, one.remote));
          break;
        case 'access':
          if (!this.#links.get(one.interface)?.link.queue(one.mac, one.packet)) forwarder.drop('too-big-for-link');
          break;
        case 'core':
          if (one.customer === 0) this.#toKernel(one.packet);
          else this.#sender.queue(one.packet, markOfCustomer(one.customer));
          break;
        case 'report':
          this.#report(one);
      }
    }
  }

  /** The kernel has no routes to the mobile nodes of a customer. */
  #report({ error, customer }: Report): void {
    const { forwarder } = this.#parts;
    const isSent = customer === 0 ? this.#icmp.send(error, 0) : this.#icmp.allows(error, customer);
    if (!isSent) forwarder.drop('icmp-limit');
    else if (customer !== 0) this.#depart(forwarder.fromNode(icmpErrorPacket(error, this.#node), customer));
  }

  #toKernel(packet: Uint8Array): void {
    this.#frame.writeUInt16BE((packet[0] as number) >>> 4 === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, 12);
    PMIP_MAC.write(this.#frame, 0);
    PMIP_MAC.write(this.#frame, 6);
    this.#frame.set(packet, ETHERNET);
    if (write(this.#parts.tap, this.#frame, ETHERNET + packet.length) < 0)
      this.#parts.forwarder.drop('decapsulation-failed');
  }

  #flush(): void {
    this.#sender.flush();
    for (const { link } of this.#links.values()) link.flush();
  }
}

function keyOf({ key }: IpAddress): string {
  return String(key);
}

/** To a DHCP server: the daemon has heard it by another socket. */
function isDhcp(packet: Uint8Array, { version }: IpHeader): boolean {
  const at = ((packet[0] as number) & 15) * 4 + 2;
  return version === 4 && packet[9] === UDP && packet.length >= at + 2 && readU16(packet, at) === DHCP_SERVER_PORT;
}
