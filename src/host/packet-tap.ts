import { attachClassicFilter } from './classic-filter.ts';
import { MessageBatch } from './message-batch.ts';
import { mobileNodeFilter, type NodeAddresses } from './mobile-node-filter.ts';
import {
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  ENETDOWN,
  ETH_P_ALL,
  getsockopt,
  ifIndexToName,
  PACKET_STATISTICS,
  SO_RCVBUF,
  SO_TIMESTAMPNS,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  SOL_SOCKET,
  SystemCallError,
  setIntegerOption,
  sockaddrLl,
  socket,
} from './posix.ts';

/** sll_pkttype. */
const PACKET_OUTGOING = 4;
/** The longest IP packet; the kernel puts segments together. */
const LONGEST_PACKET = 65_575;
/** Octets of packets that wait to be read. Beyond that the kernel passes packets by without a copy, and counts them. */
const QUEUE = 1 << 20;
/** A name of an interface may be given to another one; it is asked for anew after so many packets. */
const NAMES_KEPT = 1024;

/** A packet without its link-layer header, as one of the host's interfaces received or sent it. */
export interface TappedPacket {
  /** Milliseconds since 1970, UTC, with fractions. */
  readonly at: number;
  readonly direction: 'received' | 'sent';
  /** The name in Linux. */
  readonly interfaceName: string;
  /** Overwritten by the next call of `next`. */
  readonly octets: Uint8Array;
}

/** Sees the packets of one mobile node at every interface of this network namespace; those of others never leave the kernel. */
export class PacketTap {
  readonly fd: number;
  readonly #batch = new MessageBatch({
    count: 1,
    size: LONGEST_PACKET,
    addressLength: SOCKADDR_LL_LENGTH,
    controlLength: 32,
  });
  readonly #names = new Map<number, string>();
  #named = 0;
  /** Packets that the kernel has told of and nobody has read. */
  #waiting = 0;

  /** Throws `SystemCallError`: EPERM without CAP_NET_RAW. */
  constructor(addresses: NodeAddresses) {
    // Protocol 0: nothing is received before the filter is in place.
    this.fd = check('socket', socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      setIntegerOption(this.fd, SOL_SOCKET, SO_RCVBUF, QUEUE);
      setIntegerOption(this.fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
      this.follow(addresses);
      check('bind', bind(this.fd, sockaddrLl(0, ETH_P_ALL), SOCKADDR_LL_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** The mobile node has these addresses from now on. Throws `SystemCallError`. */
  follow(addresses: NodeAddresses): void {
    attachClassicFilter(this.fd, mobileNodeFilter(addresses));
  }

  /** The next packet that waits. */
  next(): TappedPacket | undefined {
    if (this.#receive() === 0) return undefined;
    this.#waiting--;
    const address = this.#batch.address(0);
    return {
      at: this.#stamp(),
      direction: address[10] === PACKET_OUTGOING ? 'sent' : 'received',
      interfaceName: this.#nameOf(address.readInt32LE(4)),
      octets: this.#batch.message(0),
    };
  }

  /** Packets since the last call for which there was no room. */
  takePassedBy(): number {
    const { packets, drops } = this.#statistics();
    this.#waiting += packets - drops;
    return drops;
  }

  /** Returns how many packets there were since the last call of `takePassedBy` that nobody has read. */
  close(): number {
    const { packets } = this.#statistics();
    close(this.fd);
    return this.#waiting + packets;
  }

  /** The kernel counts from one question to the next, and drops among all packets. */
  #statistics(): { readonly packets: number; readonly drops: number } {
    const statistics = alloc(8); // struct tpacket_stats
    const length = alloc(4);
    length.buffer.writeUInt32LE(8, 0);
    check('PACKET_STATISTICS', getsockopt(this.fd, SOL_PACKET, PACKET_STATISTICS, statistics.pointer, length.pointer));
    return { packets: statistics.buffer.readUInt32LE(0), drops: statistics.buffer.readUInt32LE(4) };
  }

  /** An interface that goes down is reported once to a socket of all interfaces too; it is of no interest here. */
  #receive(): number {
    try {
      return this.#batch.receive(this.fd);
    } catch (error) {
      if (error instanceof SystemCallError && error.errno === ENETDOWN) return 0;
      throw error;
    }
  }

  /** When the kernel had it, struct timespec. */
  #stamp(): number {
    const stamp = this.#batch.control(0, SOL_SOCKET, SO_TIMESTAMPNS);
    if (!stamp) return Date.now();
    return Number(stamp.readBigInt64LE(0)) * 1000 + Number(stamp.readBigInt64LE(8)) / 1e6;
  }

  #nameOf(index: number): string {
    if (++this.#named % NAMES_KEPT === 0) this.#names.clear();
    const known = this.#names.get(index);
    if (known !== undefined) return known;
    const name = ifIndexToName(index) ?? `interface ${index}`;
    this.#names.set(index, name);
    return name;
  }
}
