import type { Ipv6Address } from '#base/ipv6-address.ts';
import { MessageBatch } from './message-batch.ts';
import {
  AF_INET6,
  bind,
  check,
  close,
  errnoName,
  IPPROTO_IPV6,
  IPPROTO_MH,
  IPV6_UNICAST_HOPS,
  readSockaddrIn6,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_IN6_LENGTH,
  setIntegerOption,
  sockaddrIn6,
  socket,
} from './posix.ts';
import { growBuffers } from './socket-buffers.ts';

const BATCH = 64;
/** A Mobility Header has at most 8 × 256 octets (RFC 6275 §6.1.1 "Format"). */
const LONGEST_MESSAGE = 2048;

export interface SocketCounters {
  received: number;
  sent: number;
  /** Receptions that were longer than the protocol allows, cut and dropped. */
  tooLong: number;
  sendFailed: number;
}

/**
 * A raw socket for Mobility Headers of one local IPv6 address.
 *
 * It is bound to that address, so each message's destination is known without ancillary data. The kernel fills the checksum of what
 * is sent and drops what arrives with a wrong one: for this protocol it does so by default, with the checksum field at octet 4.
 */
export class MobilitySocket {
  readonly fd: number;
  readonly local: Ipv6Address;
  readonly counters: SocketCounters = { received: 0, sent: 0, tooLong: 0, sendFailed: 0 };
  readonly #in = new MessageBatch({ count: BATCH, size: LONGEST_MESSAGE, addressLength: SOCKADDR_IN6_LENGTH });
  readonly #out = new MessageBatch({ count: BATCH, size: LONGEST_MESSAGE, addressLength: SOCKADDR_IN6_LENGTH });
  readonly #onSendFailure: (remote: Ipv6Address, code: string) => void;

  /** Throws `SystemCallError`: EPERM without CAP_NET_RAW, EADDRNOTAVAIL when `local` is on no interface. */
  constructor(local: Ipv6Address, onSendFailure: (remote: Ipv6Address, code: string) => void) {
    this.local = local;
    this.#onSendFailure = onSendFailure;
    this.fd = check('socket', socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_MH));
    try {
      growBuffers(this.fd);
      setIntegerOption(this.fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 64);
      check(`bind ${local}`, bind(this.fd, sockaddrIn6(local), SOCKADDR_IN6_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** Takes one batch of what waits. `message` is only valid during the call. Returns whether more may wait. */
  receive(handle: (remote: Ipv6Address, message: Uint8Array) => void): boolean {
    const count = this.#in.receive(this.fd);
    for (let i = 0; i < count; i++) {
      this.counters.received++;
      if (this.#in.truncated(i)) this.counters.tooLong++;
      else handle(readSockaddrIn6(this.#in.address(i), 0).address, this.#in.message(i));
    }
    return count === BATCH;
  }

  /** Puts a message into the batch, which leaves when it is full or with `flush`. */
  queue(remote: Ipv6Address, message: Uint8Array): void {
    if (this.#out.full) this.flush();
    if (!this.#out.append(message, sockaddrIn6(remote))) this.counters.sendFailed++;
  }

  flush(): void {
    this.counters.sent += this.#out.send(this.fd, (i, errno) => {
      this.counters.sendFailed++;
      this.#onSendFailure(readSockaddrIn6(this.#out.address(i), 0).address, errnoName(errno));
    });
  }

  close(): void {
    close(this.fd);
  }
}
