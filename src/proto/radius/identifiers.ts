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
  readonly #identifiers: number;
  #used = 0;
  #cursor = 0;

  /** With so many identifiers in each slot, from 0 on. */
  constructor(slots: number, identifiers = IDENTIFIERS) {
    this.#identifiers = identifiers;
    this.#places = new Array(slots * identifiers).fill(undefined);
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
    return { slot: Math.floor(at / this.#identifiers), identifier: at % this.#identifiers };
  }

  get({ slot, identifier }: Place): Request | undefined {
    return identifier < this.#identifiers ? this.#places[slot * this.#identifiers + identifier] : undefined;
  }

  free({ slot, identifier }: Place): void {
    const at = slot * this.#identifiers + identifier;
    if (this.#places[at] === undefined) return;
    this.#places[at] = undefined;
    this.#used--;
  }

  #advance(): void {
    this.#cursor = (this.#cursor + 1) % this.#places.length;
  }
}
