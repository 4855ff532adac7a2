import {
  addressOf,
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EINTR,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
  EPROTO,
  errno,
  MSG_DONTWAIT,
  MSG_TRUNC,
  recvmmsg,
  SystemCallError,
  sendmmsg,
} from './posix.ts';

/** Sizes of one batch, in octets where not said otherwise. */
export interface MessageBatchLayout {
  /** How many messages. */
  readonly count: number;
  /** The longest message. */
  readonly size: number;
  /** The socket address of one message: 28 for IPv6, 16 for IPv4, 20 for AF_PACKET, 0 for none. */
  readonly addressLength: number;
  /** Ancillary data of one message; 0 for none. */
  readonly controlLength?: number;
}

const HEADER = 64; // struct mmsghdr
const VECTOR = 16; // struct iovec
const CMSG_HEADER = 16; // struct cmsghdr
const ADDRESS = 32; // the largest socket address, rounded up

/** What ICMP tells of a message is reported, once, by whichever call comes next. */
const REPORTED = new Set([
  ECONNREFUSED,
  EHOSTUNREACH,
  ENETUNREACH,
  EMSGSIZE,
  ENOPROTOOPT,
  EHOSTDOWN,
  ENONET,
  EPROTO,
  EOPNOTSUPP,
  EACCES,
]);

/**
 * The memory of one recvmmsg or sendmmsg call: headers, vectors, addresses, ancillary data and message space are laid out once, and a
 * call only rewrites lengths.
 *
 * Receiving: `receive(fd)`, then `message(i)` and `address(i)` for each; they are views that the next call overwrites.
 * Sending: `append(message, address)` until `full`, then `send(fd)`.
 */
export class MessageBatch {
  readonly layout: MessageBatchLayout;
  /** How many messages the batch holds: received by the last `receive`, or appended since the last `send`. */
  length = 0;
  readonly #block: Buffer;
  readonly #words: Uint32Array;
  readonly #controlLength: number;
  readonly #vectors: number;
  readonly #addresses: number;
  readonly #control: number;
  readonly #messages: number;
  /** Of each message the view that was given last. */
  readonly #views: Buffer[] = [];

