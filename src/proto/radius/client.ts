import { readU32 } from '#base/bytes.ts';
import { sameAddress } from '#base/ip-address.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { type ClockReading, type Duration, type Instant, milliseconds } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';
import { MESSAGE_AUTHENTICATOR } from '#wire/radius/authenticators.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import { decodeRadius, findRadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import type { Machine } from '../machine.ts';
import type { LogOutput } from '../peer.ts';
import type {
  Entropy,
  Exchange,
  RadiusClientConfig,
  RadiusDatagram,
  RadiusEvent,
  RadiusOutcome,
  RadiusOutput,
  RadiusRequest,
  RadiusServer,
} from './events.ts';
import type { Place } from './identifiers.ts';
import { answersTo, encodeRequest, type SignedRequest } from './request-packet.ts';
import { portOf, ServerState } from './server-state.ts';
import { createRadiusStats, type RadiusStats } from './stats.ts';

/** Requests that wait for a place at a server, beyond which new ones are refused: 4 KB each at most. */
const QUEUE_MAXIMUM = 8192;
/** Requests whose time is over that are looked at in one event: the others are due at once again. */
const EXPIRED_AT_ONCE = 32;
const ERROR_CAUSE = 101;

/** A request that was made, with where it stands. */
interface Pending {
  readonly request: RadiusRequest;
  /** Servers that have failed it. */
  readonly failed: Set<ServerState<Pending>>;
  /** `undefined` while it waits for a place. */
  at: Sent | undefined;
}

interface Sent {
  readonly state: ServerState<Pending>;
  readonly place: Place;
  readonly packet: SignedRequest;
  readonly since: Instant;
  transmissions: number;
  timer: Timer<Pending>;
}

/**
 * A RADIUS client for authentication (RFC 2865), accounting (RFC 2866), with several servers: each request is sent to the first that is not thought dead,
 * again after its timeout, and then to the next one. A server that answers nothing is left alone for the dead time. When all are thought dead,
 * one request at a time is still sent, as a probe, and the others are answered at once.
 */
export class RadiusClient implements Machine<RadiusEvent, RadiusOutput> {
  readonly stats: RadiusStats = createRadiusStats();
  readonly #entropy: Entropy;
  readonly #timers = new TimerQueue<Pending>();
  readonly #pending = new Map<number, Pending>();
  /** Waiting for a place, in their order. */
  readonly #queues: Readonly<Record<Exchange, Set<Pending>>> = { access: new Set(), accounting: new Set() };
  /** Complaints about answers: one at once, one a minute. */
  readonly #complaints = new RateLimit(1, 1 / 60);
  #servers: ServerState<Pending>[];
  #config: RadiusClientConfig;
  #outputs: RadiusOutput[] = [];
  #now: ClockReading | undefined;

  constructor(config: RadiusClientConfig, entropy: Entropy) {
    this.#config = config;
    this.#entropy = entropy;
    this.#servers = config.servers.map((server) => new ServerState(server));
  }

