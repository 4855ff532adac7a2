import type { FastifyReply } from 'fastify';
import type { EventFeed, NumberedEvent } from './event-feed.ts';
import { ProblemError } from './problem.ts';
import type { EventQuery, StreamedEvent } from './schemas/events.ts';

const CLIENTS_MAXIMUM = 32;
/** Octets that a client may leave unread before it is let go. */
const UNREAD_MAXIMUM = 1_048_576;
/** A comment now and then, so that nobody on the way takes the connection for dead. */
const COMMENT_MS = 15_000;
/** What the client waits before it comes back. */
const RETRY_MS = 2000;

/** Server-Sent Events, as the HTML standard has them: `id`, `event` and one line of JSON as `data`. */
export class EventStreams {
  readonly #feed: EventFeed;
  /** Of this run: an id of another run is of no use. */
  readonly #run: string;
  readonly #closers = new Set<() => void>();

  constructor(feed: EventFeed, run: string) {
    this.#feed = feed;
    this.#run = run;
  }

  get clients(): number {
    return this.#closers.size;
  }

  /** Streams until either side ends it. Rejects with `ProblemError` when there are too many clients. */
  async open(reply: FastifyReply, query: EventQuery, lastId: string | undefined): Promise<void> {
    // What happened before the client came is not news, unless it missed it.
    await this.#feed.refresh();
    if (this.#closers.size >= CLIENTS_MAXIMUM)
      throw new ProblemError('too-many-requests', `${CLIENTS_MAXIMUM} clients follow the events already`);
    const wanted = selects(query);
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const send = (text: string) => {
      if (raw.writableLength > UNREAD_MAXIMUM)
        close(this.#note('slow-client', 'this client does not read what it is sent'));
      else raw.write(text);
    };
    const end = this.#feed.follow((events) => send(this.#texts(events, wanted)));
    const comments = setInterval(() => send(': still here\n\n'), COMMENT_MS);
    const close = (last = '') => {
      if (!this.#closers.delete(shut)) return;
      end();
      clearInterval(comments);
      raw.end(last);
    };
    const shut = () => close(this.#note('closing', 'the daemon ends, or is configured anew'));
    this.#closers.add(shut);
    raw.on('close', () => close());
    raw.on('error', () => close());
    send(`retry: ${RETRY_MS}\n\n`);
    send(this.#beginning(lastId, wanted));
  }

  close(): void {
    for (const shut of [...this.#closers]) shut();
  }

  /** What a client missed; or that it must load everything anew. */
  #beginning(lastId: string | undefined, wanted: (event: StreamedEvent) => boolean): string {
    if (lastId === undefined) return this.#note('hello', 'events follow');
    const [run, number] = [lastId.slice(0, lastId.lastIndexOf('-')), Number(lastId.slice(lastId.lastIndexOf('-') + 1))];
    const missed = run === this.#run && Number.isInteger(number) ? this.#feed.since(number) : undefined;
    if (missed) return this.#texts(missed, wanted);
    return this.#note('reset', 'events since the last one are not known any more: load what is shown anew');
  }

  #texts(events: readonly NumberedEvent[], wanted: (event: StreamedEvent) => boolean): string {
    let text = '';
    for (const { id, event } of events) {
      if (wanted(event)) text += `id: ${this.#run}-${id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
    }
    return text;
  }

  /** About the stream, and not an event of the node; it has the id of the latest one. */
  #note(kind: string, text: string): string {
    return `id: ${this.#run}-${this.#feed.last}\nevent: ${kind}\ndata: ${JSON.stringify({ kind, text })}\n\n`;
  }
}

function selects({ nai, mac, kind }: EventQuery): (event: StreamedEvent) => boolean {
  const kinds = kind === undefined ? undefined : new Set(kind.split(','));
  return (event) =>
    (nai === undefined || event.fields.nai === nai) &&
    (mac === undefined || event.fields.mac === mac) &&
    (kinds === undefined || kinds.has(event.kind));
}
