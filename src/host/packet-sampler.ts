import { attachClassicFilter, classicProgram } from './classic-filter.ts';
import { MessageBatch } from './message-batch.ts';
import {
  AF_PACKET,
  bind,
  check,
  close,
  ENODEV,
  ETH_P_ALL,
  ifNameToIndex,
  PACKET_IGNORE_OUTGOING,
  SO_RCVBUF,
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

const LOAD_BYTE = 0x30;
const IF_EQUAL = 0x15;
const RETURN = 0x06;
/** SKF_AD_OFF + SKF_AD_PKTTYPE. */
const PACKET_TYPE = 0xfffff004;
const PACKET_OUTGOING = 4;
/** Octets of a frame that are looked at. */
const LONGEST_FRAME = 9216;
/** What the kernel counts for a frame that waits, in octets. */
const FRAME_IN_QUEUE = 2304;

/**
 * Some of the frames that an interface receives or sends, read only as fast as is asked for: while its queue is full the kernel passes frames by without a
 * copy, so that forwarding is not slower for being watched.
 */
export class PacketSampler {
  readonly fd: number;
  readonly interfaceIndex: number;
  readonly #batch = new MessageBatch({ count: 1, size: LONGEST_FRAME, addressLength: 0 });

  /** `waiting`: how many frames may wait. Throws `SystemCallError`: ENODEV when there is no such interface, EPERM without CAP_NET_RAW. */
  constructor(linkName: string, way: 'input' | 'output', waiting: number) {
    this.interfaceIndex = ifNameToIndex(linkName);
    if (this.interfaceIndex === 0) throw new SystemCallError(`interface ${linkName}`, ENODEV);
    this.fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      setIntegerOption(this.fd, SOL_SOCKET, SO_RCVBUF, waiting * FRAME_IN_QUEUE);
      // What is sent would be copied for each packet, filter or not.
      if (way === 'input') setIntegerOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      attachClassicFilter(this.fd, onlyWay(way));
      check(`bind ${linkName}`, bind(this.fd, sockaddrLl(this.interfaceIndex, ETH_P_ALL), SOCKADDR_LL_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** The next frame that waits, valid until the next call. Throws `SystemCallError`, once when the interface goes down or away. */
  next(): Uint8Array | undefined {
    return this.#batch.receive(this.fd) === 0 ? undefined : this.#batch.message(0);
  }

  close(): void {
    close(this.fd);
  }
}

function onlyWay(way: 'input' | 'output'): Buffer {
  const [ifSent, otherwise] = way === 'output' ? [0, 1] : [1, 0];
  return classicProgram([
    [LOAD_BYTE, 0, 0, PACKET_TYPE],
    [IF_EQUAL, ifSent, otherwise, PACKET_OUTGOING],
    [RETURN, 0, 0, LONGEST_FRAME],
    [RETURN, 0, 0, 0],
  ]);
}
