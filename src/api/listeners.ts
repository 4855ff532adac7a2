import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { PROBLEM_TYPE, problemDocument } from './problem.ts';

export interface ListenAt {
  readonly host: string;
  readonly port: number;
  /** PEM; without it, no TLS. */
  readonly tls?: { readonly certificate: Buffer; readonly key: Buffer };
}

const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
const HEADER_OCTETS_MAXIMUM = 16_384;
const REFUSAL_MS = 1000;

/** The sockets that the API is served at, with one limit of connections for all. */
export class Listeners {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #maximum: number;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Resolves to the port, which the kernel chooses for 0. Rejects when the address cannot be used, or the certificate cannot be read. */
  listen({ host, port, tls }: ListenAt, answer: RequestListener): Promise<number> {
    const options = {
      headersTimeout: HEADERS_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_OCTETS_MAXIMUM,
      connectionsCheckingInterval: 5000,
    };
    const server = tls
      ? createSecureServer({ ...options, cert: tls.certificate, key: tls.key, minVersion: 'TLSv1.2' }, answer)
      : createServer(options, answer);
    server.on('connection', (socket: Socket) => this.#count(socket));
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(error, socket as Socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, ipv6Only: true }, () => {
        server.off('error', reject);
        server.on('error', () => {});
        this.#servers.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** Nobody new comes in; who is in has its answer, and at most `waitMs` for it. */
  async close(waitMs: number): Promise<void> {
    const ended = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const server of this.#servers) server.closeIdleConnections();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, waitMs);
    await Promise.all(ended);
    clearTimeout(timer);
    this.#servers.length = 0;
  }

  #count(socket: Socket): void {
    if (this.#sockets.size >= this.#maximum) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** What is no HTTP is answered all the same, before anybody has looked at it. */
function refuse({ code }: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const kind = code === 'HPE_HEADER_OVERFLOW' ? 'too-large' : 'bad-request';
  const limit = `The address and the headers of a request have at most ${HEADER_OCTETS_MAXIMUM} octets`;
  const document = problemDocument(kind, kind === 'too-large' ? limit : 'This is not HTTP', '');
  const body = JSON.stringify(document);
  const { status } = document;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${body.length}`,
  ];
  // What is still on its way is read and thrown away: otherwise the kernel takes the answer back.
  setTimeout(() => socket.destroy(), REFUSAL_MS).unref();
  socket.resume();
  socket.end(`${head.join('\r\n')}\r\nconnection: close\r\n\r\n${body}`);
}
