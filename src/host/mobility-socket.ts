import type { Ipv6Address } from '#base/ipv6-address.ts';
import {
  AF_INET6,
  bind,
  check,
  close,
  IPPROTO_IPV6,
  IPPROTO_MH,
  IPV6_PKTINFO,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
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
import type { SendFailureHandler, SocketNames } from './signalling-socket.ts';
import { SignallingSocket } from './signalling-socket.ts';
import { growBuffers } from './socket-buffers.ts';

const NAMES: SocketNames<Ipv6Address> = {
  length: SOCKADDR_IN6_LENGTH,
  interfaceIndex: { level: IPPROTO_IPV6, type: IPV6_PKTINFO, at: 16 },
  trafficClass: { level: IPPROTO_IPV6, option: IPV6_TCLASS },
  write: (address) => sockaddrIn6(address),
  read: (name) => ({ address: readSockaddrIn6(name, 0).address, port: 0 }),
};

/**
 * A raw socket for Mobility Headers of one local IPv6 address.
 *
 * The kernel fills the checksum of what is sent and drops what arrives with a wrong one: for this protocol it does so by default, with
 * the checksum field at octet 4.
 */
export class MobilitySocket extends SignallingSocket<Ipv6Address> {
  /** Throws `SystemCallError`: EPERM without CAP_NET_RAW, EADDRNOTAVAIL when `local` is on no interface. */
  constructor(local: Ipv6Address, onSendFailure: SendFailureHandler<Ipv6Address>) {
    super(open(local), local, NAMES, onSendFailure);
  }
}

function open(local: Ipv6Address): number {
  const fd = check('socket', socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_MH));
  try {
    growBuffers(fd);
    setIntegerOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    setIntegerOption(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 64);
    check(`bind ${local}`, bind(fd, sockaddrIn6(local), SOCKADDR_IN6_LENGTH));
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}
