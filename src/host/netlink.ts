import {
  AF_NETLINK,
  alloc,
  bind,
  check,
  close,
  ENOBUFS,
  errno,
  errnoName,
  NETLINK_ROUTE,
  recv,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOCKADDR_NL_LENGTH,
  SOL_NETLINK,
  SOL_SOCKET,
  SystemCallError,
  send,
  setIntegerOption,
  sockaddrNl,
  socket,
} from './posix.ts';

export const NLM_F_REQUEST = 0x001;
export const NLM_F_ACK = 0x004;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const HEADER = 16;
const CAPACITY = 1 << 16;
const SOCKET_BUFFER = 4 << 20;
/** How often objects are listed that others change meanwhile. */
const DUMPS_MAXIMUM = 20;

/** A request: a message type with its flags, the fixed part of the body, and attributes. */
export interface NetlinkRequest {
  /** For people: what was asked, as `add route 192.0.2.1`. */
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
  readonly attributes: readonly NetlinkAttribute[];
}

/** A number is a 32-bit attribute, a string ends in a null octet, a list nests. */
export type NetlinkAttribute = readonly [
  type: number,
  value: number | string | Uint8Array | readonly NetlinkAttribute[],
];

/** Why the kernel refused one request. */
export interface NetlinkFailure {
  /** Of the request in its batch. */
  readonly index: number;
  readonly errno: number;
  /** `add route 192.0.2.1: ENODEV (Device for nexthop is not up)`. */
  readonly text: string;
}

/** The system refused a request that this program cannot do without. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly errno: number;

  constructor(failure: NetlinkFailure) {
    super(failure.text);
    this.errno = failure.errno;
  }
}

/** Requests to rtnetlink in the network namespace in which it was opened. Not for events. Synchronous; throws `SystemCallError`. */
export class Netlink {
  readonly #fd: number;
  readonly #out = alloc(CAPACITY).buffer;
  readonly #in = alloc(CAPACITY).buffer;
  #sequence = 0;

