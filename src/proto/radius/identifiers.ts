/** How many requests one socket can have under way at one server: RFC 2865 §3 "Packet Format" gives the Identifier one octet. */
export const IDENTIFIERS = 256;

/** Place of a request among those that one server was sent and has not answered. */
export interface Place {
  readonly slot: number;
  readonly identifier: number;
}

/**
 * Gives each request under way at one port of one server a source port (slot) and an Identifier. A place that became free is taken again as late as
 * possible, so that an answer that comes too late finds nobody.
 */
export class Identifiers<Request> {
  readonly #places: (Request | undefined)[];
  #used = 0;
  #cursor = 0;

  constructor(slots: number) {
    this.#places = new Array(slots * IDENTIFIERS).fill(undefined);
  }

  get used(): number {
    return this.#used;
  }

  /** `undefined` when every place is taken. */
  take(request: Request): Place | undefined {
    if (this.#used === this.#places.length) return undefined;
    while (this.#places[this.#cursor] !== undefined) this.#advance();
    const at = this.#cursor;
    this.#advance();
    this.#places[at] = request;
    this.#used++;
    return { slot: Math.floor(at / IDENTIFIERS), identifier: at % IDENTIFIERS };
  }

  get({ slot, identifier }: Place): Request | undefined {
    return this.#places[slot * IDENTIFIERS + identifier];
  }

  free({ slot, identifier }: Place): void {
    const at = slot * IDENTIFIERS + identifier;
    if (this.#places[at] === undefined) return;
    this.#places[at] = undefined;
    this.#used--;
  }

  #advance(): void {
    this.#cursor = (this.#cursor + 1) % this.#places.length;
  }
}