  handle(event: RadiusEvent, now: ClockReading): void {
    this.#now = now;
    switch (event.kind) {
      case 'request':
        this.#request(event);
        return;
      case 'cancel':
        this.#cancel(event.id);
        return;
      case 'datagram':
        this.#receive(event);
        return;
      case 'connection':
        this.#connection(event.server, event.up);
        return;
      case 'timeout':
        for (const pending of this.#timers.expire(now.instant, EXPIRED_AT_ONCE)) this.#expire(pending);
        return;
      case 'configure':
        this.#configure(event.config);
        return;
    }
  }

  drain(): RadiusOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  nextTimeout(): Instant | undefined {
    return this.#timers.next();
  }

  /** Requests without an answer yet. */
  get waiting(): number {
    return this.#pending.size;
  }

  snapshot(): { readonly server: RadiusServer; readonly dead: boolean; readonly waiting: number }[] {
    return this.#servers.map((state) => ({
      server: state.server,
      dead: state.deadUntil(this.#instant) !== undefined,
      waiting: state.used,
    }));
  }

  get #instant(): Instant {
    return (this.#now as ClockReading).instant;
  }

  #request(request: RadiusRequest): void {
    this.stats.requests++;
    const pending: Pending = { request, failed: new Set(), at: undefined };
    if (this.#servers.length === 0) this.#answer(pending, 'no-server');
    else if (this.#queues[request.exchange].size >= QUEUE_MAXIMUM) {
      this.stats.overloads++;
      this.#answer(pending, 'overload');
    } else {
      this.#pending.set(request.id, pending);
      this.#dispatch(pending);
    }
  }

  #dispatch(pending: Pending): void {
    if (!this.#sendOrGiveUp(pending)) this.#queues[pending.request.exchange].add(pending);
  }

  /** False when the server whose turn it is has no place for it. */
  #sendOrGiveUp(pending: Pending): boolean {
    const state = this.#serverFor(pending);
    if (!state) {
      this.stats.noAnswer++;
      this.#answer(pending, 'no-answer');
      return true;
    }
    const place = state.places(pending.request.exchange).take(pending);
    if (!place) return false;
    if (pending.failed.size > 0) this.stats.failovers++;
    const packet = encodeRequest(pending.request, place.identifier, state.server.secret, this.#entropy);
    const timer = this.#timers.set(this.#instant, patienceOf(state.server), pending);
    pending.at = { state, place, packet, since: this.#instant, transmissions: 1, timer };
    this.#send(pending, pending.at);
    return true;
  }

  #serverFor({ failed, request }: Pending): ServerState<Pending> | undefined {
    const usable = this.#servers.filter((state) => state.takes(request.exchange));
    const left = usable.filter((state) => !failed.has(state));
    const alive = left.find((state) => state.deadUntil(this.#instant) === undefined);
    if (alive || usable.some((state) => state.deadUntil(this.#instant) === undefined)) return alive;
    return left.find((state) => state.idle);
  }

  #send({ request }: Pending, { state, place, packet }: Sent): void {
    const { server } = state;
    this.#outputs.push({
      kind: 'send',
      server,
      exchange: request.exchange,
      slot: place.slot,
      octets: packet.octets,
    });
  }

  #expire(pending: Pending): void {
    const sent = pending.at;
    if (!sent) return;
    const { server } = sent.state;
    // A server that is thought dead is probed with one packet.
    const probes = sent.state.deadUntil(this.#instant) !== undefined;
    if (sent.transmissions > server.retransmit || probes || server.transport === 'tls') {
      this.stats.timeouts++;
      this.#fail(pending, sent);
      return;
    }
    sent.transmissions++;
    this.stats.retransmissions++;
    sent.timer = this.#timers.set(this.#instant, server.timeout, pending);
    this.#send(pending, sent);
  }

  #fail(pending: Pending, sent: Sent): void {
    const { state } = sent;
    if (state.failed(sent.since, this.#instant, this.#config.deadTime)) {
      this.stats.serversDied++;
      this.#log('warn', 'radius-server-dead', `RADIUS server ${state.server.address} does not answer`, {
        server: state.server.address.toString(),
      });
    }
    pending.failed.add(state);
    this.#leavePlace(pending, sent);
    this.#dispatch(pending);
    this.#serveQueue(pending.request.exchange);
  }

  #leavePlace(pending: Pending, { state, place, timer }: Sent): void {
    this.#timers.cancel(timer);
    state.places(pending.request.exchange).free(place);
    pending.at = undefined;
  }

  /** Those that waited for a place, as long as there are places. */
  #serveQueue(exchange: Exchange): void {
    const queue = this.#queues[exchange];
    for (const pending of queue) {
      if (!this.#sendOrGiveUp(pending)) return;
      queue.delete(pending);
    }
  }

  #receive(event: RadiusDatagram): void {
    const from = (server: RadiusServer) =>
      sameAddress(server.address, event.from) ? exchangeOf(server, event.port) : undefined;
    const known = this.#servers.find(({ server }) => from(server) !== undefined);
    const exchange = known && from(known.server);
    if (!known || !exchange) {
      this.stats.strangers++;
      return;
    }
    const decoded = decodeRadius(event.octets);
    if (!decoded.ok) {
      this.stats.malformed++;
      this.#complain('radius-malformed', `RADIUS server ${event.from} sends what is not RADIUS`, event.from.toString());
      return;
    }
    const place = { slot: event.slot, identifier: decoded.value.identifier };
    const pending = known.places(exchange).get(place);
    if (!pending?.at) this.stats.unexpected++;
    else if (!answersTo(pending.at.packet, event.octets, known.server.secret)) {
      this.stats.badAuthenticators++;
      const text = `an answer of RADIUS server ${event.from} is not signed with the key configured for it`;
      this.#complain('radius-bad-authenticator', text, event.from.toString());
    } else if (exchange === 'access' && lacksAuthenticator(decoded.value, known.server)) {
      this.stats.withoutMessageAuthenticator++;
      const text = `answers of RADIUS server ${event.from} have no Message-Authenticator and are discarded, as they could be forged (CVE-2024-3596): have the server send one, or set "message-authenticator optional" for it`;
      this.#complain('radius-no-message-authenticator', text, event.from.toString());
    } else this.#answered(pending, pending.at, decoded.value);
  }

  #answered(pending: Pending, sent: Sent, packet: RadiusPacket): void {
    const outcome = this.#outcomeOf(pending.request.exchange, packet.code);
    if (!outcome) return;
    const { state } = sent;
    if (refusesAccounting(packet)) {
      this.#refused(pending, sent);
      return;
    }
    if (state.answered(this.#instant)) {
      this.stats.serversRevived++;
      this.#log('info', 'radius-server-alive', `RADIUS server ${state.server.address} answers again`, {
        server: state.server.address.toString(),
      });
    }
    this.#leavePlace(pending, sent);
    this.#answer(pending, outcome, packet);
    this.#serveQueue(pending.request.exchange);
  }

  /**
   * RFC 6614 §2.5 "RADIUS Datagrams": an accounting client that receives an Accounting-Response with Error-Cause 406 "SHOULD log the error and stop sending Accounting-Request
   * packets".
   */
  #refused(pending: Pending, sent: Sent): void {
    const { state } = sent;
    const { address } = state.server;
    if (!state.refusesAccounting) {
      state.refusesAccounting = true;
      const text = `RADIUS server ${address} takes no accounting; it is told no more of it until the connection is made anew`;
      this.#log('warn', 'radius-no-accounting', text, { server: address.toString() });
    }
    pending.failed.add(state);
    this.#leavePlace(pending, sent);
    this.#dispatch(pending);
  }

  /** What a lost connection took with it is asked elsewhere. */
  #connection(server: RadiusServer, up: boolean): void {
    const state = this.#servers.find((each) => each.isAt(server));
    if (!state) return;
    state.disconnected = !up;
    if (up) {
      state.refusesAccounting = false;
      state.answered(this.#instant);
    } else {
      for (const pending of [...this.#pending.values()]) {
        const sent = pending.at;
        if (sent?.state !== state) continue;
        pending.failed.add(state);
        this.#leavePlace(pending, sent);
        this.#dispatch(pending);
      }
    }
    this.#serveQueue('access');
    this.#serveQueue('accounting');
  }

  #outcomeOf(exchange: Exchange, code: number): RadiusOutcome | undefined {
    if (exchange === 'accounting' && code === RadiusCode.ACCOUNTING_RESPONSE) {
      this.stats.responses++;
      return 'accept';
    }
    if (exchange === 'access' && code === RadiusCode.ACCESS_ACCEPT) {
      this.stats.accepts++;
      return 'accept';
    }
    if (exchange === 'access' && (code === RadiusCode.ACCESS_REJECT || code === RadiusCode.ACCESS_CHALLENGE)) {
      // RFC 2865 §4.4 "Access-Challenge": "If the NAS does not support challenge/response, it MUST treat an Access-Challenge as though it had received an
      // Access-Reject instead."
      if (code === RadiusCode.ACCESS_CHALLENGE) this.stats.challenges++;
      this.stats.rejects++;
      return 'reject';
    }
    this.stats.wrongCodes++;
    return undefined;
  }

  #answer(pending: Pending, outcome: RadiusOutcome, packet?: RadiusPacket): void {
    this.#pending.delete(pending.request.id);
    this.#outputs.push({ kind: 'answer', id: pending.request.id, outcome, attributes: packet?.attributes ?? [] });
  }

  #cancel(id: number): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    const { exchange } = pending.request;
    this.#queues[exchange].delete(pending);
    if (pending.at) this.#leavePlace(pending, pending.at);
    this.#serveQueue(exchange);
  }

  /** Servers that stay keep what they were sent; what a server that goes was sent is sent to another one. */
  #configure(config: RadiusClientConfig): void {
    const before = this.#servers;
    this.#config = config;
    this.#servers = config.servers.map((server) => {
      const state = before.find((each) => each.isAt(server)) ?? new ServerState<Pending>(server);
      state.server = server;
      return state;
    });
    for (const pending of [...this.#pending.values()]) {
      if (pending.at && !this.#servers.includes(pending.at.state)) {
        this.#leavePlace(pending, pending.at);
        this.#dispatch(pending);
      }
    }
    this.#serveQueue('access');
    this.#serveQueue('accounting');
  }

  #complain(code: string, text: string, server: string): void {
    if (this.#complaints.allows(this.#instant)) this.#log('warn', code, text, { server });
  }

  #log(level: LogOutput['level'], code: string, text: string, fields: LogOutput['fields']): void {
    this.#outputs.push({ kind: 'log', level, code, text, fields });
  }
}

