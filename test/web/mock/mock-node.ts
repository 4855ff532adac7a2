import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { dashboardRoutes } from '../../../src/api/dashboard.ts';
import type { Binding, BindingPage, StreamedEvent } from '../../../web/src/api/types.ts';
import { historyOf } from './history.ts';
import type { World } from './world.ts';

interface Query {
  readonly q?: string;
  readonly nai?: string;
  readonly sort?: string;
  readonly order?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** The page, and an API that says what a test wants it to. */
export class MockNode {
  /** Everything is answered from it. */
  world: World;
  /** Requests that start with one of these paths are answered with this status. */
  readonly failing = new Map<string, number>();
  /** Requests that start with one of these paths are not answered. */
  readonly silent = new Set<string>();
  /** Without it everybody may ask. */
  token: string | undefined;
  url = '';
  #app: FastifyInstance | undefined;
  readonly #streams = new Set<FastifyReply>();
  #events: StreamedEvent[] = [];
  /** How often it was restarted: part of the numbers of events. */
  #run = 0;
  #sorted: { key: string; world: World; list: readonly Binding[] } | undefined;

  constructor(world: World) {
    this.world = world;
  }

  async start(): Promise<void> {
    const app = fastify({ forceCloseConnections: true });
    this.#app = app;
    this.#events = [...this.world.events];
    await app.register(dashboardRoutes);
    app.addHook('onRequest', async (request, reply) => {
      const path = request.url.slice('/api/v1'.length);
      if (!request.url.startsWith('/api/')) return;
      if (
        this.token !== undefined &&
        !['/ready', '/health'].includes(path) &&
        request.headers.authorization !== `Bearer ${this.token}`
      )
        return reply.code(401).send(problem(401, 'A token is needed', 'Send one'));
      if ([...this.silent].some((start) => path.startsWith(start))) await new Promise(() => {});
      const status = [...this.failing].find(([start]) => path.startsWith(start))?.[1];
      if (status !== undefined)
        return reply.code(status).send(problem(status, 'The node does not answer', 'Its packet worker is busy'));
    });
    this.#routes(app);
    await app.listen({ host: '127.0.0.1', port: 0 });
    this.url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.raw.end();
    await this.#app?.close();
  }

  /** What happens now. */
  tell(events: readonly StreamedEvent[]): void {
    const from = this.#events.length;
    this.#events.push(...events);
    const text = events.map((event, i) => textOf(event, this.#run, from + i + 1)).join('');
    for (const stream of this.#streams) stream.raw.write(text);
  }

  /** Ends every stream of events, as a connection that breaks does. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.raw.end();
    this.#streams.clear();
  }

  /** As a daemon that ended and began anew: with another world, and nothing known of the events before. */
  restart(world: World): void {
    this.world = world;
    this.#run++;
    this.#events = [];
    this.cutStreams();
  }

  #routes(app: FastifyInstance): void {
    const answers = {
      ready: () => this.world.ready,
      health: () => ({
        status: 'ok',
        version: '0.1.0',
        startedAt: new Date(Date.now() - 93_784_000).toISOString(),
        pid: 4711,
      }),
      peers: () => this.world.peers,
      tunnels: () => this.world.tunnels,
      pools: () => this.world.pools,
      statistics: () => this.world.statistics,
      attachments: () => this.world.attachments,
    };
    for (const [name, answer] of Object.entries(answers)) app.get(`/api/v1/${name}`, async () => answer());
    app.get<{ Querystring: Query }>('/api/v1/bindings', async ({ query }) => this.#page(query));
    app.get<{ Params: { id: string } }>('/api/v1/bindings/:id', async ({ params }, reply) => {
      const found = this.world.bindings.find(({ id }) => id === params.id);
      if (!found) return reply.code(404).send(problem(404, 'There is no such thing', 'No binding'));
      const octets = Date.now() % 1_000_000_000;
      return {
        ...found,
        traffic: { up: { packets: octets / 1000, octets }, down: { packets: octets / 300, octets: 3 * octets } },
      };
    });
    app.get<{ Params: { nai: string } }>('/api/v1/nodes/:nai/history', async ({ params }) =>
      historyOf(params.nai, this.world),
    );
    app.get('/api/v1/events', (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      reply.raw.write(this.#beginning(request.headers['last-event-id']));
      this.#streams.add(reply);
      reply.raw.on('close', () => this.#streams.delete(reply));
    });
  }

  /** What a client missed, or that it must load everything anew. */
  #beginning(after: string | string[] | undefined): string {
    if (typeof after !== 'string') return this.#note('hello');
    const [run, number] = after.slice(2).split('-').map(Number) as [number, number];
    if (run !== this.#run) return this.#note('reset');
    const missed = this.#events.slice(number);
    return `: again\n\n${missed.map((event, i) => textOf(event, this.#run, number + i + 1)).join('')}`;
  }

  #note(kind: string): string {
    return `id: r-${this.#run}-${this.#events.length}\nevent: ${kind}\ndata: ${JSON.stringify({ kind, text: kind })}\n\n`;
  }

  #page({ q = '', nai, sort = 'nai', order = 'asc', limit = 100, offset = 0 }: Query): BindingPage {
    const key = JSON.stringify([q, nai, sort, order]);
    if (this.#sorted?.key !== key || this.#sorted.world !== this.world)
      this.#sorted = {
        key,
        world: this.world,
        list: chosen(this.world.bindings, q.toLowerCase(), nai, sort, order === 'desc'),
      };
    const { list } = this.#sorted;
    return { items: list.slice(+offset, +offset + +limit), total: list.length, nextCursor: null };
  }
}

function chosen(bindings: readonly Binding[], q: string, nai: string | undefined, sort: string, descending: boolean) {
  const value = (binding: Binding) =>
    sort === 'registered' && binding.role === 'lma'
      ? `${binding.registeredAt}`
      : ({ mac: binding.llid, address: binding.hoa, peer: binding.role === 'lma' ? binding.peer : '' }[sort] ??
        binding.nai);
  const list = bindings.filter(
    (binding) =>
      (nai === undefined || binding.nai === nai) && (q === '' || JSON.stringify(binding).toLowerCase().includes(q)),
  );
  const sign = descending ? -1 : 1;
  return list
    .map((binding) => ({ binding, by: value(binding) }))
    .sort((a, b) => (a.by < b.by ? -sign : a.by > b.by ? sign : 0))
    .map(({ binding }) => binding);
}

function problem(status: number, title: string, detail: string) {
  return { type: 'urn:mooring:problem:mock', title, status, detail, instance: '/' };
}

function textOf(event: StreamedEvent, run: number, id: number): string {
  return `id: r-${run}-${id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
