import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { attributesOf } from './netlink.ts';
import { ROUTE_PROTOCOL } from './netlink-requests.ts';
import {
  AF_INET,
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
const RTMGRP_IPV4_ROUTE = 0x040;
const RTMGRP_IPV6_ROUTE = 0x400;
const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const HEADER = 16;
const RTMSG = 12;
const RTA_DST = 1;
/** Beyond it, looking up every peer is cheaper than comparing. */
const MAXIMUM_PREFIXES = 64;

/** Which destinations may be reached another way now; `everything` when it cannot be told. */
export type ChangedRoutes = 'everything' | readonly IpPrefix[];

type IpPrefix = Ipv4Prefix | Ipv6Prefix;

export function isWithin(prefix: IpPrefix, address: IpAddress): boolean {
  if (prefix instanceof Ipv4Prefix) return address instanceof Ipv4Address && prefix.contains(address);
  return address instanceof Ipv6Address && prefix.contains(address);
}

/** Tells when others than this program changed routes or interfaces. */
export class RouteEvents {
  readonly fd: number;
  readonly #buffer = alloc(1 << 16).buffer;

  /** Throws `SystemCallError`. */
  constructor() {
    this.fd = check('socket', socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
    check('bind', bind(this.fd, sockaddrNl(RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE), SOCKADDR_NL_LENGTH));
  }

  /** Takes all that waits. */
  changedRoutes(): ChangedRoutes {
    const prefixes: IpPrefix[] = [];
    let everything = false;
    for (;;) {
      const length = recv(this.fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
      if (length > 0) everything = !this.#collect(length, prefixes) || everything;
      else if (errno() === ENOBUFS)
        everything = true; // the kernel had to drop some
      else return everything ? 'everything' : prefixes;
    }
  }

  close(): void {
    close(this.fd);
  }

  /** False when anything may have changed. */
  #collect(length: number, prefixes: IpPrefix[]): boolean {
    for (let at = 0; at + HEADER <= length; ) {
      const size = this.#buffer.readUInt32LE(at);
      const type = this.#buffer.readUInt16LE(at + 4);
      if ((type !== RTM_NEWROUTE && type !== RTM_DELROUTE) || size < HEADER + RTMSG) return false;
      const route = this.#buffer.subarray(at + HEADER, at + size);
      if (route[5] !== ROUTE_PROTOCOL && prefixes.push(destinationOf(route)) > MAXIMUM_PREFIXES) return false;
      at += (size + 3) & ~3;
    }
    return true;
  }
}

function destinationOf(route: Buffer): IpPrefix {
  const address = attributesOf(route, RTMSG).get(RTA_DST);
  if (route[0] === AF_INET)
    return new Ipv4Prefix(address ? Ipv4Address.read(address) : Ipv4Address.unspecified, route[1] as number);
  return new Ipv6Prefix(address ? Ipv6Address.read(address) : Ipv6Address.unspecified, route[1] as number);
}
