import type { PeerAddress } from '#proto/peer.ts';

export type Direction = 'received' | 'sent';

/** A Mobility Header that passed, octet for octet. */
export interface CapturedMessage {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly direction: Direction;
  readonly peer: PeerAddress;
  readonly octets: Uint8Array;
}

/** What a message costs beside its octets, roughly. */
const OVERHEAD = 200;

/** The latest messages: the oldest make room for a new one, or with `circular` false the first ones stay. */
export class CaptureRing {
  readonly limit: number;
  readonly circular: boolean;
  /** Messages that were not kept, or were and had to make room. */
  lost = 0;
  /** Of the oldest message that is kept; numbers are never used again. */
  first = 0;
  readonly #messages: (CapturedMessage | undefined)[] = [];
  #head = 0;
  #size = 0;

  /** `limit` in octets. */
  constructor(limit: number, circular: boolean) {
    this.limit = limit;
    this.circular = circular;
  }

  /** In octets. */
  get size(): number {
    return this.#size;
  }

  get count(): number {
    return this.#messages.length - this.#head;
  }

  /** Keeps a copy. */
  add(at: number, direction: Direction, peer: PeerAddress, octets: Uint8Array): void {
    const cost = octets.length + OVERHEAD;
    if (!this.circular && this.#size + cost > this.limit) {
      this.lost++;
      return;
    }
    this.#messages.push({ at, direction, peer, octets: new Uint8Array(octets) });
    this.#size += cost;
    while (this.#size > this.limit && this.count > 0) this.#dropOldest();
  }

  /** At most `count` from the number `from` on. */
  read(from: number, count: number): CapturedMessage[] {
    const start = this.#head + Math.max(0, from - this.first);
    return this.#messages.slice(start, start + count) as CapturedMessage[];
  }

  clear(): void {
    this.first += this.count;
    this.#messages.length = 0;
    this.#head = 0;
    this.#size = 0;
    this.lost = 0;
  }

  #dropOldest(): void {
    const oldest = this.#messages[this.#head] as CapturedMessage;
    this.#messages[this.#head++] = undefined;
    this.#size -= oldest.octets.length + OVERHEAD;
    this.first++;
    this.lost++;
    if (this.#head > 1024 && this.#head * 2 > this.#messages.length) {
      this.#messages.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
