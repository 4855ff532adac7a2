import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import { RecentMap } from '#base/recent-map.ts';
import { type Duration, milliseconds } from '#base/time.ts';
import { MessageBatch } from './message-batch.ts';
import {
  close,
  errnoName,
  IP_PKTINFO,
  IP_TOS,
  readSockaddrIn,
  SO_MARK,
  SO_RXQ_OVFL,
  SO_TIMESTAMPNS,
  SOCKADDR_IN_LENGTH,
  SOL_IP,
  SOL_SOCKET,
  setIntegerOption,
} from './posix.ts';

export const BATCH = 64;
/** A Mobility Header has at most 8 × 256 octets (RFC 6275 §6.1.1 "Format"). */
const LONGEST_MESSAGE = 2048;
/** Room for struct timespec, the count of drops and struct in6_pktinfo, each behind its struct cmsghdr. */
const CONTROL_LENGTH = 96;

export interface SocketCounters {
  received: number;
  sent: number;
  /** Receptions that were longer than the protocol allows, cut and dropped. */
  tooLong: number;
  sendFailed: number;
}

export interface SignallingCounters extends SocketCounters {
  /** Receptions that the kernel dropped since the socket was opened: for want of room, or because of their checksum. */
  droppedByKernel: number;
}

/**
 * `message` is only valid during the call. `port` is 0 where the protocol has none. `interfaceIndex`: where it came in. `age`: since it came
 * to this host.
 */
export type SignallingHandler<Address extends IpAddress> = (
  remote: Address,
  message: Uint8Array,
  port: number,
  interfaceIndex: number,
  age: Duration,
) => void;

/** What became of a message to `remote`: `code` as `ENETUNREACH`. */
export type SendFailureHandler<Address extends IpAddress> = (remote: Address, code: string) => void;

/** How the kernel names the addresses of a family. */
export interface SocketNames<Address extends IpAddress> {
  /** In octets. */
  readonly length: number;
  /** Where the ancillary data of a reception tell the interface: struct in_pktinfo or in6_pktinfo. */
  readonly interfaceIndex: { readonly level: number; readonly type: number; readonly at: number };
  /** The socket option for the traffic class (IPv4: type of service) of what is sent. */
  readonly trafficClass: { readonly level: number; readonly option: number };
  write(address: Address, port: number): Uint8Array;
  read(name: Uint8Array): { readonly address: Address; readonly port: number };
}

/** What is common to sockets over IPv4. */
export const IPV4_NAMES: Omit<SocketNames<Ipv4Address>, 'write'> = {
  length: SOCKADDR_IN_LENGTH,
  interfaceIndex: { level: SOL_IP, type: IP_PKTINFO, at: 0 },
  trafficClass: { level: SOL_IP, option: IP_TOS },
  read: (name) => readSockaddrIn(name, 0),
};

/** Peers whose socket addresses are remembered. */
const SENDERS = 256;
const RECEIVERS = 256;

interface Party<Address extends IpAddress> {
  /** Its socket address. */
  readonly name: Uint8Array;
  readonly address: Address;
  readonly port: number;
}

/** A socket for Mobility Headers of one local address, to which it is bound, so that each message's destination is known. */
export abstract class SignallingSocket<Address extends IpAddress> {
  readonly fd: number;
  readonly local: Address;
  readonly counters: SignallingCounters = { received: 0, sent: 0, tooLong: 0, sendFailed: 0, droppedByKernel: 0 };
  protected readonly names: SocketNames<Address>;
  readonly #in: MessageBatch;
  readonly #out: MessageBatch;
  /** Each at the place that its socket address hashes to. */
  readonly #senders: (Party<Address> | undefined)[] = new Array(SENDERS).fill(undefined);
  readonly #onSendFailure: SendFailureHandler<Address>;
  /** To whom messages go, by address and port. */
  readonly #receivers = new RecentMap<Uint8Array>(RECEIVERS);
  /** Of the socket. */
  #routingMark = 0;
  readonly #notTaken = (i: number, errno: number) => this.fail(this.names.read(this.#out.address(i)).address, errno);

