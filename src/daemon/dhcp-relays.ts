import type { Ipv4Address } from '#base/ipv4-address.ts';
import { DhcpRelaySocket } from '#host/dhcp-relay-socket.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import { SystemCallError } from '#host/posix.ts';
import type { AccessConfig, AccessOutput } from '#proto/access/events.ts';

type RelayOutput = Extract<AccessOutput, { kind: 'relay' }>;

export interface DhcpRelayEvents {
  /** `payload` is only valid during the call. */
  message(local: Ipv4Address, server: Ipv4Address, payload: Uint8Array): void;
  sendFailed(server: Ipv4Address, code: string): void;
  /** There is no relaying from this address. */
  unusable(local: Ipv4Address, error: SystemCallError): void;
}

/** The sockets towards DHCP servers, one for each address that access links relay from: always, or as soon as a session has a server of its own. */
export class DhcpRelays {
  readonly #loop: PollLoop;
  readonly #events: DhcpRelayEvents;
  readonly #sockets = new Map<string, DhcpRelaySocket>();
  /** Addresses from which nobody has relayed yet. */
  #unused = new Set<string>();

  constructor(loop: PollLoop, events: DhcpRelayEvents) {
    this.#loop = loop;
    this.#events = events;
  }

  /** Has the sockets that these access links need, and no others. */
  configure(configs: readonly AccessConfig[]): void {
    const interfaces = configs.flatMap((config) => config.interfaces);
    const wanted = new Map(interfaces.flatMap(({ relay }) => (relay ? [[relay.address.key, relay.address]] : [])));
    const possible = new Set(interfaces.flatMap(({ relayFrom }) => relayFrom?.key ?? []));
    for (const [key, socket] of this.#sockets) if (!wanted.has(key) && !possible.has(key)) this.#close(key, socket);
    for (const [key, local] of wanted) if (!this.#sockets.has(key)) this.#open(key, local);
    this.#unused = new Set([...possible].filter((key) => !wanted.has(key) && !this.#sockets.has(key)));
  }

  queue({ local, server, payload }: RelayOutput): void {
    if (this.#unused.delete(local.key)) this.#open(local.key, local);
    this.#sockets.get(local.key)?.queue(server, payload);
  }

  flush(): void {
    for (const socket of this.#sockets.values()) socket.flush();
  }

  /** For the operator: each socket with its counters. */
  snapshot(): Record<string, unknown>[] {
    return [...this.#sockets.values()].map(({ local, counters }) => ({ socket: `dhcp-relay ${local}`, ...counters }));
  }

  close(): void {
    for (const [key, socket] of this.#sockets) this.#close(key, socket);
  }

  #open(key: string, local: Ipv4Address): void {
    try {
      const socket = new DhcpRelaySocket(local, (server, code) => this.#events.sendFailed(server, code));
      this.#sockets.set(key, socket);
      this.#loop.watch(socket.fd, () => {
        socket.receive((server, payload) => this.#events.message(local, server, payload));
      });
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error;
      this.#events.unusable(local, error);
    }
  }

  #close(key: string, socket: DhcpRelaySocket): void {
    this.#sockets.delete(key);
    this.#loop.unwatch(socket.fd);
    socket.close();
  }
}
