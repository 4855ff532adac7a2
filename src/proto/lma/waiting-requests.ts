import type { Duration, Instant } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import { TimerQueue } from '#base/timer-queue.ts';
import type { CheckedRequest } from './checked-request.ts';

/** Chooses: more requests than this never wait at once; those beyond are taken for new interfaces without delay. */
export const WAITING_REQUESTS_MAXIMUM = 4096;

const NONE: readonly never[] = [];

/** Whether the mobile node has left the MAG that a request waits for. `unknown`: nobody said in time. */
export type Departure = 'gone' | 'stays' | 'unknown';

export interface SettledRequest {
  readonly request: CheckedRequest;
  /** The session that the request may be about. */
  readonly bindingId: string;
  readonly departure: Departure;
}

interface Entry {
  readonly key: string;
  readonly bindingId: string;
  request: CheckedRequest;
  departure: Departure | undefined;
  timer: Timer<Entry>;
}

/**
 * Requests of RFC 5213 §5.4.1 "Binding Cache Entry Lookup Considerations" that say "handoff state unknown" and may be about the only session of their mobile node, until its
 * MAG has said whether the node left. One for a mobile node and for a session: a later request takes the place of an earlier one.
 */
export class WaitingRequests {
  readonly #queue = new TimerQueue<Entry>();
  readonly #byNode = new Map<string, Entry>();
  readonly #byBinding = new Map<string, Entry>();
  readonly #settled: SettledRequest[] = [];

  get size(): number {
    return this.#byNode.size;
  }

  /** False when no request of this mobile node waits. */
  replace(request: CheckedRequest): boolean {
    const entry = this.#byNode.get(keyOf(request));
    if (!entry) return false;
    entry.request = request;
    return true;
  }

  /** The caller has asked `replace` first, and looked at `size`. */
  add(request: CheckedRequest, bindingId: string, now: Instant, wait: Duration): void {
    const key = keyOf(request);
    const entry = { key, bindingId, request, departure: undefined } as Omit<Entry, 'timer'> as Entry;
    entry.timer = this.#queue.set(now, wait, entry);
    this.#byNode.set(key, entry);
    this.#byBinding.set(bindingId, entry);
  }

  /** Does nothing when no request waits for this session. */
  settle(bindingId: string, departure: Departure): void {
    const entry = this.#byBinding.get(bindingId);
    if (entry) this.#remove(entry, departure);
  }

  next(): Instant | undefined {
    return this.#queue.next();
  }

  /** Those that wait no longer. */
  take(now: Instant): readonly SettledRequest[] {
    for (const entry of this.#queue.expire(now)) this.#remove(entry, 'unknown');
    return this.#settled.length === 0 ? NONE : this.#settled.splice(0);
  }

  #remove(entry: Entry, departure: Departure): void {
    this.#queue.cancel(entry.timer);
    this.#byNode.delete(entry.key);
    this.#byBinding.delete(entry.bindingId);
    const { request, bindingId } = entry;
    this.#settled.push({ request, bindingId, departure });
  }
}

function keyOf({ customer, mobileNode }: CheckedRequest): string {
  return `${customer}/${mobileNode.name}`;
}