  constructor(fd: number, local: Address, names: SocketNames<Address>, onSendFailure: SendFailureHandler<Address>) {
    this.fd = fd;
    this.local = local;
    this.names = names;
    this.#onSendFailure = onSendFailure;
    setIntegerOption(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    setIntegerOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    const layout = { count: BATCH, size: LONGEST_MESSAGE, addressLength: names.length };
    this.#in = new MessageBatch({ ...layout, controlLength: CONTROL_LENGTH });
    this.#out = new MessageBatch(layout);
  }

  /** Has what is sent carry this code point; none is 0. */
  mark(dscp = 0): void {
    const { level, option } = this.names.trafficClass;
    setIntegerOption(this.fd, level, option, dscp << 2);
  }

  /** Takes one batch of what waits. Returns whether more may wait. */
  receive(handle: SignallingHandler<Address>): boolean {
    return this.take(handle) === BATCH;
  }

  /** Puts a message into the batch, which leaves when it is full, with `flush`, or before one that is routed by another table. */
  queue(remote: Address, message: Uint8Array, { port = 0, mark = 0 } = {}): void {
    if (mark !== this.#routingMark) {
      this.flush();
      setIntegerOption(this.fd, SOL_SOCKET, SO_MARK, mark);
      this.#routingMark = mark;
    }
    if (this.#out.full) this.flush();
    if (!this.#out.append(message, this.#nameOf(remote, port))) this.counters.sendFailed++;
  }

  flush(): void {
    if (this.#out.length > 0) this.counters.sent += this.#out.send(this.fd, this.#notTaken);
  }

  close(): void {
    close(this.fd);
  }

  /** As `receive`; returns how many there were. */
  protected take(handle: SignallingHandler<Address>): number {
    const count = this.#in.receive(this.fd);
    const { level, type, at } = this.names.interfaceIndex;
    const now = Date.now();
    for (let i = 0; i < count; i++) {
      this.counters.received++;
      const { address, port } = this.#senderOf(i);
      if (this.#in.truncated(i)) this.counters.tooLong++;
      else
        handle(address, this.#in.message(i), port, this.#in.controlWord(i, level, type, at) ?? 0, this.#ageOf(i, now));
    }
    const dropped = count > 0 ? this.#in.controlWord(count - 1, SOL_SOCKET, SO_RXQ_OVFL, 0) : undefined;
    if (dropped !== undefined) this.counters.droppedByKernel = dropped;
    return count;
  }

  /** `now`: UTC in milliseconds, as the kernel's stamps are. */
  #ageOf(i: number, now: number): Duration {
    const seconds = this.#in.controlWord(i, SOL_SOCKET, SO_TIMESTAMPNS, 0);
    if (seconds === undefined) return milliseconds(0);
    const nanoseconds = this.#in.controlWord(i, SOL_SOCKET, SO_TIMESTAMPNS, 8) as number;
    return milliseconds(Math.max(0, now - seconds * 1000 - nanoseconds / 1e6));
  }

  #nameOf(address: Address, port: number): Uint8Array {
    const key = port === 0 ? address.key : `${address.key} ${port}`;
    return this.#receivers.get(key) ?? this.#receivers.add(key, this.names.write(address, port));
  }

  /** The same value for the same sender, most times, so that nothing is made of it again. */
  #senderOf(i: number): Party<Address> {
    const place = this.#in.addressHash(i, SENDERS);
    const known = this.#senders[place];
    if (known && this.#in.isFrom(i, known.name)) return known;
    const name = new Uint8Array(this.#in.address(i));
    const sender = { name, ...this.names.read(name) };
    this.#senders[place] = sender;
    return sender;
  }

  protected fail(remote: Address, errno: number): void {
    this.counters.sendFailed++;
    this.#onSendFailure(remote, errnoName(errno));
  }
}
