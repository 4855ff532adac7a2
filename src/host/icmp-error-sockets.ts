import { icmpIn, readTunnelError, type TunnelError } from '#dataplane/tunnel-error.ts';
import { Icmpv6Type } from '#wire/icmpv6.ts';
import { openIcmpSocket } from './icmp-socket.ts';
import { alloc, close, MSG_DONTWAIT, recv } from './posix.ts';

/** Destination Unreachable and Time Exceeded of RFC 792. */
const ERRORS4 = [3, 11];
const ERRORS6 = [Icmpv6Type.DESTINATION_UNREACHABLE, Icmpv6Type.PACKET_TOO_BIG, Icmpv6Type.TIME_EXCEEDED];
/** A quoted packet longer than this is cut. */
const LONGEST = 2048;

/** Hears what routers of the transport network say of tunnel packets. */
export class IcmpErrorSockets {
  readonly fds: readonly number[];
  readonly #fd6: number;
  readonly #buffer = alloc(LONGEST).buffer;

  /** Throws `SystemCallError`. */
  constructor() {
    this.#fd6 = openIcmpSocket(6, ERRORS6);
    this.fds = [openIcmpSocket(4, ERRORS4), this.#fd6];
  }

  /** Takes one message; false when none waits, `undefined` when it is about no tunnel packet. */
  receive(fd: number): TunnelError | undefined | false {
    const length = recv(fd, this.#buffer, LONGEST, MSG_DONTWAIT);
    if (length < 0) return false;
    const octets = this.#buffer.subarray(0, length);
    // Of ICMPv6 the kernel has verified the checksum and gives no IP header.
    const icmp = fd === this.#fd6 ? octets : icmpIn(octets)?.message;
    return icmp && readTunnelError(fd === this.#fd6 ? 6 : 4, icmp);
  }

  close(): void {
    for (const fd of this.fds) close(fd);
  }
}
