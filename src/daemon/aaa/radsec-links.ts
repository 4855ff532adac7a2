import { sameAddress } from '#base/ip-address.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { RadiusEvent, RadiusServer } from '#proto/radius/index.ts';
import { RadsecConnection, type RadsecSettings } from './radsec-connection.ts';

export interface RadsecLinksEffects {
  /** To the client machine. */
  readonly tell: (event: Extract<RadiusEvent, { kind: 'connection' | 'datagram' }>) => void;
  readonly received: (server: RadiusServer, octets: Uint8Array) => void;
  readonly log: (entry: LogOutput) => void;
}

export interface RadsecServer {
  readonly server: RadiusServer;
  readonly settings: RadsecSettings;
}

export interface RadsecLinkView {
  readonly state: 'connecting' | 'up' | 'down';
  /** Why it is down. */
  readonly reason?: string;
}

interface Link {
  readonly connection: RadsecConnection;
  readonly server: RadiusServer;
  /** Whether the log says that it is down. */
  complained: boolean;
}

/** The connections to the RADIUS servers that are reached over TLS, one to each. */
export class RadsecLinks {
  readonly #effects: RadsecLinksEffects;
  /** By server and settings. */
  readonly #links = new Map<string, Link>();

  constructor(effects: RadsecLinksEffects) {
    this.#effects = effects;
  }

  /** Has connections to these servers, and to no others. */
  configure(servers: readonly RadsecServer[]): void {
    const wanted = new Map(servers.map((each) => [keyOf(each), each]));
    for (const [key, { connection, server }] of this.#links) {
      if (wanted.has(key)) continue;
      this.#links.delete(key);
      connection.close();
      this.#effects.tell({ kind: 'connection', server, up: false });
    }
    for (const [key, each] of wanted) if (!this.#links.has(key)) this.#open(key, each);
  }

  send(server: RadiusServer, octets: Uint8Array): void {
    this.#linkOf(server)?.connection.send(octets);
  }

  /** For `show`. */
  view(server: RadiusServer): RadsecLinkView | undefined {
    const connection = this.#linkOf(server)?.connection;
    if (!connection) return undefined;
    const { state, reason } = connection;
    return { state, ...(reason !== undefined && { reason }) };
  }

  close(): void {
    for (const { connection } of this.#links.values()) connection.close();
    this.#links.clear();
  }

  #linkOf(server: RadiusServer): Link | undefined {
    return [...this.#links.values()].find((link) => isSame(link.server, server));
  }

  #open(key: string, { server, settings }: RadsecServer): void {
    const { address, authenticationPort: port } = server;
    const host = address.toString();
    const connection = new RadsecConnection({
      address: host,
      port,
      settings,
      packet: (octets) => {
        this.#effects.received(server, octets);
        this.#effects.tell({ kind: 'datagram', from: address, port, slot: 0, octets });
      },
      up: () => this.#changed(key, server, undefined),
      down: (reason) => this.#changed(key, server, reason),
    });
    this.#links.set(key, { connection, server, complained: false });
  }

  #changed(key: string, server: RadiusServer, reason: string | undefined): void {
    const link = this.#links.get(key);
    const fields = { server: server.address.toString(), port: String(server.authenticationPort) };
    if (reason !== undefined && link && !link.complained) {
      link.complained = true;
      const text = `no connection to RADIUS server ${server.address} over TLS: ${reason}; it is tried again and again`;
      this.#effects.log({ kind: 'log', level: 'warn', code: 'radsec-down', text, fields });
    }
    if (reason === undefined && link) {
      link.complained = false;
      const text = `RADIUS server ${server.address} is connected over TLS`;
      this.#effects.log({ kind: 'log', level: 'info', code: 'radsec-up', text, fields });
    }
    this.#effects.tell({ kind: 'connection', server, up: reason === undefined });
  }
}

/** Another port, certificate or name is another connection. */
function keyOf({ server, settings }: RadsecServer): string {
  return JSON.stringify([server.address.toString(), server.authenticationPort, settings]);
}

function isSame(a: RadiusServer, b: RadiusServer): boolean {
  return sameAddress(a.address, b.address) && a.authenticationPort === b.authenticationPort;
}

/** The servers of settings that are reached over TLS. */
export function radsecServers(servers: readonly (RadiusServer & { readonly tls?: RadsecSettings })[]): RadsecServer[] {
  return servers.flatMap((server) => (server.transport === 'tls' ? [{ server, settings: server.tls ?? {} }] : []));
}
