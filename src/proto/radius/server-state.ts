import { sameAddress } from '#base/ip-address.ts';
import { after, type Duration, type Instant } from '#base/time.ts';
import type { Exchange, RadiusServer } from './events.ts';
import { Identifiers } from './identifiers.ts';

/**
 * Source ports for each server and exchange. Eight of them let 2,048 requests wait for one server: as many mobile nodes as an access network
 * brings at once after a loss of power.
 */
export const SLOTS = 8;
/** Of a connection over TLS, below this; what is above is for whoever has the connection, to ask whether the server is there. */
export const TLS_IDENTIFIERS = 255;

/** One server as the client knows it. */
export class ServerState<Request> {
  /** As configured; changes when only its key or its timers do. */
  server: RadiusServer;
  /** The connection to a server over TLS is lost. */
  disconnected = false;
  /** It has said that it takes no accounting, on this connection. */
  refusesAccounting = false;
  readonly #places: Readonly<Record<Exchange, Identifiers<Request>>>;
  #deadUntil: Instant | undefined;
  /** When it last answered with its secret. */
  #answeredAt: Instant | undefined;

  constructor(server: RadiusServer) {
    this.server = server;
    const shared = server.transport === 'tls' ? new Identifiers<Request>(1, TLS_IDENTIFIERS) : undefined;
    this.#places = {
      access: shared ?? new Identifiers(SLOTS),
      accounting: shared ?? new Identifiers(SLOTS),
    };
  }

  /** Of all requests. */
  get used(): number {
    const { access, accounting } = this.#places;
    return access === accounting ? access.used : access.used + accounting.used;
  }

  takes(exchange: Exchange): boolean {
    return !this.disconnected && !(exchange === 'accounting' && this.refusesAccounting);
  }

  places(exchange: Exchange): Identifiers<Request> {
    return this.#places[exchange];
  }

  get idle(): boolean {
    return this.used === 0;
  }

  deadUntil(now: Instant): Instant | undefined {
    return this.#deadUntil !== undefined && this.#deadUntil > now ? this.#deadUntil : undefined;
  }

  /** A request that was first sent at `sentAt` had no answer. Whether the server is given up by that: it answered no other one since. */
  failed(sentAt: Instant, now: Instant, deadTime: Duration): boolean {
    if (deadTime === 0 || (this.#answeredAt !== undefined && this.#answeredAt > sentAt)) return false;
    const wasDead = this.deadUntil(now) !== undefined;
    this.#deadUntil = after(now, deadTime);
    return !wasDead;
  }

  /** Whether it was thought dead until now. */
  answered(now: Instant): boolean {
    const wasDead = this.#deadUntil !== undefined;
    this.#answeredAt = now;
    this.#deadUntil = undefined;
    return wasDead;
  }

  isAt(other: RadiusServer): boolean {
    const { address, authenticationPort, accountingPort, transport } = this.server;
    return (
      transport === other.transport &&
      sameAddress(address, other.address) &&
      authenticationPort === other.authenticationPort &&
      accountingPort === other.accountingPort
    );
  }
}

export function portOf(server: RadiusServer, exchange: Exchange): number {
  return exchange === 'access' ? server.authenticationPort : server.accountingPort;
}
