import { signal } from '@preact/signals';
import { logins, request } from './client.ts';
import { EventCounts } from './event-counts.ts';
import { EventParser, type ParsedEvent } from './event-parser.ts';
import type { StreamedEvent } from './types.ts';

/** An event with a number of its own in this page. */
export interface SeenEvent extends StreamedEvent {
  readonly key: number;
}

type Listener = (events: readonly SeenEvent[]) => void;

/** Events of before that a page that is opened still sees. */
const HISTORY = 500;
const KEPT_MAXIMUM = 5000;
const RETRY_MS = 2000;
/** Notes about the stream itself. */
const NOTES = ['hello', 'reset', 'slow-client', 'closing'];

export type Connection = 'connecting' | 'live' | 'lost' | 'token-wanted';

export const connection = signal<Connection>('connecting');
/** Changes whenever everything that is shown must be loaded anew. */
export const resets = signal(0);
/** Events so far. */
export const eventCount = signal(0);
export const eventCounts = new EventCounts();
/** The latest events, oldest first. */
export const keptEvents: SeenEvent[] = [];

const listeners = new Set<Listener>();
let lastId: string | undefined;

/** Calls `listener` with the events from now on; returns what ends that. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows the events as long as the page is open, comes back by itself, and misses nothing that the node still knows. */
export async function followEvents(): Promise<never> {
  for (;;) {
    const login = logins.value;
    const first = lastId === undefined;
    connection.value = await follow();
    if (first && lastId !== undefined) continue;
    const end = Date.now() + (connection.value === 'token-wanted' ? Number.POSITIVE_INFINITY : RETRY_MS);
    while (logins.value === login && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function follow(): Promise<Connection> {
  const abort = new AbortController();
  try {
    const headers = { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) };
    const response = await request('/events', headers, abort.signal);
    if (response.status === 401) return 'token-wanted';
    if (!response.ok || !response.body) return 'lost';
    if (lastId === undefined) await readFirstId(response.body);
    else {
      connection.value = 'live';
      await read(response.body);
    }
    return 'connecting';
  } catch {
    return 'lost';
  } finally {
    abort.abort();
  }
}

/** The next question is for what happened before this one, too. */
async function readFirstId(body: ReadableStream<Uint8Array>): Promise<void> {
  for await (const [first] of batchesOf(body)) {
    if (!first) continue;
    const { id } = first;
    const dash = id.lastIndexOf('-');
    lastId = `${id.slice(0, dash)}-${Math.max(0, Number(id.slice(dash + 1)) - HISTORY)}`;
    return;
  }
}

async function read(body: ReadableStream<Uint8Array>): Promise<void> {
  for await (const events of batchesOf(body)) take(events);
}

async function* batchesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ParsedEvent[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield parser.push(decoder.decode(value, { stream: true }));
  }
}

function take(events: readonly ParsedEvent[]): void {
  const seen: SeenEvent[] = [];
  let key = eventCount.value;
  for (const { id, kind, data } of events) {
    if (id !== '') lastId = id;
    if (kind === 'reset') resets.value++;
    if (!NOTES.includes(kind)) seen.push({ ...data, key: ++key });
  }
  if (seen.length === 0) return;
  for (const { kind, at } of seen) eventCounts.add(kind, Date.parse(at));
  keptEvents.push(...seen);
  if (keptEvents.length > 2 * KEPT_MAXIMUM) keptEvents.splice(0, keptEvents.length - KEPT_MAXIMUM);
  eventCount.value = key;
  for (const listener of listeners) listener(seen);
}
