import type { ForwardingTable } from '#dataplane/forwarding-table.ts';
import { icmpErrorFor } from '#dataplane/icmp-error.ts';
import { readIpHeader, targetOf } from '#dataplane/ip-packet.ts';
import { relayedFault } from '#dataplane/oversize.ts';
import { isOfPath, type TunnelError } from '#dataplane/tunnel-error.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { BpfTables } from './bpf-tables.ts';
import { IcmpErrorSockets } from './icmp-error-sockets.ts';
import type { IcmpSender } from './icmp-sender.ts';

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
  readonly #parts: TransportErrorParts;
  readonly #sockets = new IcmpErrorSockets();

  /** Throws `SystemCallError`. */
  constructor(parts: TransportErrorParts) {
    this.#parts = parts;
  }

  get fds(): readonly number[] {
    return this.#sockets.fds;
  }

  /** Takes one message; false when none waits. `relay` says whether there is leave to tell others of it. */
  handle(fd: number, relay: () => boolean): boolean {
    const error = this.#sockets.receive(fd);
    if (error && this.#isOurs(error)) this.#act(error, relay);
    return error !== false;
  }

  close(): void {
    this.#sockets.close();
  }

  #isOurs(error: TunnelError): boolean {
    const { forwarding } = this.#parts;
    for (const { index } of forwarding.paths()) {
      const path = forwarding.pathAt(index);
      if (path && isOfPath(path, error)) return true;
    }
    return false;
  }

  #act(error: TunnelError, relay: () => boolean): void {
    const { tables, icmp } = this.#parts;
    if (error.fault.kind === 'too-big') tables.learnMtu(error.remote, error.fault.mtu);
    const sender = error.inner && this.#senderOf(error, error.inner);
    const fault = error.inner && sender && relayedFault(error, error.inner, sender.mtu);
    const answer = fault && icmpErrorFor(error.inner as Uint8Array, fault);
    if (sender && answer && relay()) icmp.send(answer, sender.customer);
  }

  /** Whose the packet was, and how long packets through its tunnel may be; `undefined` when it can be of no binding. */
  #senderOf(error: TunnelError, inner: Uint8Array): { customer: number; mtu: number } | undefined {
    const header = readIpHeader(inner);
    if (!header) return undefined;
    const { maps, forwarding, tables } = this.#parts;
    for (const customer of forwarding.customers) {
      const candidates = [
        maps.binding('anchor', customer, targetOf(header.destination)),
        maps.binding('access', customer, targetOf(header.source)),
      ];
      for (const binding of candidates) {
        const path = binding && forwarding.pathAt(binding.path);
        if (!path || !isOfPath(path, error)) continue;
        if ((error.key ?? 0) === binding.sendKey) return { customer, mtu: tables.mtuOf(binding.path) };
      }
    }
    return undefined;
  }
}
