import type { PeerAddress } from '#proto/peer.ts';
import type { Direction } from '../capture/ring.ts';
import type { NodeEvent } from './node-events.ts';

/** Where a message passed: between peers, on an access interface, or at a RADIUS server (address and port). */
export type Place =
  | { readonly kind: 'peer'; readonly peer: PeerAddress }
  | { readonly kind: 'access'; readonly interface: string }
  | { readonly kind: 'server'; readonly server: string };

/** What a step is for the condensing of refreshes. */
export type Refresh = 'request' | 'answer' | undefined;

/** The two ends of a message, as text: what leaves the thread that keeps it. */
export type ToldPlace =
  | { readonly kind: 'peer'; readonly local: string; readonly remote: string }
  | Exclude<Place, { kind: 'peer' }>;

export interface MessageStep {
  readonly kind: 'message';
  /** Milliseconds since 1970, UTC; of the latest, where several were condensed. */
  readonly at: number;
  readonly firstAt: number;
  /** How many messages it stands for. */
  readonly count: number;
  readonly direction: Direction;
  readonly place: ToldPlace;
  readonly octets: Uint8Array;
}

export type Step = MessageStep | { readonly kind: 'event'; readonly event: NodeEvent };

interface Slot {
  readonly key: string;
  /** Number of the step before it of the same key; -1 when it was the first. */
  readonly previous: number;
  readonly event: NodeEvent | undefined;
  direction: Direction;
  place: Place | undefined;
  refresh: Refresh;
  at: number;
  readonly firstAt: number;
  count: number;
  /** In the octets, which are counted without end. */
  readonly start: number;
  readonly length: number;
}

/** Of one key at once; older ones are not told. */
const TOLD_MAXIMUM = 200;

/**
 * What happened to each mobile node, the latest of all: the oldest make room for new ones. Octets are in one buffer, so that keeping them
 * costs the memory and the garbage collector the same however many there are.
 */
export class StepRing {
  /** Steps that had to make room. */
  overwritten = 0;
  readonly #slots: (Slot | undefined)[];
  readonly #octets: Uint8Array;
  /** Number of the latest step of a key. */
  readonly #latest = new Map<string, number>();
  /** Of the oldest step that is kept, and of the next one. */
  #first = 0;
  #next = 0;
  #written = 0;

  constructor(steps: number, octets: number) {
    this.#slots = new Array(steps);
    this.#octets = new Uint8Array(octets);
  }

  get size(): number {
    return this.#next - this.#first;
  }

  addEvent(key: string, event: NodeEvent): void {
    this.#push(key, { at: event.at, event, direction: 'received', place: undefined, refresh: undefined, length: 0 });
  }

  /**
   * Keeps a copy. A refresh, or its answer, that follows another one takes its place. Once there is no room, those of a key that has no steps
   * are not kept: with many mobile nodes they would be all that is.
   */
  addMessage(
    key: string,
    message: { readonly at: number; readonly direction: Direction; readonly place: Place; readonly octets: Uint8Array },
    refresh: Refresh,
  ): void {
    const { at, direction, place, octets } = message;
    if (octets.length > this.#octets.length) return;
    if (refresh && this.overwritten > 0 && !this.#latest.has(key)) return;
    const same = refresh && this.#condensable(key, refresh, direction, octets.length);
    if (same) {
      same.at = at;
      same.place = place;
      same.count++;
      this.#octets.set(octets, same.start % this.#octets.length);
      return;
    }
    const slot = this.#push(key, { at, event: undefined, direction, place, refresh, length: octets.length });
    this.#octets.set(octets, slot.start % this.#octets.length);
  }

  /** Whether the latest step of this key is a refresh that is not answered yet. */
  awaitsAnswer(key: string): boolean {
    const latest = this.#slotOf(this.#latest.get(key));
    if (latest?.refresh === 'request') return true;
    const before = latest?.refresh === 'answer' ? this.#slotOf(latest.previous) : undefined;
    return before?.refresh === 'request' && before.count > (latest?.count ?? 0);
  }

  /** The steps of a key, the oldest first; not `complete` when there may have been others. */
  steps(key: string): { readonly steps: readonly Step[]; readonly complete: boolean } {
    const steps: Step[] = [];
    let at = this.#latest.get(key) ?? -1;
    for (let slot = this.#slotOf(at); slot && steps.length < TOLD_MAXIMUM; slot = this.#slotOf(at)) {
      steps.push(this.#told(slot));
      at = slot.previous;
    }
    return { steps: steps.reverse(), complete: this.overwritten === 0 && steps.length < TOLD_MAXIMUM };
  }

  #told({ event, at, firstAt, count, direction, place, start, length }: Slot): Step {
    if (event || !place) return { kind: 'event', event: event as NodeEvent };
    const from = start % this.#octets.length;
    const octets = new Uint8Array(this.#octets.subarray(from, from + length));
    return { kind: 'message', at, firstAt, count, direction, place: told(place), octets };
  }

  /** The step in whose place a refresh may come: request, answer, request, answer … become one request and one answer. */
  #condensable(key: string, refresh: Refresh, direction: Direction, length: number): Slot | undefined {
    const latest = this.#slotOf(this.#latest.get(key));
    const before = this.#slotOf(latest?.previous);
    if (latest?.refresh !== 'answer' || before?.refresh !== 'request') return undefined;
    const same = refresh === 'request' ? before : latest;
    const isNext = refresh === 'request' ? before.count === latest.count : before.count > latest.count;
    return isNext && same.direction === direction && same.length === length ? same : undefined;
  }

  #slotOf(number: number | undefined): Slot | undefined {
    if (number === undefined || number < this.#first) return undefined;
    return this.#slots[number % this.#slots.length];
  }

  #push(
    key: string,
    {
      at,
      event,
      direction,
      place,
      refresh,
      length,
    }: Pick<Slot, 'at' | 'event' | 'direction' | 'place' | 'refresh' | 'length'>,
  ): Slot {
    const size = this.#octets.length;
    // A message is never split over the end of the buffer.
    if ((this.#written % size) + length > size) this.#written += size - (this.#written % size);
    const start = this.#written;
    this.#written += length;
    while (this.#first < this.#next && (this.#isFull() || this.#isOverwritten())) this.#dropOldest();
    const slot: Slot = {
      key,
      previous: this.#latest.get(key) ?? -1,
      event,
      direction,
      place,
      refresh,
      at,
      firstAt: at,
      count: 1,
      start,
      length,
    };
    this.#slots[this.#next % this.#slots.length] = slot;
    this.#latest.set(key, this.#next++);
    return slot;
  }

  #isFull(): boolean {
    return this.#next - this.#first >= this.#slots.length;
  }

  #isOverwritten(): boolean {
    const oldest = this.#slots[this.#first % this.#slots.length] as Slot;
    return oldest.start + this.#octets.length < this.#written;
  }

  #dropOldest(): void {
    const at = this.#first % this.#slots.length;
    const { key } = this.#slots[at] as Slot;
    if (this.#latest.get(key) === this.#first) this.#latest.delete(key);
    this.#slots[at] = undefined;
    this.#first++;
    this.overwritten++;
  }
}

function told(place: Place): ToldPlace {
  if (place.kind !== 'peer') return place;
  return { kind: 'peer', local: `${place.peer.local}`, remote: `${place.peer.remote}` };
}
