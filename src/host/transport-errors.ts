import type { ForwardingTable } from '#dataplane/forwarding-table.ts';
import { icmpErrorFor } from '#dataplane/icmp-error.ts';
import { readIpHeader, targetOf } from '#dataplane/ip-packet.ts';
import { relayedFault } from '#dataplane/oversize.ts';
import { icmpIn, isOfPath, readTunnelError, type TunnelError } from '#dataplane/tunnel-error.ts';
import { Icmpv6Type } from '#wire/icmpv6.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { BpfTables } from './bpf-tables.ts';
import type { IcmpSender } from './icmp-sender.ts';
import { openIcmpSocket } from './icmp-socket.ts';
import { alloc, close, MSG_DONTWAIT, recv } from './posix.ts';

/** Destination Unreachable and Time Exceeded of RFC 792. */
const ERRORS4 = [3, 11];
const ERRORS6 = [Icmpv6Type.DESTINATION_UNREACHABLE, Icmpv6Type.PACKET_TOO_BIG, Icmpv6Type.TIME_EXCEEDED];
/** A quoted packet longer than this is cut. */
const LONGEST = 2048;

export interface TransportErrorParts {
  readonly maps: PmipMaps;
  readonly forwarding: ForwardingTable;
  readonly tables: BpfTables;
  readonly icmp: IcmpSender;
}

/**
 * What routers of the transport network say of tunnel packets: the path MTU is kept to from then on, and the sources of the packets inside
 * are told (RFC 2473 §8 "IPv6 Tunnel Error Processing and Reporting").
 */
export class TransportErrors {
  readonly fds: readonly number[];
  readonly #parts: TransportErrorParts;
  readonly #fd4: number;
  readonly #fd6: number;
  readonly #buffer = alloc(LONGEST).buffer;

  /** Throws `SystemCallError`. */
  constructor(parts: TransportErrorParts) {
    this.#parts = parts;
    this.#fd4 = openIcmpSocket(4, ERRORS4);
    this.#fd6 = openIcmpSocket(6, ERRORS6);
    this.fds = [this.#fd4, this.#fd6];
  }

  /** Takes one message; false when none waits. `relay` says whether there is leave to tell others of it. */
  handle(fd: number, relay: () => boolean): boolean {
    const length = recv(fd, this.#buffer, LONGEST, MSG_DONTWAIT);
    if (length < 0) return false;
    const octets = this.#buffer.subarray(0, length);
    // Of ICMPv6 the kernel has verified the checksum and gives no IP header.
    const icmp = fd === this.#fd6 ? octets : icmpIn(octets)?.message;
    const error = icmp && readTunnelError(fd === this.#fd6 ? 6 : 4, icmp);
    if (error && this.#isOurs(error)) this.#act(error, relay);
    return true;
  }

  close(): void {
    for (const fd of this.fds) close(fd);
  }

  #isOurs(error: TunnelError): boolean {
    for (const { path } of this.#parts.forwarding.paths()) if (isOfPath(path, error)) return true;
    return false;
  }

  #act(error: TunnelError, relay: () => boolean): void {
    const { tables, icmp } = this.#parts;
    if (error.fault.kind === 'too-big') tables.learnMtu(error.remote, error.fault.mtu);
    const mtu = error.inner && this.#mtuOfSender(error, error.inner);
    const fault = error.inner && mtu !== undefined && relayedFault(error, error.inner, mtu);
    const answer = fault && icmpErrorFor(error.inner as Uint8Array, fault);
    if (answer && relay()) icmp.send(answer);
  }

  /** That of the tunnel which the packet went through; `undefined` when it can be of no binding. */
  #mtuOfSender(error: TunnelError, inner: Uint8Array): number | undefined {
    const header = readIpHeader(inner);
    if (!header) return undefined;
    const { maps, forwarding, tables } = this.#parts;
    const candidates = [
      maps.binding('anchor', 0, targetOf(header.destination)),
      maps.binding('access', 0, targetOf(header.source)),
    ];
    for (const binding of candidates) {
      const path = binding && forwarding.pathAt(binding.path);
      if (!path || !isOfPath(path, error)) continue;
      if ((error.key ?? 0) === binding.sendKey) return tables.mtuOf(binding.path);
    }
    return undefined;
  }
}
