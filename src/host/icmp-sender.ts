import { Ipv6Address } from '#base/ipv6-address.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { instant } from '#base/time.ts';
import { markOfCustomer } from '#dataplane/customer.ts';
import type { IcmpError } from '#dataplane/icmp-error.ts';
import { encodeIcmpv4 } from '#wire/icmpv4.ts';
import { encodeIcmpv6 } from '#wire/icmpv6.ts';
import { monotonicMilliseconds } from './clock.ts';
import { openIcmpSocket } from './icmp-socket.ts';
import {
  close,
  MSG_DONTWAIT,
  SO_MARK,
  SOL_SOCKET,
  sendto,
  setIntegerOption,
  sockaddrIn,
  sockaddrIn6,
} from './posix.ts';

/**
 * RFC 4443 §2.4(f) "Message Processing Rules": "an IPv6 node MUST limit the rate of ICMPv6 error messages it originates". So many at once
 * and then a second; of all together, and of one destination.
 */
const ALL = { burst: 200, perSecond: 1000 };
const EACH = { burst: 6, perSecond: 10 };
/** Destinations with a limit of their own at a time; then all begin anew. */
const DESTINATIONS = 1024;

/** Sends ICMP errors in the name of the node, from the address that the kernel chooses towards their destination. */
export class IcmpSender {
  readonly #fd4: number;
  readonly #fd6: number;
  readonly #all = new RateLimit(ALL.burst, ALL.perSecond);
  readonly #each = new Map<string, RateLimit>();
  #mark = 0;

  /** Throws `SystemCallError`. */
  constructor() {
    this.#fd4 = openIcmpSocket(4, []);
    this.#fd6 = openIcmpSocket(6, []);
  }

  /** To a sender of this customer, by its routes. Returns false when there were too many lately. */
  send(error: IcmpError, customer: number): boolean {
    if (!this.allows(error, customer)) return false;
    this.#goBy(markOfCustomer(customer));
    if (error.version === 4) transmit(this.#fd4, encodeIcmpv4(error.message), sockaddrIn(error.destination, 0));
    else {
      // The kernel writes the checksum, as it chooses the source.
      const message = encodeIcmpv6(error.message, Ipv6Address.unspecified, error.destination);
      transmit(this.#fd6, message, sockaddrIn6(error.destination, 0));
    }
    return true;
  }

  close(): void {
    close(this.#fd4);
    close(this.#fd6);
  }

  #goBy(mark: number): void {
    if (mark === this.#mark) return;
    for (const fd of [this.#fd4, this.#fd6]) setIntegerOption(fd, SOL_SOCKET, SO_MARK, mark);
    this.#mark = mark;
  }

  /** Whether there were not too many lately; it counts as one more. */
  allows({ destination: { key } }: IcmpError, customer: number): boolean {
    const destination = `${customer} ${key}`;
    const now = instant(monotonicMilliseconds());
    let limit = this.#each.get(destination);
    if (!limit) {
      if (this.#each.size >= DESTINATIONS) this.#each.clear();
      limit = new RateLimit(EACH.burst, EACH.perSecond);
      this.#each.set(destination, limit);
    }
    return limit.allows(now) && this.#all.allows(now);
  }
}

/** An error that cannot be sent is as one that was lost. */
function transmit(fd: number, message: Uint8Array, address: Buffer): void {
  sendto(fd, message, message.length, MSG_DONTWAIT, address, address.length);
}
