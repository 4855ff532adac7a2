import type { IpAddress } from '#base/ip-address.ts';
import { MessageBatch } from './message-batch.ts';
import { close, errnoName } from './posix.ts';

export const BATCH = 64;
/** A Mobility Header has at most 8 × 256 octets (RFC 6275 §6.1.1 "Format"). */
const LONGEST_MESSAGE = 2048;

export interface SocketCounters {
  received: number;
  sent: number;
  /** Receptions that were longer than the protocol allows, cut and dropped. */
  tooLong: number;
  sendFailed: number;
}

/** `message` is only valid during the call. `port` is 0 where the protocol has none. */
export type SignallingHandler<Address extends IpAddress> = (remote: Address, message: Uint8Array, port: number) => void;

/** What became of a message to `remote`: `code` as `ENETUNREACH`. */
export type SendFailureHandler<Address extends IpAddress> = (remote: Address, code: string) => void;

/** How the kernel names the addresses of a family. */
export interface SocketNames<Address extends IpAddress> {
  /** In octets. */
  readonly length: number;
  write(address: Address, port: number): Uint8Array;
  read(name: Uint8Array): { readonly address: Address; readonly port: number };
}

/** A socket for Mobility Headers of one local address, to which it is bound, so that each message's destination is known. */
export abstract class SignallingSocket<Address extends IpAddress> {
  readonly fd: number;
  readonly local: Address;
  readonly counters: SocketCounters = { received: 0, sent: 0, tooLong: 0, sendFailed: 0 };
  protected readonly names: SocketNames<Address>;
  readonly #in: MessageBatch;
  readonly #out: MessageBatch;
  readonly #onSendFailure: SendFailureHandler<Address>;

  constructor(fd: number, local: Address, names: SocketNames<Address>, onSendFailure: SendFailureHandler<Address>) {
    this.fd = fd;
    this.local = local;
    this.names = names;
    this.#onSendFailure = onSendFailure;
    const layout = { count: BATCH, size: LONGEST_MESSAGE, addressLength: names.length };
    this.#in = new MessageBatch(layout);
    this.#out = new MessageBatch(layout);
  }

  /** Takes one batch of what waits. Returns whether more may wait. */
  receive(handle: SignallingHandler<Address>): boolean {
    return this.take(handle) === BATCH;
  }

  /** Puts a message into the batch, which leaves when it is full or with `flush`. */
  queue(remote: Address, message: Uint8Array, port = 0): void {
    if (this.#out.full) this.flush();
    if (!this.#out.append(message, this.names.write(remote, port))) this.counters.sendFailed++;
  }

  flush(): void {
    this.counters.sent += this.#out.send(this.fd, (i, errno) => {
      this.fail(this.names.read(this.#out.address(i)).address, errno);
    });
  }

  close(): void {
    close(this.fd);
  }

  /** As `receive`; returns how many there were. */
  protected take(handle: SignallingHandler<Address>): number {
    const count = this.#in.receive(this.fd);
    for (let i = 0; i < count; i++) {
      this.counters.received++;
      const { address, port } = this.names.read(this.#in.address(i));
      if (this.#in.truncated(i)) this.counters.tooLong++;
      else handle(address, this.#in.message(i), port);
    }
    return count;
  }

  protected fail(remote: Address, errno: number): void {
    this.counters.sendFailed++;
    this.#onSendFailure(remote, errnoName(errno));
  }
}
