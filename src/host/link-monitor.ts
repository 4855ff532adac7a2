import {
  AF_NETLINK,
  alloc,
  bind,
  check,
  close,
  EAGAIN,
  EINTR,
  ENOBUFS,
  errno,
  MSG_DONTWAIT,
  NETLINK_ROUTE,
  recv,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_NL_LENGTH,
  SystemCallError,
  send,
  sockaddrNl,
  socket,
} from './posix.ts';

/** The state of one interface of this network namespace. */
export interface LinkState {
  readonly interfaceIndex: number;
  readonly name: string;
  /** In octets. */
  readonly mtu: number;
  /** Enabled, and with a carrier. */
  readonly up: boolean;
  /** False once it was removed. */
  readonly present: boolean;
}

const RTMGRP_LINK = 1;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const NLM_F_REQUEST_DUMP = 0x301;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x10000;
const NLMSG_HEADER = 16;
const IFINFOMSG = 16;

/** Follows the interfaces of a network namespace through rtnetlink. `read` first tells the state of every one of them. */
export class LinkMonitor {
  readonly fd: number;
  readonly #buffer = alloc(1 << 16).buffer;

  /** Throws `SystemCallError`. */
  constructor() {
    this.fd = check('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
    check('bind', bind(this.fd, sockaddrNl(RTMGRP_LINK), SOCKADDR_NL_LENGTH));
    this.#requestAll();
  }

  /** `read` tells the state of every interface once more. */
  refresh(): void {
    this.#requestAll();
  }

  /** What changed since the last call, in order. Does not block. */
  read(): LinkState[] {
    const changes: LinkState[] = [];
    for (;;) {
      const length = recv(this.fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
      if (length > 0) {
        parseLinks(this.#buffer.subarray(0, length), changes);
        continue;
      }
      const error = errno();
      if (error === ENOBUFS)
        this.#requestAll(); // some changes were lost
      else if (error !== EINTR) {
        if (error !== EAGAIN) throw new SystemCallError('recv rtnetlink', error);
        return changes;
      }
    }
  }

  close(): void {
    close(this.fd);
  }

  #requestAll(): void {
    const request = Buffer.alloc(NLMSG_HEADER + IFINFOMSG);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(RTM_GETLINK, 4);
    request.writeUInt16LE(NLM_F_REQUEST_DUMP, 6);
    check('send rtnetlink', send(this.fd, request, request.length, 0));
  }
}

function parseLinks(block: Buffer, changes: LinkState[]): void {
  for (let at = 0; at + NLMSG_HEADER <= block.length; ) {
    const length = block.readUInt32LE(at);
    if (length < NLMSG_HEADER || at + length > block.length) return;
    const type = block.readUInt16LE(at + 4);
    if ((type === RTM_NEWLINK || type === RTM_DELLINK) && length >= NLMSG_HEADER + IFINFOMSG) {
      const link = parseLink(block.subarray(at + NLMSG_HEADER, at + length), type === RTM_NEWLINK);
      if (link) changes.push(link);
    }
    at += (length + 3) & ~3;
  }
}

function parseLink(message: Buffer, present: boolean): LinkState | undefined {
  const flags = message.readUInt32LE(8);
  let name: string | undefined;
  let mtu: number | undefined;
  for (let at = IFINFOMSG; at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < 4) return undefined;
    const type = message.readUInt16LE(at + 2);
    if (type === IFLA_IFNAME) name = message.toString('utf8', at + 4, at + length - 1);
    if (type === IFLA_MTU && at + 8 <= message.length) mtu = message.readUInt32LE(at + 4);
    at += (length + 3) & ~3;
  }
  if (name === undefined || mtu === undefined) return undefined;
  const up = present && (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0;
  return { interfaceIndex: message.readInt32LE(4), name, mtu, up, present };
}
