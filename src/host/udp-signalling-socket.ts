import type { Ipv4Address } from '#base/ipv4-address.ts';
import { attachClassicFilter, NO_TUNNEL_PACKETS } from './classic-filter.ts';
import { MessageBatch } from './message-batch.ts';
import {
  AF_INET,
  bind,
  check,
  close,
  IP_PKTINFO,
  IP_RECVERR,
  MSG_ERRQUEUE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR_IN_LENGTH,
  SOL_IP,
  setIntegerOption,
  sockaddrIn,
  socket,
} from './posix.ts';
import type { SendFailureHandler, SignallingHandler, SocketNames } from './signalling-socket.ts';
import { BATCH, IPV4_NAMES, SignallingSocket } from './signalling-socket.ts';
import { growBuffers } from './socket-buffers.ts';

/** RFC 5844 §6 "IANA Considerations": pmip6-cntl. */
export const SIGNALLING_PORT = 5436;

/** At most so many ICMP errors are read at once; of each the start of the datagram that it is about. */
const ERRORS = { count: 16, size: 64, addressLength: SOCKADDR_IN_LENGTH, controlLength: 128 };

const NAMES: SocketNames<Ipv4Address> = {
  ...IPV4_NAMES,
  write: (address, port) => sockaddrIn(address, port || SIGNALLING_PORT),
};

/** A UDP socket on the signalling port of one local IPv4 address. An ICMP error for what it sent is a failure to send. */
export class UdpSignallingSocket extends SignallingSocket<Ipv4Address> {
  readonly #errors = new MessageBatch(ERRORS);

  /** Throws `SystemCallError`: EADDRINUSE, or EADDRNOTAVAIL when `local` is on no interface. */
  constructor(local: Ipv4Address, onSendFailure: SendFailureHandler<Ipv4Address>) {
    super(open(local), local, NAMES, onSendFailure);
  }

  override receive(handle: SignallingHandler<Ipv4Address>): boolean {
    const count = this.take(handle);
    // The descriptor is ready for errors too: they are all that waits when no message does.
    if (count === 0) this.#readErrors();
    return count === BATCH;
  }

  #readErrors(): void {
    const count = this.#errors.receive(this.fd, MSG_ERRQUEUE);
    for (let i = 0; i < count; i++) {
      const error = this.#errors.control(i, SOL_IP, IP_RECVERR);
      if (error) this.fail(this.names.read(this.#errors.address(i)).address, error.readUInt32LE(0));
    }
  }
}

function open(local: Ipv4Address): number {
  const fd = check('socket', socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    growBuffers(fd);
    setIntegerOption(fd, SOL_IP, IP_PKTINFO, 1);
    setIntegerOption(fd, SOL_IP, IP_RECVERR, 1);
    attachClassicFilter(fd, NO_TUNNEL_PACKETS);
    const name = sockaddrIn(local, SIGNALLING_PORT);
    check(`bind UDP ${local} port ${SIGNALLING_PORT}`, bind(fd, name, SOCKADDR_IN_LENGTH));
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}
