import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MessageBatch } from './message-batch.ts';
import type { SocketCounters } from './mobility-socket.ts';
import {
  AF_INET6,
  bind,
  check,
  close,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  readSockaddrIn6,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR_IN6_LENGTH,
  setIntegerOption,
  sockaddrIn6,
  socket,
} from './posix.ts';
import { growBuffers } from './socket-buffers.ts';

/** RFC 5844 §6 "IANA Considerations": pmip6-cntl. */
export const SIGNALLING_PORT = 5436;

const BATCH = 64;
const LONGEST_MESSAGE = 2048;

/** A UDP socket on the signalling port of one local address, IPv4 or IPv6. */
export class UdpSignallingSocket {
  readonly fd: number;
  readonly local: Ipv4Address | Ipv6Address;
  readonly counters: SocketCounters = { received: 0, sent: 0, tooLong: 0, sendFailed: 0 };
  readonly #in = new MessageBatch({ count: BATCH, size: LONGEST_MESSAGE, addressLength: SOCKADDR_IN6_LENGTH });

  /** Throws `SystemCallError`: EADDRINUSE, or EADDRNOTAVAIL when `local` is on no interface. */
  constructor(local: Ipv4Address | Ipv6Address) {
    this.local = local;
    this.fd = check('socket', socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      growBuffers(this.fd);
      setIntegerOption(this.fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      const name = sockaddrIn6(local instanceof Ipv4Address ? Ipv6Address.mapped(local) : local, SIGNALLING_PORT);
      check(`bind UDP ${local} port ${SIGNALLING_PORT}`, bind(this.fd, name, SOCKADDR_IN6_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** Takes one batch of what waits. `message` is only valid during the call. Returns whether more may wait. */
  receive(handle: (remote: Ipv4Address | Ipv6Address, port: number, message: Uint8Array) => void): boolean {
    const count = this.#in.receive(this.fd);
    for (let i = 0; i < count; i++) {
      this.counters.received++;
      const { address, port } = readSockaddrIn6(this.#in.address(i), 0);
      if (this.#in.truncated(i)) this.counters.tooLong++;
      else handle(address.unmapped, port, this.#in.message(i));
    }
    return count === BATCH;
  }

  close(): void {
    close(this.fd);
  }
}
