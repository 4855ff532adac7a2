import { controlFramesFilter } from './access-filter.ts';
import { attachClassicFilter } from './classic-filter.ts';
import { isInterfaceGone } from './interface-gone.ts';
import { MessageBatch } from './message-batch.ts';
import { hearAll } from './packet-membership.ts';
import {
  AF_PACKET,
  bind,
  check,
  close,
  ENODEV,
  ETH_P_ALL,
  ifNameToIndex,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_ALLMULTI,
  SO_ATTACH_BPF,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  SOL_SOCKET,
  SystemCallError,
  setIntegerOption,
  sockaddrLl,
  socket,
} from './posix.ts';
import type { SocketCounters } from './signalling-socket.ts';
import { growBuffers } from './socket-buffers.ts';

const BATCH = 64;
/** Signalling frames are short; of a longer frame the head is enough to see who sent it. */
const LONGEST_FRAME = 2048;

/**
 * The frames of one access interface, both ways, Ethernet header included and with whatever source address the sender writes.
 * It does not see what the host itself sends. It belongs to one interface index: when the interface goes away and comes back, a new
 * socket is needed.
 */
export class PacketSocket {
  readonly fd: number;
  readonly linkName: string;
  readonly interfaceIndex: number;
  readonly counters: SocketCounters = { received: 0, sent: 0, tooLong: 0, sendFailed: 0 };
  readonly #in = new MessageBatch({ count: BATCH, size: LONGEST_FRAME, addressLength: 0 });
  readonly #out = new MessageBatch({ count: BATCH, size: LONGEST_FRAME, addressLength: 0 });

  /**
   * `filter` is the descriptor of a socket filter program in eBPF; without it a classic one lets control frames pass.
   * Throws `SystemCallError`: ENODEV when there is no such interface, EPERM without CAP_NET_RAW.
   */
  constructor(linkName: string, filter: number | undefined) {
    this.linkName = linkName;
    this.interfaceIndex = ifNameToIndex(linkName);
    if (this.interfaceIndex === 0) throw new SystemCallError(`interface ${linkName}`, ENODEV);
    // Protocol 0: nothing is received before the filter is in place and bind names the interface.
    this.fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      growBuffers(this.fd);
      setIntegerOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      this.#hearMulticast();
      if (filter === undefined) attachClassicFilter(this.fd, controlFramesFilter());
      else setIntegerOption(this.fd, SOL_SOCKET, SO_ATTACH_BPF, filter);
      check(`bind ${linkName}`, bind(this.fd, sockaddrLl(this.interfaceIndex, ETH_P_ALL), SOCKADDR_LL_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** Takes one batch of what waits. `frame` is only valid during the call. Returns whether more may wait. */
  receive(handle: (frame: Uint8Array) => void): boolean {
    let count = 0;
    try {
      count = this.#in.receive(this.fd);
    } catch (error) {
      if (!isInterfaceGone(error)) throw error;
    }
    for (let i = 0; i < count; i++) {
      this.counters.received++;
      handle(this.#in.message(i));
    }
    return count === BATCH;
  }

  /** Puts a frame into the batch, which leaves when it is full or with `flush`. */
  queue(frame: Uint8Array): void {
    if (this.#out.full) this.flush();
    if (!this.#out.append(frame)) this.counters.sendFailed++;
  }

  flush(): void {
    this.counters.sent += this.#out.send(this.fd, () => {
      this.counters.sendFailed++;
    });
  }

  close(): void {
    close(this.fd);
  }

  /** Solicitations and DHCPv6 go to groups that the host is no member of: the network card must not keep them back. */
  #hearMulticast(): void {
    hearAll(this.fd, this.interfaceIndex, PACKET_MR_ALLMULTI);
  }
}
