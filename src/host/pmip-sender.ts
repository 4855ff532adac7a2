import type { DropReason } from '#dataplane/drop-reason.ts';
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
import { PMIP_MAC } from './tap.ts';

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERNET_HEADER = 14;
const ETHERTYPE_AT = 12;

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

  /** A packet that came in through no interface. */
  send(packet: Uint8Array): void {
    if (packet.length > this.#frame.length - ETHERNET_HEADER) this.#drop('too-big');
    else if (this.#transmit(packet) < 0) this.#drop('encapsulation-failed');
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

  #transmit(packet: Uint8Array): number {
    const isIpv4 = (packet[0] as number) >>> 4 === 4;
    this.#frame.writeUInt16BE(isIpv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, ETHERTYPE_AT);
    this.#frame.set(packet, ETHERNET_HEADER);
    return send(this.#fd, this.#frame, ETHERNET_HEADER + packet.length, MSG_DONTWAIT);
  }

  #drop(reason: DropReason): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }
}

function frameOf(mtu: number): Buffer {
  const frame = alloc(ETHERNET_HEADER + mtu).buffer;
  PMIP_MAC.write(frame, 0);
  PMIP_MAC.write(frame, 6);
  return frame;
}