  constructor(layout: MessageBatchLayout) {
    this.layout = layout;
    const { count, size, addressLength, controlLength = 0 } = layout;
    this.#controlLength = align(controlLength, 8);
    this.#vectors = count * HEADER;
    this.#addresses = align(this.#vectors + count * VECTOR, 64);
    this.#control = this.#addresses + count * ADDRESS;
    this.#messages = align(this.#control + count * this.#controlLength, 64);
    const memory = new ArrayBuffer(this.#messages + count * size);
    this.#block = Buffer.from(memory);
    this.#words = new Uint32Array(memory, 0, this.#messages >> 2);
    const base = addressOf(memory);
    for (let i = 0; i < count; i++) {
      const header = i * HEADER;
      const vector = this.#vectors + i * VECTOR;
      if (addressLength > 0) this.#pointer(header, base + BigInt(this.#addresses + i * ADDRESS));
      this.#block.writeUInt32LE(addressLength, header + 8);
      this.#pointer(header + 16, base + BigInt(vector));
      this.#block.writeUInt32LE(1, header + 24);
      if (controlLength > 0) this.#pointer(header + 32, base + BigInt(this.#control + i * this.#controlLength));
      this.#block.writeUInt32LE(controlLength, header + 40);
      this.#pointer(vector, base + BigInt(this.#messages + i * size));
      this.#block.writeUInt32LE(size, vector + 8);
    }
  }

  get full(): boolean {
    return this.length === this.layout.count;
  }

  /**
   * Takes what waits, at most a batch; 0 when nothing does, or when only an error of an earlier message was reported (see
   * `MSG_ERRQUEUE`). Does not block. Throws `SystemCallError`.
   */
  receive(fd: number, flags = 0): number {
    const { count, addressLength, controlLength = 0 } = this.layout;
    for (let i = 0; i < count; i++) {
      this.#words[i * 16 + 2] = addressLength;
      this.#words[i * 16 + 10] = controlLength;
      this.#words[i * 16 + 12] = 0;
    }
    const result = recvmmsg(fd, this.#block, count, MSG_DONTWAIT | flags, null);
    this.length = Math.max(result, 0);
    if (result < 0) {
      const error = errno();
      if (error !== EAGAIN && error !== EINTR && !REPORTED.has(error)) throw new SystemCallError('recvmmsg', error);
    }
    return this.length;
  }

  /** The octets of message `i`. */
  message(i: number): Buffer {
    const length = this.#lengthOf(i);
    const former = this.#views[i];
    if (former?.length === length) return former;
    const at = this.#messages + i * this.layout.size;
    const view = this.#block.subarray(at, at + length);
    this.#views[i] = view;
    return view;
  }

  /** The socket address of message `i`. */
  address(i: number): Buffer {
    const at = this.#addresses + i * ADDRESS;
    return this.#block.subarray(at, at + this.layout.addressLength);
  }

  /** Whether the socket address of message `i` has these octets. Nothing is allocated. */
  isFrom(i: number, name: Uint8Array): boolean {
    const at = this.#addresses + i * ADDRESS;
    for (let octet = 0; octet < name.length; octet++) if (this.#block[at + octet] !== name[octet]) return false;
    return true;
  }

  /** A number below `size`, a power of two, that is the same for the same socket address. Nothing is allocated. */
  addressHash(i: number, size: number): number {
    const at = this.#addresses + i * ADDRESS;
    let hash = 0;
    for (let octet = 0; octet < this.layout.addressLength; octet++)
      hash = (Math.imul(hash, 31) + (this.#block[at + octet] as number)) | 0;
    return hash & (size - 1);
  }

  /** The data of the ancillary item of message `i` with this level and type; `undefined` when it has none. */
  control(i: number, level: number, type: number): Buffer | undefined {
    const at = this.#controlItem(i, level, type);
    return at < 0 ? undefined : this.#block.subarray(at + CMSG_HEADER, at + (this.#words[at >> 2] as number));
  }

  /** The word at octet `offset` of that item; `undefined` when there is none. Nothing is allocated. */
  controlWord(i: number, level: number, type: number, offset: number): number | undefined {
    const at = this.#controlItem(i, level, type);
    if (at < 0 || CMSG_HEADER + offset + 4 > (this.#words[at >> 2] as number)) return undefined;
    return this.#words[(at + CMSG_HEADER + offset) >> 2];
  }

  /** Adds a message; `false` when it is longer than the layout allows. The batch must not be full. */
  append(message: Uint8Array, address?: Uint8Array): boolean {
    if (message.length > this.layout.size) return false;
    const i = this.length++;
    this.#block.set(message, this.#messages + i * this.layout.size);
    if (address) this.#block.set(address, this.#addresses + i * ADDRESS);
    this.#words[(this.#vectors + i * VECTOR + 8) >> 2] = message.length;
    return true;
  }

  /**
   * Sends what was appended, in order, and empties the batch. One message's failure does not hold up the others.
   * `onFailure` gets the index and errno of each message that the kernel did not take. What may be the error of an earlier message is
   * not believed before it comes a second time. Does not block.
   */
  send(fd: number, onFailure: (index: number, errno: number) => void): number {
    let done = 0;
    let sent = 0;
    let again = -1;
    while (done < this.length) {
      const result = sendmmsg(
        fd,
        done === 0 ? this.#block : this.#block.subarray(done * HEADER),
        this.length - done,
        MSG_DONTWAIT,
      );
      if (result > 0) {
        done += result;
        sent += result;
        continue;
      }
      const error = errno();
      if (error === EINTR) continue;
      if (REPORTED.has(error) && again !== done) {
        again = done;
        continue;
      }
      if (error === EAGAIN || error === ENOBUFS) {
        while (done < this.length) onFailure(done++, error);
      } else onFailure(done++, error);
    }
    this.length = 0;
    return sent;
  }

  /** Whether message `i` was received cut, as longer than `size`. */
  truncated(i: number): boolean {
    return ((this.#words[i * 16 + 12] as number) & MSG_TRUNC) !== 0;
  }

  /** Where its struct cmsghdr starts, which is whole; -1 when there is none. */
  #controlItem(i: number, level: number, type: number): number {
    const start = this.#control + i * this.#controlLength;
    const end = start + (this.#words[i * 16 + 10] as number);
    for (let at = start; at + CMSG_HEADER <= end; ) {
      const word = at >> 2;
      const length = this.#words[word] as number;
      if (length < CMSG_HEADER || at + length > end) return -1;
      if (this.#words[word + 2] === level && this.#words[word + 3] === type) return at;
      at += align(length, 8);
    }
    return -1;
  }

  #lengthOf(i: number): number {
    return Math.min(this.#words[i * 16 + 14] as number, this.layout.size);
  }

  #pointer(offset: number, address: bigint): void {
    this.#block.writeBigUInt64LE(address, offset);
  }
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
