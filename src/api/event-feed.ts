import type { NodeEventBatch } from '#daemon/observe/node-events.ts';
import type { NodeAccess } from './node-access.ts';
import type { StreamedEvent } from './schemas/events.ts';

/** An event with its number; numbers are never used again while the daemon runs. */
export interface NumberedEvent {
  readonly id: number;
  readonly event: StreamedEvent;
}

/** A client that comes back finds so many. */
const KEPT_MAXIMUM = 10_000;
/** While somebody follows, and while nobody does: then only so that the packet worker has room. */
const FOLLOWED_MS = 100;
const ALONE_MS = 1000;

export type Follower = (events: readonly NumberedEvent[]) => void;

/** What happens at the node, in the order in which it came to be known here, with the latest kept for clients that were away for a moment. */
export class EventFeed {
  readonly #node: NodeAccess;
  readonly #followers = new Set<Follower>();
  readonly #kept: NumberedEvent[] = [];
  #last = 0;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #fetching: Promise<void> | undefined;

  constructor(node: NodeAccess) {
    this.#node = node;
  }

  async start(): Promise<void> {
    this.#running = true;
    await this.#node.ask({ request: 'switch-events', on: true });
    this.#schedule();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#node.ask({ request: 'switch-events', on: false }).catch(() => {});
  }

  get last(): number {
    return this.#last;
  }

  get followers(): number {
    return this.#followers.size;
  }

  /** What is known here without being asked. */
  add(events: readonly StreamedEvent[]): void {
    if (events.length === 0 || !this.#running) return;
    const numbered = events.map((event) => ({ id: ++this.#last, event }));
    this.#kept.push(...numbered);
    if (this.#kept.length > 2 * KEPT_MAXIMUM) this.#kept.splice(0, this.#kept.length - KEPT_MAXIMUM);
    for (const follower of this.#followers) follower(numbered);
  }

  /** What came after the event `id`; `undefined` when some of it is not kept any more. */
  since(id: number): readonly NumberedEvent[] | undefined {
    const oldest = this.#kept[0]?.id ?? this.#last + 1;
    if (id + 1 < oldest || id > this.#last) return undefined;
    return this.#kept.slice(id + 1 - oldest);
  }

  /** Fetches what has happened up to now. */
  refresh(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Returns what ends it. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    this.#schedule(0);
    return () => this.#followers.delete(follower);
  }

  #schedule(wait = this.#followers.size > 0 ? FOLLOWED_MS : ALONE_MS): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#timer = setTimeout(() => void this.refresh(), wait);
    this.#timer.unref();
  }

  async #fetch(): Promise<void> {
    try {
      const { events, dropped } = await this.#node.ask<NodeEventBatch>({ request: 'take-events' });
      this.add(events.map(({ at, ...event }) => ({ at: new Date(at).toISOString(), ...event })));
      if (dropped > 0) this.add([droppedEvent(dropped)]);
    } catch {
      // The packet worker is busy or ending: the log has it, and the next time comes.
    }
    this.#schedule();
  }
}

function droppedEvent(dropped: number): StreamedEvent {
  return {
    at: new Date().toISOString(),
    kind: 'events-dropped',
    level: 'warn',
    node: null,
    text: `${dropped} events were not told: more happened than can be`,
    fields: { dropped },
  };
}
