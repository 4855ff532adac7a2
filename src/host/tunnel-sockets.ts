import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { decapsulate, type TunnelPacket, unwrap, unwrapDatagram } from '#dataplane/encapsulation.ts';
import { GRE_PROTOCOL } from '#wire/gre.ts';
import { TUNNEL_UDP_PORT } from '#wire/tlv-header.ts';
import { UDP_PROTOCOL } from '#wire/udp.ts';
import { attachClassicFilter, TUNNEL_PACKETS_AT_SIGNALLING_PORT } from './classic-filter.ts';
import { MessageBatch } from './message-batch.ts';
import {
  AF_INET,
  AF_INET6,
  bind,
  check,
  close,
  IP_RECVTOS,
  IP_TOS,
  IPPROTO_IPV6,
  IPV6_RECVTCLASS,
  IPV6_TCLASS,
  readSockaddrIn,
  readSockaddrIn6,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_IN6_LENGTH,
  SOL_IP,
  setIntegerOption,
  sockaddrIn,
  sockaddrIn6,
  socket,
} from './posix.ts';
import { growBuffers } from './socket-buffers.ts';

const IPPROTO_IPIP = 4;
const LAYOUT = { count: 32, size: 65_535, addressLength: SOCKADDR_IN6_LENGTH, controlLength: 64 };

interface TunnelSocket {
  readonly fd: number;
  readonly local: IpAddress;
  /** Of a raw socket; `udp` of one that is bound to a tunnel's port. */
  readonly protocol: number | 'udp';
}

/**
 * Receives tunnel packets: a raw socket for each local address and protocol, and a datagram socket at the port of tunnels. The kernel has put
 * fragments together, and checked the headers of IPv4 and UDP. While they are open, it does not answer tunnel packets with ICMP errors.
 */
export class TunnelSockets {
  readonly #sockets = new Map<number, TunnelSocket>();
  readonly #batch = new MessageBatch(LAYOUT);

  /** Hears what is sent to these addresses, and to no others. Throws `SystemCallError`. */
  listenAt(addresses: readonly IpAddress[]): void {
    for (const [fd, { local }] of this.#sockets) {
      if (addresses.some((address) => sameAddress(address, local))) continue;
      close(fd);
      this.#sockets.delete(fd);
    }
    const heard = Array.from(this.#sockets.values(), ({ local }) => local);
    for (const local of addresses) if (!heard.some((address) => sameAddress(address, local))) this.#listen(local);
  }

  fds(): number[] {
    return [...this.#sockets.keys()];
  }

  has(fd: number): boolean {
    return this.#sockets.has(fd);
  }

  /** Takes one batch of what waits. The packet is only valid during the call. */
  receive(fd: number, handle: (tunnel: TunnelPacket | 'malformed') => void): void {
    const tunnel = this.#sockets.get(fd);
    const count = tunnel ? this.#batch.receive(fd) : 0;
    for (let i = 0; i < count; i++) handle(this.#unwrap(tunnel as TunnelSocket, i) ?? 'malformed');
  }

  close(): void {
    for (const fd of this.#sockets.keys()) close(fd);
    this.#sockets.clear();
  }

  #listen(local: IpAddress): void {
    for (const protocol of [IPPROTO_IPV6, IPPROTO_IPIP, GRE_PROTOCOL]) this.#open(SOCK_RAW, local, protocol, protocol);
    if (!(local instanceof Ipv4Address)) return;
    this.#open(SOCK_DGRAM, local, 0, 'udp');
    // Signalling has a socket of its own at its port; what is no message there is heard by this one.
    attachClassicFilter(this.#open(SOCK_RAW, local, UDP_PROTOCOL, UDP_PROTOCOL), TUNNEL_PACKETS_AT_SIGNALLING_PORT);
  }

  #open(type: number, local: IpAddress, number: number, protocol: TunnelSocket['protocol']): number {
    const isIpv4 = local instanceof Ipv4Address;
    const fd = check('socket', socket(isIpv4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, number));
    this.#sockets.set(fd, { fd, local, protocol });
    growBuffers(fd);
    if (isIpv4) setIntegerOption(fd, SOL_IP, IP_RECVTOS, 1);
    else setIntegerOption(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    const port = protocol === 'udp' ? TUNNEL_UDP_PORT : 0;
    const address = isIpv4 ? sockaddrIn(local, port) : sockaddrIn6(local, port);
    check(`bind ${local}`, bind(fd, address, address.length));
    return fd;
  }

  /** A raw socket of IPv4 gives the outer header too; others say the traffic class beside what was in it. */
  #unwrap({ local, protocol }: TunnelSocket, i: number): TunnelPacket | 'malformed' | undefined {
    const packet = this.#batch.message(i);
    if (protocol === 'udp') {
      const { address: source, port: sourcePort } = readSockaddrIn(this.#batch.address(i), 0);
      const trafficClass = this.#batch.control(i, SOL_IP, IP_TOS)?.[0] ?? 0;
      const ports = { sourcePort, destinationPort: TUNNEL_UDP_PORT };
      return unwrapDatagram(packet, { source, destination: local, trafficClass, ...ports });
    }
    if (local instanceof Ipv4Address) return decapsulate(packet);
    const source = readSockaddrIn6(this.#batch.address(i), 0).address;
    const trafficClass = this.#batch.controlWord(i, IPPROTO_IPV6, IPV6_TCLASS, 0) ?? 0;
    return unwrap(protocol, packet, { source, destination: local, trafficClass });
  }
}
