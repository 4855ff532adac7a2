import type { PeerAddress } from '#proto/peer.ts';

export type Direction = 'received' | 'sent';

/** A Mobility Header that passed, octet for octet. */
export interface CapturedMessage {
  readonly kind: 'message';
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly direction: Direction;
  readonly peer: PeerAddress;
  readonly octets: Uint8Array;
}

/** An IP packet of a mobile node that passed an interface, as it is or in a tunnel. */
export interface CapturedPacket {
  readonly kind: 'packet';
  readonly at: number;
  readonly direction: Direction;
  /** In Linux. */
  readonly interfaceName: string;
  /** Names the binding: whose packet it is. */
  readonly binding: string;
  readonly tunnelled: boolean;
  /** Octets that it had, of which these are the first. */
  readonly length: number;
  readonly octets: Uint8Array;
}

/** How far a reader has come: the number of the next message, and of the next packet. */
export type Cursor = readonly [message: number, packet: number];

/** What one costs beside its octets, roughly. */
const OVERHEAD = 200;

interface Kept {
  readonly at: number;
  readonly octets: Uint8Array;
}

/**
 * The latest of what passed: the oldest makes room, data before signalling, so that little of the one does not fall victim to much of the other. With
 * `circular` false the first stays.
 */
export class CaptureRing {
  readonly limit: number;
  readonly circular: boolean;
  /** What was not kept, or was and had to make room. */
  lost = 0;
  readonly #messages = new Shelf<CapturedMessage>();
  readonly #packets = new Shelf<CapturedPacket>();

  /** `limit` in octets. */
  constructor(limit: number, circular: boolean) {
    this.limit = limit;
    this.circular = circular;
  }

  /** In octets. */
  get size(): number {
    return this.#messages.size + this.#packets.size;
  }

  get messages(): number {
    return this.#messages.count;
  }

  get packets(): number {
    return this.#packets.count;
  }

  /** Keeps it as it is: its octets must be its own. */
  add(one: CapturedMessage | CapturedPacket): void {
    if (!this.circular && this.size + costOf(one) > this.limit) {
      this.lost++;
      return;
    }
    if (one.kind === 'message') this.#messages.push(one);
    else this.#packets.push(one);
    while (this.size > this.limit) {
      if (this.#packets.count > 0) this.#packets.shift();
      else this.#messages.shift();
      this.lost++;
    }
  }

  /** At most `count`, the earliest first, and how far that is. */
  read(
    [message, packet]: Cursor,
    count: number,
  ): { readonly found: (CapturedMessage | CapturedPacket)[]; readonly next: Cursor } {
    const messages = this.#messages.from(message);
    const packets = this.#packets.from(packet);
    const found: (CapturedMessage | CapturedPacket)[] = [];
    while (found.length < count) {
      const [nextMessage, nextPacket] = [messages.peek(), packets.peek()];
      if (!nextMessage && !nextPacket) break;
      const isMessage = !nextPacket || (nextMessage !== undefined && nextMessage.at <= nextPacket.at);
      found.push((isMessage ? messages.take() : packets.take()) as CapturedMessage | CapturedPacket);
    }
    return { found, next: [messages.number, packets.number] };
  }

  clear(): void {
    this.#messages.clear();
    this.#packets.clear();
    this.lost = 0;
  }
}

/** Things of one kind in their order; numbers are never used again. */
class Shelf<One extends Kept> {
  /** In octets. */
  size = 0;
  #things: (One | undefined)[] = [];
  #head = 0;
  /** Of the oldest that is kept. */
  #first = 0;

  get count(): number {
    return this.#things.length - this.#head;
  }

  push(one: One): void {
    this.#things.push(one);
    this.size += costOf(one);
  }

  shift(): void {
    this.size -= costOf(this.#things[this.#head] as One);
    this.#things[this.#head++] = undefined;
    this.#first++;
    if (this.#head > 1024 && this.#head * 2 > this.#things.length) {
      this.#things.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** A reader of what has the number `from` and later ones. */
  from(from: number) {
    const [things, head, first] = [this.#things, this.#head, this.#first];
    let number = Math.max(from, first);
    return {
      get number(): number {
        return number;
      },
      peek: (): One | undefined => things[head + number - first],
      take: (): One | undefined => things[head + number++ - first],
    };
  }

  clear(): void {
    this.#first += this.count;
    this.#things = [];
    this.#head = 0;
    this.size = 0;
  }
}

function costOf({ octets }: Kept): number {
  return octets.length + OVERHEAD;
}