  constructor() {
    this.#fd = check('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    try {
      setIntegerOption(this.#fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER);
      setIntegerOption(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER);
      setIntegerOption(this.#fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
      setIntegerOption(this.#fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
      check('bind', bind(this.#fd, sockaddrNl(), SOCKADDR_NL_LENGTH));
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** Carries out all requests in order, whether or not one of them fails; one system call sends them. */
  batch(requests: readonly NetlinkRequest[]): NetlinkFailure[] {
    const failures: NetlinkFailure[] = [];
    for (let start = 0; start < requests.length; ) start = this.#batch(requests, start, failures);
    return failures;
  }

  /** One request; throws `NetlinkError` when it is refused, unless its errno is among those `accepted`. */
  request(request: NetlinkRequest, accepted: readonly number[] = []): void {
    const failure = this.batch([request])[0];
    if (failure && !accepted.includes(failure.errno)) throw new NetlinkError(failure);
  }

  /** The answer to a request for one object: a message after its header; `undefined` when there is none such. */
  get(request: NetlinkRequest): Buffer | undefined {
    let found: Buffer | undefined;
    this.#send([request], 0, NLM_F_REQUEST | NLM_F_ACK);
    this.#receive(1, (type, message) => {
      if (type !== NLMSG_ERROR) found = Buffer.from(message);
    });
    return found;
  }

  /**
   * Every object of a kind. Messages after their header, valid during the call. The kernel hands them out in portions, and says when some may be missing or stand twice because others
   * were added or removed meanwhile: then it is asked again. Of objects that never rest the last answer counts.
   */
  dump(request: NetlinkRequest, each: (message: Buffer) => void): void {
    let answer = this.#dump(request);
    for (let times = 1; answer.isInterrupted && times < DUMPS_MAXIMUM; times++) answer = this.#dump(request);
    for (const message of answer.messages) each(message);
  }

  close(): void {
    close(this.#fd);
  }

  #dump(request: NetlinkRequest): { readonly messages: readonly Buffer[]; readonly isInterrupted: boolean } {
    const messages: Buffer[] = [];
    let isInterrupted = false;
    this.#send([request], 0, NLM_F_REQUEST | NLM_F_DUMP);
    this.#receive(1, (type, message, flags) => {
      if (type === NLMSG_ERROR) return;
      if (flags & NLM_F_DUMP_INTR) isInterrupted = true;
      if (type !== NLMSG_DONE) messages.push(Buffer.from(message));
    });
    return { messages, isInterrupted };
  }

  #batch(requests: readonly NetlinkRequest[], start: number, failures: NetlinkFailure[]): number {
    const first = this.#sequence + 1;
    const end = this.#send(requests, start, NLM_F_REQUEST | NLM_F_ACK);
    this.#receive(end - start, (type, message, flags, sequence) => {
      const error = type === NLMSG_ERROR ? -message.readInt32LE(0) : 0;
      if (error === 0) return;
      const index = start + sequence - first;
      const detail = extendedMessage(message, flags);
      const name = (requests[index] as NetlinkRequest).name;
      failures.push({ index, errno: error, text: `${name}: ${errnoName(error)}${detail ? ` (${detail})` : ''}` });
    });
    return end;
  }

  /** Sends as many as fit, at least one; returns where the rest starts. */
  #send(requests: readonly NetlinkRequest[], start: number, flags: number): number {
    let length = 0;
    let next = start;
    for (; next < requests.length && (next === start || length < CAPACITY / 2); next++) {
      length = this.#write(requests[next] as NetlinkRequest, length, flags);
    }
    check('send rtnetlink', send(this.#fd, this.#out, length, 0));
    return next;
  }

  #write(request: NetlinkRequest, at: number, flags: number): number {
    const out = this.#out;
    out.set(request.body, at + HEADER);
    const end = writeAttributes(out, at + HEADER + align(request.body.length), request.attributes);
    this.#sequence = (this.#sequence + 1) >>> 0;
    out.writeUInt32LE(end - at, at);
    out.writeUInt16LE(request.type, at + 4);
    out.writeUInt16LE(request.flags | flags, at + 6);
    out.writeUInt32LE(this.#sequence, at + 8);
    out.writeUInt32LE(0, at + 12);
    return align(end);
  }

  /** Until `count` requests are answered. */
  #receive(count: number, each: (type: number, message: Buffer, flags: number, sequence: number) => void): void {
    for (let answered = 0; answered < count; ) {
      const length = recv(this.#fd, this.#in, CAPACITY, 0);
      if (length < 0) {
        if (errno() === ENOBUFS) continue;
        throw new SystemCallError('recv rtnetlink', errno());
      }
      for (let at = 0; at + HEADER <= length; ) {
        const size = this.#in.readUInt32LE(at);
        const type = this.#in.readUInt16LE(at + 4);
        if (type === NLMSG_ERROR || type === NLMSG_DONE) answered++;
        const flags = this.#in.readUInt16LE(at + 6);
        each(type, this.#in.subarray(at + HEADER, at + size), flags, this.#in.readUInt32LE(at + 8));
        at += align(size);
      }
    }
  }
}

/** The attributes of a message whose fixed part has `offset` octets; views of the message. */
export function attributesOf(message: Buffer, offset: number): Map<number, Buffer> {
  const attributes = new Map<number, Buffer>();
  for (let at = align(offset); at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < 4 || at + length > message.length) break;
    attributes.set(message.readUInt16LE(at + 2) & 0x3fff, message.subarray(at + 4, at + length));
    at += align(length);
  }
  return attributes;
}

function writeAttributes(out: Buffer, start: number, attributes: readonly NetlinkAttribute[]): number {
  let at = start;
  for (const [type, value] of attributes) {
    const end = writeValue(out, at + 4, value);
    out.writeUInt16LE(end - at, at);
    out.writeUInt16LE(type, at + 2);
    out.fill(0, end, align(end));
    at = align(end);
  }
  return at;
}

function writeValue(out: Buffer, at: number, value: NetlinkAttribute[1]): number {
  if (typeof value === 'number') return out.writeUInt32LE(value >>> 0, at);
  if (typeof value === 'string') return out.writeUInt8(0, at + out.write(value, at));
  if (value instanceof Uint8Array) {
    out.set(value, at);
    return at + value.length;
  }
  return writeAttributes(out, at, value);
}

/** What the kernel says beside the error number. */
function extendedMessage(message: Buffer, flags: number): string {
  if (!(flags & NLM_F_ACK_TLVS)) return '';
  const echoed = flags & NLM_F_CAPPED ? HEADER : message.readUInt32LE(4);
  const text = attributesOf(message, 4 + echoed).get(NLMSGERR_ATTR_MSG);
  return text ? text.toString('utf8', 0, text.length - 1) : '';
}

function align(value: number): number {
  return (value + 3) & ~3;
}
