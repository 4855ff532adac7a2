import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Access } from '#api/access.ts';
import { BindingIndex } from '#api/binding-index.ts';
import { EventFeed } from '#api/event-feed.ts';
import { EventStreams } from '#api/event-stream.ts';
import { type ListenAt, Listeners } from '#api/listeners.ts';
import { Metrics } from '#api/metrics/metrics.ts';
import type { NodeAccess } from '#api/node-access.ts';
import { DEFAULT_HTTP_CONNECTIONS, type HttpConfiguration } from '#config/index.ts';
import { httpEndpoints, LOOPBACK } from './http-endpoints.ts';
import type { LogLine } from './log-buffer.ts';
import { verifyPassword } from './password-hash.ts';

/** What a request that is being answered may take until the end. */
const CLOSE_MS = 2000;

export interface HttpParts {
  readonly node: NodeAccess;
  readonly log: Logger;
}

interface Running {
  readonly settings: string;
  readonly app: FastifyInstance;
  readonly listeners: Listeners;
  readonly index: BindingIndex;
  readonly feed: EventFeed;
  readonly streams: EventStreams;
  readonly metrics: Metrics;
}

/** Serves the HTTP API, as long as the configuration has it served. */
export class HttpService {
  readonly #parts: HttpParts;
  readonly #access: Access;
  /** Counted on, whatever is configured. */
  readonly #requests = new Map<string, number>();
  #running: Running | undefined;
  /** One change after the other. */
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: HttpParts) {
    this.#parts = parts;
    this.#access = new Access(verifyPassword, parts.log);
  }

  /** Resolves when it is so, or when the log says why not. */
  configure(http: HttpConfiguration): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change(http)).catch((error: Error) => this.#failed(error));
    return this.#changing;
  }

  /** What the log says is an event too. */
  logged({ time, level, code, text, fields }: LogLine): void {
    this.#running?.feed.add([{ at: time, kind: code, level, node: null, text, fields }]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#changing;
    await this.#stop();
  }

  async #change(http: HttpConfiguration): Promise<void> {
    this.#access.configure(http);
    const wanted = listenAt(http);
    if (this.#closed || wanted.length === 0) {
      await this.#stop();
      return;
    }
    const { maxConnections = DEFAULT_HTTP_CONNECTIONS, rateLimit } = http;
    // Read anew each time: a renewed certificate counts from the next configuration on.
    const settings = JSON.stringify([wanted, maxConnections, rateLimit]);
    if (this.#running?.settings === settings) return;
    await this.#stop();
    await this.#start(settings, wanted, http);
  }

  async #start(settings: string, wanted: readonly ListenAt[], http: HttpConfiguration): Promise<void> {
    const { node, log } = this.#parts;
    const index = new BindingIndex(node);
    const feed = new EventFeed(node);
    const streams = new EventStreams(feed, Date.now().toString(36));
    const listeners = new Listeners(http.maxConnections ?? DEFAULT_HTTP_CONNECTIONS);
    const requests = this.#requests;
    const metrics = new Metrics(node, () => ({
      requests,
      followers: streams.clients,
      connections: listeners.connections,
    }));
    // Who does not serve it need not load it.
    const { createApi } = await import('#api/server.ts');
    const app = await createApi({ node, access: this.#access, index, feed, streams, metrics, requests, log }, http);
    this.#running = { settings, app, listeners, index, feed, streams, metrics };
    await feed.start();
    for (const at of wanted) {
      const where = urlOf(at);
      try {
        await listeners.listen(at, (request, response) => app.routing(request, response));
        log.info({ code: 'http-started', url: where }, `the HTTP API is served at ${where}`);
        if (isExposed(at))
          log.warn({ code: 'http-exposed', url: where }, `tokens can be read on the way to ${where}: use TLS`);
      } catch (error) {
        // A machine may lack one of the two families.
        const text = `the HTTP API cannot be served at ${where}: ${(error as Error).message}`;
        log[LOOPBACK.includes(at.host) ? 'warn' : 'error']({ code: 'http-failed', url: where }, text);
      }
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.feed.stop();
    running.streams.close();
    await running.listeners.close(CLOSE_MS);
    await running.app.close();
    running.index.close();
    running.metrics.close();
    this.#parts.log.info({ code: 'http-stopped' }, 'the HTTP API is not served any more');
  }

  #failed(error: Error): void {
    this.#parts.log.error({ code: 'http-failed' }, `the HTTP API cannot be served: ${error.message}`);
  }
}

/** Throws when the certificate or its key cannot be read. */
function listenAt(http: HttpConfiguration): ListenAt[] {
  const { certificate, key } = http;
  return httpEndpoints(http).map(({ address, port, tls }) => ({
    host: `${address}`,
    port,
    ...(tls &&
      certificate !== undefined &&
      key !== undefined && { tls: { certificate: readFileSync(certificate), key: readFileSync(key) } }),
  }));
}

/** Others may listen. */
function isExposed({ host, tls }: ListenAt): boolean {
  return !tls && !LOOPBACK.includes(host) && !host.startsWith('127.');
}

function urlOf({ host, port, tls }: ListenAt): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
