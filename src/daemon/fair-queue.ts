export interface FairQueueLimits {
  /** How many sources have a queue of their own; all others share one. */
  readonly sources: number;
  /** How many items wait, of all sources together. */
  readonly items: number;
}

/** Items that were dropped, of one source. */
export interface Loss {
  readonly source: string;
  readonly dropped: number;
}

interface Source<Item> {
  readonly name: string;
  readonly items: Item[];
  /** Where the next one stands in `items`. */
  next: number;
  /** Turns that it has had in advance. */
  owed: number;
}

/** So many that were served are kept, and at most as many as wait, before the others move up. */
const SERVED_MINIMUM = 32;
/** Losses are told of so many sources by name. */
const LOSSES = 64;

/** The name of the queue that sources share which have none of their own. */
export const OTHERS = 'others';

/**
 * What waits of several sources, served one of each in turn, so that none is held up by another's flood. What is more work may take more turns.
 *
 * A source may have as much waiting as there is room left for all: however many flood, there is room for one more, and a single one has
 * half of all.
 */
export class FairQueue<Item> {
  length = 0;
  /** Items that there was no room for, or that nobody wanted any more. */
  dropped = 0;
  readonly #limits: FairQueueLimits;
  readonly #sources = new Map<string, Source<Item>>();
  /** Those that have something waiting, in the order of their turns. */
  readonly #turns: Source<Item>[] = [];
  #turn = 0;
  readonly #losses = new Map<string, number>();

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** `make` is asked for the item only when there is room for it; `false` when there is none. */
  push(name: string, make: () => Item): boolean {
    const source = this.#sourceOf(name);
    const waiting = source ? source.items.length - source.next : 0;
    if (waiting >= this.#limits.items - this.length) {
      this.#lose(source?.name ?? name);
      return false;
    }
    const items = source?.items ?? this.#begin(name);
    items.push(make());
    this.length++;
    return true;
  }

  /** One of a source that there would be room for is dropped. */
  refuse(name: string): void {
    this.#lose(name);
  }

  /** What has waited longest of a source; `undefined` when nothing waits. */
  first(name: string): Item | undefined {
    const source = this.#sourceOf(name);
    return source?.items[source.next];
  }

  /** The next one in turn that is `wanted`; the others before it are dropped. `turns`: how many of its source it takes, from one on. */
  next(wanted: (item: Item) => boolean = () => true, turns: (item: Item) => number = () => 1): Item | undefined {
    for (;;) {
      const one = this.#take();
      if (one === undefined) return undefined;
      if (wanted(one.item)) {
        one.source.owed = turns(one.item) - 1;
        return one.item;
      }
      this.#lose(one.source.name);
    }
  }

  #take(): { readonly item: Item; readonly source: Source<Item> } | undefined {
    const source = this.#inTurn();
    if (!source) return undefined;
    const item = source.items[source.next++] as Item;
    this.length--;
    if (source.next < source.items.length) {
      this.#turn++;
      if (source.next >= SERVED_MINIMUM && 2 * source.next >= source.items.length) {
        source.items.splice(0, source.next);
        source.next = 0;
      }
    } else {
      this.#turns.splice(this.#turn, 1);
      this.#sources.delete(source.name);
    }
    return { item, source };
  }

  #inTurn(): Source<Item> | undefined {
    for (;;) {
      if (this.#turn >= this.#turns.length) this.#turn = 0;
      const source = this.#turns[this.#turn];
      if (!source || source.owed === 0) return source;
      source.owed--;
      this.#turn++;
    }
  }

  /** Whose items were dropped, the most first. */
  losses(): Loss[] {
    return [...this.#losses]
      .map(([source, dropped]) => ({ source, dropped }))
      .toSorted((a, b) => b.dropped - a.dropped);
  }

  /** Where what it sends waits; `undefined` when nothing does. */
  #sourceOf(name: string): Source<Item> | undefined {
    return this.#sources.get(name) ?? (this.#hasRoomFor(name) ? undefined : this.#sources.get(OTHERS));
  }

  #begin(name: string): Item[] {
    const source = { name: this.#hasRoomFor(name) ? name : OTHERS, items: [], next: 0, owed: 0 };
    this.#sources.set(source.name, source);
    this.#turns.push(source);
    return source.items;
  }

  #hasRoomFor(name: string): boolean {
    return name === OTHERS || this.#sources.size < this.#limits.sources;
  }

  #lose(name: string): void {
    this.dropped++;
    const known = this.#losses.has(name) || this.#losses.size < LOSSES ? name : OTHERS;
    this.#losses.set(known, (this.#losses.get(known) ?? 0) + 1);
  }
}
