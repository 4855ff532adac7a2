import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { DropReason } from '#dataplane/drop-reason.ts';
import type { PmipMaps } from './bpf-maps.ts';
import { monotonicMilliseconds } from './clock.ts';
import {
  AF_INET6,
  alloc,
  bind,
  check,
  close,
  IPPROTO_IPV6,
  MSG_DONTWAIT,
  read,
  readSockaddrIn6,
  recvfrom,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCKADDR_IN6_LENGTH,
  sockaddrIn6,
  socket,
  write,
} from './posix.ts';
import { PMIP_MAC } from './tap.ts';

const IPPROTO_IPIP = 4;
const LONGEST_PACKET = 65535;
const ETHERNET_HEADER = 14;
/** Packets of one call, so that signalling waits no longer than a millisecond for them. */
const BATCH = 32;
/** Packets a second; what is beyond is dropped. */
const RATE = 5000;

interface TunnelSocket {
  readonly fd: number;
  readonly local: Ipv6Address;
  readonly version: 4 | 6;
}

/**
 * What the programs leave to the daemon: tunnel packets that came in fragments or through an interface without programs, and whatever
 * the stack lets fall into the pmip device. Its sockets must also be open so that the stack does not answer tunnel packets with ICMP
 * errors.
 */
export class SlowPath {
  /** What was dropped here. */
  readonly drops: Partial<Record<DropReason, number>> = {};
  readonly #tap: number;
  readonly #maps: PmipMaps;
  readonly #sockets = new Map<number, TunnelSocket>();
  readonly #frame = alloc(ETHERNET_HEADER + LONGEST_PACKET).buffer;
  readonly #packet = this.#frame.subarray(ETHERNET_HEADER);
  readonly #sender = alloc(SOCKADDR_IN6_LENGTH).buffer;
  readonly #senderLength = alloc(4).buffer;
  #allowance = RATE;
  #refilled = monotonicMilliseconds();

  /** Throws `SystemCallError`. */
  constructor(tap: number, localAddresses: readonly Ipv6Address[], maps: PmipMaps) {
    this.#tap = tap;
    this.#maps = maps;
    PMIP_MAC.write(this.#frame, 0);
    PMIP_MAC.write(this.#frame, 6);
    try {
      for (const local of localAddresses) {
        this.#open(local, IPPROTO_IPV6, 6);
        this.#open(local, IPPROTO_IPIP, 4);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  fds(): number[] {
    return [this.#tap, ...this.#sockets.keys()];
  }

  /** Takes some of what waits at a descriptor. */
  handle(fd: number): void {
    const tunnel = this.#sockets.get(fd);
    for (let i = 0; i < BATCH; i++) {
      const more = tunnel ? this.#fromTunnel(tunnel) : this.#fromTap();
      if (!more) return;
    }
  }

  close(): void {
    for (const fd of this.#sockets.keys()) close(fd);
    this.#sockets.clear();
  }

  #open(local: Ipv6Address, protocol: number, version: 4 | 6): void {
    const fd = check('socket', socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
    this.#sockets.set(fd, { fd, local, version });
    check(`bind ${local}`, bind(fd, sockaddrIn6(local), SOCKADDR_IN6_LENGTH));
  }

  #fromTap(): boolean {
    if (read(this.#tap, this.#frame, this.#frame.length) <= 0) return false;
    this.#drop('slow-path-unexpected');
    PMIP_MAC.write(this.#frame, 0);
    PMIP_MAC.write(this.#frame, 6);
    return true;
  }

  #fromTunnel({ fd, local, version }: TunnelSocket): boolean {
    this.#senderLength.writeUInt32LE(SOCKADDR_IN6_LENGTH);
    const length = recvfrom(fd, this.#packet, LONGEST_PACKET, MSG_DONTWAIT, this.#sender, this.#senderLength);
    if (length < 0) return false;
    const remote = readSockaddrIn6(this.#sender, 0).address;
    const reason = this.#withinRate() ? this.#decapsulate(local, remote, version, length) : 'slow-path-limit';
    if (reason) this.#drop(reason);
    return true;
  }

  /** The checks of the programs; the packet then comes in through the pmip device. */
  #decapsulate(local: Ipv6Address, remote: Ipv6Address, version: 4 | 6, length: number): DropReason | undefined {
    const packet = this.#packet;
    if (length < (version === 4 ? 20 : 40) || (packet[0] as number) >> 4 !== version) return 'malformed';
    const [source, destination] = version === 4 ? targets4(packet) : targets6(packet);
    const anchor = this.#maps.binding('anchor', source);
    const access = this.#maps.binding('access', destination);
    const [binding, direction] =
      anchor && this.#maps.isPath(anchor.path, local, remote) ? ([anchor, 'up'] as const) : ([access, 'down'] as const);
    if (!binding) {
      if (anchor) return 'tunnel-wrong-peer';
      return this.#maps.isPeer(remote) ? 'tunnel-no-binding' : 'tunnel-unknown-peer';
    }
    if (!this.#maps.isPath(binding.path, local, remote)) return 'tunnel-wrong-peer';
    this.#frame.writeUInt16BE(version === 4 ? 0x0800 : 0x86dd, 12);
    if (write(this.#tap, this.#frame, ETHERNET_HEADER + length) < 0) return 'decapsulation-failed';
    this.#maps.count(binding.counters, direction, length);
    return undefined;
  }

  /** A bucket that holds one second's worth. */
  #withinRate(): boolean {
    if (this.#allowance < 1) {
      const now = monotonicMilliseconds();
      this.#allowance = Math.min(RATE, this.#allowance + ((now - this.#refilled) * RATE) / 1000);
      this.#refilled = now;
    }
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }

  #drop(reason: DropReason): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }
}

function targets4(packet: Buffer): [Ipv4Address, Ipv4Address] {
  return [Ipv4Address.read(packet, 12), Ipv4Address.read(packet, 16)];
}

function targets6(packet: Buffer): [Ipv6Prefix, Ipv6Prefix] {
  return [new Ipv6Prefix(Ipv6Address.read(packet, 8), 64), new Ipv6Prefix(Ipv6Address.read(packet, 24), 64)];
}
