import { ROUTE_PROTOCOL } from './netlink-requests.ts';
import {
  AF_NETLINK,
  alloc,
  bind,
  check,
  close,
  ENOBUFS,
  errno,
  MSG_DONTWAIT,
  NETLINK_ROUTE,
  recv,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_NL_LENGTH,
  sockaddrNl,
  socket,
} from './posix.ts';

const RTMGRP_LINK = 0x001;
const RTMGRP_IPV6_ROUTE = 0x400;
const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const HEADER = 16;
const RTMSG = 12;

/** Tells when routes or interfaces changed by others than this program, so that peers may be reached another way. */
export class RouteEvents {
  readonly fd: number;
  readonly #buffer = alloc(1 << 16).buffer;

  /** Throws `SystemCallError`. */
  constructor() {
    this.fd = check('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
    check('bind', bind(this.fd, sockaddrNl(RTMGRP_LINK | RTMGRP_IPV6_ROUTE), SOCKADDR_NL_LENGTH));
  }

  /** Takes all that waits. True also when the kernel had to drop some. */
  routesChanged(): boolean {
    let changed = false;
    for (;;) {
      const length = recv(this.fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
      if (length > 0) changed = this.#isOthers(length) || changed;
      else if (errno() === ENOBUFS) changed = true;
      else return changed;
    }
  }

  close(): void {
    close(this.fd);
  }

  #isOthers(length: number): boolean {
    for (let at = 0; at + HEADER <= length; ) {
      const size = this.#buffer.readUInt32LE(at);
      const type = this.#buffer.readUInt16LE(at + 4);
      const isRoute = type === RTM_NEWROUTE || type === RTM_DELROUTE;
      if (!isRoute || size < HEADER + RTMSG || this.#buffer[at + HEADER + 5] !== ROUTE_PROTOCOL) return true;
      at += (size + 3) & ~3;
    }
    return false;
  }
}
