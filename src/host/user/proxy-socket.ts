import { attachClassicFilter, classicProgram } from '../classic-filter.ts';
import { hearAll } from '../packet-membership.ts';
import {
  AF_PACKET,
  alloc,
  bind,
  check,
  close,
  MSG_DONTWAIT,
  PACKET_IGNORE_OUTGOING,
  PACKET_MR_ALLMULTI,
  recv,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_LL_LENGTH,
  SOL_PACKET,
  send,
  setIntegerOption,
  sockaddrLl,
  socket,
} from '../posix.ts';

/** Passes frames of a link without a VLAN tag that are not for another host. The rest follows. */
const OF_THE_LINK: readonly (readonly [number, number, number, number])[] = [
  [0x20, 0, 0, 0xfffff004], // type of the packet
  [0x15, 0, 1, 3], // for another host
  [0x06, 0, 0, 0],
  [0x20, 0, 0, 0xfffff02c], // VLAN tag
  [0x54, 0, 0, 0x0fff],
  [0x15, 1, 0, 0],
  [0x06, 0, 0, 0],
];
const ALL = classicProgram([...OF_THE_LINK, [0x06, 0, 0, 0xffff]]);
const ARP_REQUESTS = classicProgram([
  ...OF_THE_LINK,
  [0x28, 0, 0, 20], // operation
  [0x15, 0, 1, 1],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
]);
const NEIGHBOR_SOLICITATIONS = classicProgram([
  ...OF_THE_LINK,
  [0x30, 0, 0, 20], // next header
  [0x15, 0, 3, 58],
  [0x30, 0, 0, 54], // type of ICMPv6
  [0x15, 0, 1, 135],
  [0x06, 0, 0, 0xffff],
  [0x06, 0, 0, 0],
]);
const PROTOCOLS = {
  arp: { etherType: 0x0806, filter: ALL },
  'arp-requests': { etherType: 0x0806, filter: ARP_REQUESTS },
  nd: { etherType: 0x86dd, filter: NEIGHBOR_SOLICITATIONS },
} as const;
const LONGEST_FRAME = 2048;

/** What is asked for neighbours on a link: ARP, its requests alone, or Neighbor Solicitations, of which those for groups too that the host is no member of. */
export class ProxySocket {
  readonly fd: number;
  readonly #frame = alloc(LONGEST_FRAME).buffer;

  /** Throws `SystemCallError`. */
  constructor(interfaceIndex: number, protocol: keyof typeof PROTOCOLS) {
    const { etherType, filter } = PROTOCOLS[protocol];
    // Protocol 0: nothing is received before the filter is in place and bind names the interface.
    this.fd = check('socket', socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      setIntegerOption(this.fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
      if (protocol === 'nd') this.#hearMulticast(interfaceIndex);
      attachClassicFilter(this.fd, filter);
      check('bind', bind(this.fd, sockaddrLl(interfaceIndex, etherType), SOCKADDR_LL_LENGTH));
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** `undefined` when none waits. It is only valid until the next call. */
  receive(): Uint8Array | undefined {
    const length = recv(this.fd, this.#frame, LONGEST_FRAME, MSG_DONTWAIT);
    return length > 0 ? this.#frame.subarray(0, length) : undefined;
  }

  /** Whether it went; who asks will ask again. */
  send(frame: Uint8Array): boolean {
    return send(this.fd, Buffer.from(frame), frame.length, MSG_DONTWAIT) === frame.length;
  }

  close(): void {
    close(this.fd);
  }

  #hearMulticast(interfaceIndex: number): void {
    hearAll(this.fd, interfaceIndex, PACKET_MR_ALLMULTI);
  }
}
