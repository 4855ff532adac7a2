import type { Ipv4Address } from '#base/ipv4-address.ts';
import {
  AF_INET,
  bind,
  check,
  close,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR_IN_LENGTH,
  sockaddrIn,
  socket,
} from './posix.ts';
import type { SendFailureHandler, SocketNames } from './signalling-socket.ts';
import { IPV4_NAMES, SignallingSocket } from './signalling-socket.ts';
import { growBuffers } from './socket-buffers.ts';

/** RFC 2131 §4.1 "Constructing and sending DHCP messages": a relay agent and the servers speak to each other on the servers' port. */
const DHCP_SERVER_PORT = 67;

const NAMES: SocketNames<Ipv4Address> = {
  ...IPV4_NAMES,
  write: (address) => sockaddrIn(address, DHCP_SERVER_PORT),
};

/** A UDP socket of a DHCP relay agent, on one address of this node. */
export class DhcpRelaySocket extends SignallingSocket<Ipv4Address> {
  /** Throws `SystemCallError`: EADDRINUSE, or EADDRNOTAVAIL when `local` is on no interface. */
  constructor(local: Ipv4Address, onSendFailure: SendFailureHandler<Ipv4Address>) {
    super(open(local), local, NAMES, onSendFailure);
  }
}

function open(local: Ipv4Address): number {
  const fd = check('socket', socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    growBuffers(fd);
    check(
      `bind UDP ${local} port ${DHCP_SERVER_PORT}`,
      bind(fd, sockaddrIn(local, DHCP_SERVER_PORT), SOCKADDR_IN_LENGTH),
    );
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}
