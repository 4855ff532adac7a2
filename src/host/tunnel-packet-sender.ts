import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MessageBatch } from './message-batch.ts';
import {
  AF_INET,
  AF_INET6,
  check,
  close,
  errno,
  IP_MTU_DISCOVER,
  IPPROTO_RAW,
  MSG_DONTWAIT,
  SO_MARK,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOCKADDR_IN_LENGTH,
  SOCKADDR_IN6_LENGTH,
  SOL_IP,
  SOL_SOCKET,
  sendto,
  setIntegerOption,
  sockaddrIn,
  sockaddrIn6,
  socket,
} from './posix.ts';

const IP_PMTUDISC_PROBE = 3;
/** What is longer goes by itself. */
const LAYOUT = { count: 64, size: 2048 };

/** Sends whole IP packets into the transport network, past the programs. */
export class TunnelPacketSender {
  readonly #fd4: number;
  readonly #fd6: number;
  readonly #batch4 = new MessageBatch({ ...LAYOUT, addressLength: SOCKADDR_IN_LENGTH });
  readonly #batch6 = new MessageBatch({ ...LAYOUT, addressLength: SOCKADDR_IN6_LENGTH });
  readonly #onFailure: (errno: number) => void;
  /** What both sockets have. */
  #mark = 0;

  /** `onFailure` is told of each queued packet that the kernel did not take. Throws `SystemCallError`. */
  constructor(onFailure: (errno: number) => void = () => {}) {
    this.#onFailure = onFailure;
    // This protocol: what is sent begins with the IP header, and nothing is received.
    const open = (family: number) => check('socket', socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    this.#fd4 = open(AF_INET);
    // What the kernel learnt of the path is not to cut them once more: it has another idea of the least that it believes.
    setIntegerOption(this.#fd4, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    this.#fd6 = open(AF_INET6);
  }

  /** With the mark of the table that it is to be routed by. False when the kernel did not take it. */
  send(packet: Uint8Array, mark: number): boolean {
    this.#setMark(mark);
    const isIpv4 = (packet[0] as number) >>> 4 === 4;
    const address = isIpv4 ? sockaddrIn(Ipv4Address.read(packet, 16), 0) : sockaddrIn6(Ipv6Address.read(packet, 24), 0);
    return sendto(isIpv4 ? this.#fd4 : this.#fd6, packet, packet.length, MSG_DONTWAIT, address, address.length) >= 0;
  }

  /** Puts a packet into a batch, which leaves when it is full, with `flush`, or before one with another mark. */
  queue(packet: Uint8Array, mark: number): void {
    this.#setMark(mark);
    const isIpv4 = (packet[0] as number) >>> 4 === 4;
    const batch = isIpv4 ? this.#batch4 : this.#batch6;
    if (batch.full) this.flush();
    const address = isIpv4 ? sockaddrIn(Ipv4Address.read(packet, 16), 0) : sockaddrIn6(Ipv6Address.read(packet, 24), 0);
    if (!batch.append(packet, address) && !this.send(packet, mark)) this.#onFailure(errno());
  }

  flush(): void {
    for (const [fd, batch] of [
      [this.#fd4, this.#batch4],
      [this.#fd6, this.#batch6],
    ] as const)
      if (batch.length > 0) batch.send(fd, (_, errno) => this.#onFailure(errno));
  }

  close(): void {
    close(this.#fd4);
    close(this.#fd6);
  }

  #setMark(mark: number): void {
    if (mark === this.#mark) return;
    this.flush();
    for (const fd of [this.#fd4, this.#fd6]) setIntegerOption(fd, SOL_SOCKET, SO_MARK, mark);
    this.#mark = mark;
  }
}
