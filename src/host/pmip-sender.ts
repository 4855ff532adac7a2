import type { DropReason } from '#dataplane/drop-reason.ts';
import { ETHERNET_HEADER, type FrameArrival, writeArrival } from './pmip-frame.ts';
import {
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  send,
  sockaddrLl,
  socket,
} from './posix.ts';

/** Sends packets of mobile nodes out of the pmip device, where the programs see to which binding they belong and encapsulate them. */
export class PmipSender {
  /** What was not sent. */
  readonly drops: Partial<Record<DropReason, number>> = {};
  readonly #fd: number;
  #frame: Buffer;

  /** Throws `SystemCallError`. */
  constructor(pmip: number, mtu: number) {
    this.#frame = frameOf(mtu);
    // Protocol 0: it receives nothing.
    this.#fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    try {
      check('bind', bind(this.#fd, sockaddrLl(pmip, 0), SOCKADDR_LL_LENGTH));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A packet that came in there. */
  send(packet: Uint8Array, arrival: FrameArrival): void {
    const length = ETHERNET_HEADER + packet.length;
    if (length > this.#frame.length) {
      this.#drop('too-big');
      return;
    }
    writeArrival(this.#frame, arrival, (packet[0] as number) >>> 4 === 4 ? 4 : 6);
    this.#frame.set(packet, ETHERNET_HEADER);
    this.resend(this.#frame, length);
  }

  /** A frame as the programs handed it over; `length` of its octets. */
  resend(frame: Uint8Array, length: number): void {
    if (send(this.#fd, frame, length, MSG_DONTWAIT) < 0) this.#drop('encapsulation-failed');
  }

  /** The largest packet from now on. */
  setMtu(mtu: number): void {
    this.#frame = frameOf(mtu);
  }

  close(): void {
    close(this.#fd);
  }

  #drop(reason: DropReason): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }
}

function frameOf(mtu: number): Buffer {
  return alloc(ETHERNET_HEADER + mtu).buffer;
}