/**
 * RFC 6613 forbids to send a request again over the connection that it was sent over, which is reliable: it has the time that all transmissions over UDP
 * would have.
 */
function patienceOf({ timeout, retransmit, transport }: RadiusServer): Duration {
  return transport === 'tls' ? milliseconds(timeout * (retransmit + 1)) : timeout;
}

/**
 * Chooses: what RFC 3579 §3.2 "Message-Authenticator" asks of packets with an EAP-Message is asked of every answer to an Access-Request: whoever is between us and the server can make out of
 * a rejection an acceptance with the same Response Authenticator, which is a mere MD5.
 */
function lacksAuthenticator(packet: RadiusPacket, { transport, messageAuthenticator }: RadiusServer): boolean {
  if (transport === 'tls' || messageAuthenticator === 'optional') return false;
  return findRadiusAttribute(packet, MESSAGE_AUTHENTICATOR) === undefined;
}

function refusesAccounting(packet: RadiusPacket): boolean {
  const cause = packet.code === RadiusCode.ACCOUNTING_RESPONSE ? findRadiusAttribute(packet, ERROR_CAUSE) : undefined;
  return cause?.length === 4 && readU32(cause, 0) === ErrorCause.UNSUPPORTED_EXTENSION;
}

function exchangeOf(server: RadiusServer, port: number): Exchange | undefined {
  return (['access', 'accounting'] as const).find((exchange) => portOf(server, exchange) === port);
}
