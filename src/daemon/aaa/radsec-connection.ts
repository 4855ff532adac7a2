import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import { encodeStatusServer, isStatusAnswer, RadiusStream, refuseRequest } from '#proto/radius/radsec.ts';
import type { SignedRequest } from '#proto/radius/request-packet.ts';

/** How a server is reached over TLS. Files are read at each connection, so that renewed ones are used by the next one. */
export interface RadsecSettings {
  /** A file of PEM certificates that sign the server's; those of the system without it. */
  readonly trusted?: string;
  /** Files of our certificate, with those between it and what the server trusts, and of its key. */
  readonly certificate?: string;
  readonly key?: string;
  /** The name in the server's certificate; its address without it. */
  readonly identity?: string;
}

export interface RadsecConnectionParts {
  readonly address: string;
  readonly port: number;
  readonly settings: RadsecSettings;
  readonly timers?: RadsecTimers;
  readonly packet: (octets: Uint8Array) => void;
  readonly up: () => void;
  /** It could not be made, or is lost; for people. */
  readonly down: (reason: string) => void;
}

export interface RadsecTimers {
  readonly connectMs: number;
  readonly retryFirstMs: number;
  readonly retryLastMs: number;
  /** After so long without anything from the server it is asked whether it is there, and has as long to answer. */
  readonly watchMs: number;
}

const TIMERS: RadsecTimers = { connectMs: 10_000, retryFirstMs: 1000, retryLastMs: 60_000, watchMs: 15_000 };
/** Packets that wait for the connection: as many as it has identifiers. */
const QUEUE_MAXIMUM = 256;

/**
 * The connection to one RADIUS server over TLS (RFC 6614): made at once, and again when it is lost, each time after twice as long. A server that answers a
 * Status-Server is asked by one whether it is there, and left when it does not answer. Never throws.
 */
export class RadsecConnection {
  state: 'connecting' | 'up' | 'down' = 'connecting';
  /** Why it is down. */
  reason: string | undefined;
  readonly #parts: RadsecConnectionParts;
  #socket: TLSSocket | undefined;
  #waiting: Uint8Array[] = [];
  readonly #timers: RadsecTimers;
  #wait: number;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #question: SignedRequest | undefined;
  #answersQuestions = false;

  constructor(parts: RadsecConnectionParts) {
    this.#parts = parts;
    this.#timers = parts.timers ?? TIMERS;
    this.#wait = this.#timers.retryFirstMs;
    // What comes of it is told to whoever has the connection by then.
    this.#timer = setTimeout(() => this.#connect(), 0).unref();
  }

  /** What is sent while the connection is being made waits for it; what is sent while it is down is lost. */
  send(octets: Uint8Array): void {
    if (this.state === 'up') this.#socket?.write(octets);
    else if (this.state === 'connecting' && this.#waiting.length < QUEUE_MAXIMUM) this.#waiting.push(octets);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #connect(): void {
    const { address, port, settings } = this.#parts;
    const { trusted, certificate, key, identity } = settings;
    const stream = new RadiusStream();
    this.state = 'connecting';
    try {
      // RFC 6614 §2.3(2) "Connection Setup": "Negotiation of mutual authentication is REQUIRED." Of the versions that it allows TLS 1.2 and later are used, and of their cipher suites those
      // of the runtime: the ones with RC4 and 3DES that it names are broken by now.
      // Differs: RFC 6614 §2.3(2) has TLS_RSA_WITH_3DES_EDE_CBC_SHA as the least to support.
      const socket = connect({
        host: address,
        port,
        minVersion: 'TLSv1.2',
        ...(identity !== undefined && { servername: identity }),
        ...(trusted !== undefined && { ca: readFileSync(trusted) }),
        ...(certificate !== undefined && { cert: readFileSync(certificate) }),
        ...(key !== undefined && { key: readFileSync(key) }),
        // RFC 6614 §2.3(3): "Peer validation always includes a check on whether the locally configured expected DNS name or IP address of the server that is contacted matches its
        // presented certificate."
        checkServerIdentity: (_, presented) => checkServerIdentity(identity ?? address, presented),
      });
      this.#socket = socket;
      socket.setTimeout(this.#timers.connectMs, () => socket.destroy(new Error('no answer in time')));
      socket.setKeepAlive(true, this.#timers.watchMs);
      socket.setNoDelay(true);
      socket.once('secureConnect', () => this.#connected(socket));
      socket.on('data', (octets) => this.#received(socket, stream, octets));
      socket.on('error', (error) => this.#lost(socket, error.message));
      socket.on('close', () => this.#lost(socket, 'the server closed the connection'));
      socket.unref();
    } catch (error) {
      this.#lost(undefined, (error as Error).message);
    }
  }

  #connected(socket: TLSSocket): void {
    socket.setTimeout(0);
    this.state = 'up';
    this.reason = undefined;
    for (const octets of this.#waiting) socket.write(octets);
    this.#waiting = [];
    this.#answersQuestions = false;
    this.#ask(socket);
    this.#parts.up();
  }

  #received(socket: TLSSocket, stream: RadiusStream, octets: Uint8Array): void {
    if (socket !== this.#socket) return;
    const packets = stream.receive(octets);
    if (!packets) {
      socket.destroy(new Error('the server sends what is not RADIUS'));
      return;
    }
    for (const packet of packets) this.#take(socket, packet);
  }

  #take(socket: TLSSocket, packet: Uint8Array): void {
    const refusal = refuseRequest(packet);
    if (refusal) socket.write(refusal);
    else if (!this.#question || !isStatusAnswer(packet, this.#question)) this.#parts.packet(packet);
    else this.#answersQuestions = true;
    // A server that is there is one that works: the next loss is the first of a row.
    this.#wait = this.#timers.retryFirstMs;
    if (this.#answersQuestions) this.#askLater(socket);
  }

  #ask(socket: TLSSocket): void {
    this.#question = encodeStatusServer(randomBytes);
    socket.write(this.#question.octets);
    clearTimeout(this.#watch);
    if (!this.#answersQuestions) return;
    this.#watch = setTimeout(
      () => socket.destroy(new Error('the server does not answer')),
      this.#timers.watchMs,
    ).unref();
  }

  #askLater(socket: TLSSocket): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#ask(socket), this.#timers.watchMs).unref();
  }

  #lost(socket: TLSSocket | undefined, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    socket?.destroy();
    clearTimeout(this.#watch);
    this.#waiting = [];
    this.#question = undefined;
    this.state = 'down';
    this.reason = reason;
    // RFC 6614 §2.3(1): "Failure to connect leads to continuous retries, with exponentially growing intervals between every try."
    this.#timer = setTimeout(() => this.#connect(), this.#wait).unref();
    this.#wait = Math.min(2 * this.#wait, this.#timers.retryLastMs);
    this.#parts.down(reason);
  }
}
