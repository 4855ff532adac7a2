import { MessageBatch } from '#host/message-batch.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import {
  AF_PACKET,
  addressOf,
  alloc,
  bind,
  check,
  close,
  ENETDOWN,
  ETH_P_ALL,
  ifNameToIndex,
  PACKET_AUXDATA,
  SO_ATTACH_FILTER,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  SOL_SOCKET,
  SystemCallError,
  setIntegerOption,
  setsockopt,
  sockaddrLl,
  socket,
} from '#host/posix.ts';
import { captureFilter, type FrameFilter } from './frame-filter.ts';
import { LabError } from './lab-error.ts';

/** A frame as it passed a link. */
export interface TappedFrame {
  /** When the kernel saw it: milliseconds since 1970 with a resolution of about 0.2 µs. */
  readonly at: number;
  /** Whether the node sent it (rather than received it). */
  readonly outgoing: boolean;
  /** Its first octets, as many as the tap keeps; valid during the call only. */
  readonly bytes: Uint8Array;
  readonly originalLength: number;
}

const SO_TIMESTAMPNS = 35;
const PACKET_OUTGOING = 4;
const RECEIVE_BUFFER = 64 << 20;
const BATCH = 64;
const KEPT_OCTETS = 512;

/**
 * Listens to one interface of a node, with the kernel's timestamps, so that it does not matter when somebody looks: the frames wait in
 * the socket until `drain`.
 */
export class LinkTap {
  readonly #fd: number;
  readonly #batch = new MessageBatch({
    count: BATCH,
    size: KEPT_OCTETS,
    addressLength: SOCKADDR_LL_LENGTH,
    controlLength: 96,
  });

  /** Throws `SystemCallError`, or `LabError` when the namespace has no such interface. */
  constructor(namespacePath: string, linkName: string, filter: FrameFilter) {
    this.#fd = inNetworkNamespace(namespacePath, () => openTap(linkName, filter));
  }

  /** Calls `see` with each frame that waits, oldest first. */
  drain(see: (frame: TappedFrame) => void): void {
    for (;;) {
      const count = this.#receive();
      for (let i = 0; i < count; i++) see(this.#frame(i));
      if (count < BATCH) return;
    }
  }

  close(): void {
    close(this.#fd);
  }

  #receive(): number {
    try {
      return this.#batch.receive(this.#fd);
    } catch (error) {
      // The socket says once that the interface is down, and goes on when it is up again.
      if (error instanceof SystemCallError && error.errno === ENETDOWN) return 0;
      throw error;
    }
  }

  #frame(i: number): TappedFrame {
    const stamp = this.#batch.control(i, SOL_SOCKET, SO_TIMESTAMPNS);
    const auxiliary = this.#batch.control(i, SOL_PACKET, PACKET_AUXDATA);
    const bytes = this.#batch.message(i);
    return {
      at: stamp ? Number(stamp.readBigInt64LE(0)) * 1000 + Number(stamp.readBigInt64LE(8)) / 1e6 : Date.now(),
      outgoing: this.#batch.address(i)[10] === PACKET_OUTGOING,
      bytes,
      originalLength: auxiliary?.readUInt32LE(4) ?? bytes.length,
    };
  }
}

function openTap(linkName: string, filter: FrameFilter): number {
  const index = ifNameToIndex(linkName);
  if (index === 0) throw new LabError('no-such-link', `no interface ${linkName} to listen to`);
  // Protocol 0: nothing is received before the filter is in place and bind names the interface.
  const fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  try {
    setIntegerOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
    setIntegerOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    setIntegerOption(fd, SOL_PACKET, PACKET_AUXDATA, 1);
    attachFilter(fd, captureFilter(filter, KEPT_OCTETS));
    check(`bind ${linkName}`, bind(fd, sockaddrLl(index, ETH_P_ALL), SOCKADDR_LL_LENGTH));
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

function attachFilter(fd: number, program: Buffer): void {
  const header = alloc(16); // struct sock_fprog
  header.buffer.writeUInt16LE(program.length / 8, 0);
  header.buffer.writeBigUInt64LE(addressOf(program), 8);
  check('SO_ATTACH_FILTER', setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header.pointer, 16));
}
