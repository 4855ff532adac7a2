import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import {
  AF_INET,
  AF_INET6,
  check,
  close,
  IPPROTO_RAW,
  MSG_DONTWAIT,
  SO_MARK,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_IP,
  SOL_SOCKET,
  sendto,
  setIntegerOption,
  sockaddrIn,
  sockaddrIn6,
  socket,
} from './posix.ts';

const IP_MTU_DISCOVER = 10;
const IP_PMTUDISC_PROBE = 3;

/** Sends whole IP packets into the transport network, past the programs. */
export class TunnelPacketSender {
  readonly #fd4: number;
  readonly #fd6: number;
  /** What both sockets have. */
  #mark = 0;

  /** Throws `SystemCallError`. */
  constructor() {
    // This protocol: what is sent begins with the IP header, and nothing is received.
    const open = (family: number) => check('socket', socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    this.#fd4 = open(AF_INET);
    // What the kernel learnt of the path is not to cut them once more: it has another idea of the least that it believes.
    setIntegerOption(this.#fd4, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    this.#fd6 = open(AF_INET6);
  }

  /** With the mark of the table that it is to be routed by. False when the kernel did not take it. */
  send(packet: Uint8Array, mark: number): boolean {
    if (mark !== this.#mark) {
      for (const fd of [this.#fd4, this.#fd6]) setIntegerOption(fd, SOL_SOCKET, SO_MARK, mark);
      this.#mark = mark;
    }
    const isIpv4 = (packet[0] as number) >>> 4 === 4;
    const address = isIpv4 ? sockaddrIn(Ipv4Address.read(packet, 16), 0) : sockaddrIn6(Ipv6Address.read(packet, 24), 0);
    return sendto(isIpv4 ? this.#fd4 : this.#fd6, packet, packet.length, MSG_DONTWAIT, address, address.length) >= 0;
  }

  close(): void {
    close(this.#fd4);
    close(this.#fd6);
  }
}
