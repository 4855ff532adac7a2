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
  first: Waiting<Item> | undefined;
  last: Waiting<Item> | undefined;
  waiting: number;
  /** Turns that it has had in advance. */
  owed: number;
}

interface Waiting<Item> {
  readonly item: Item;
  behind: Waiting<Item> | undefined;
}

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
  /** Those of which something waits or has waited: one that comes and goes with each message is not made anew. */
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
    const known = this.#sourceOf(name);
    const waiting = known?.waiting ?? 0;
    if (waiting >= this.#limits.items - this.length) {
      this.#lose(known?.name ?? name);
      return false;
    }
    const source = known ?? this.#begin(name);
    const last: Waiting<Item> = { item: make(), behind: undefined };
    if (source.last) source.last.behind = last;
    else {
      source.first = last;
      source.owed = 0;
      this.#turns.push(source);
    }
    source.last = last;
    source.waiting++;
    this.length++;
    return true;
  }

  /** One of a source that there would be room for is dropped. */
  refuse(name: string): void {
    this.#lose(name);
  }

  /** What has waited longest of a source; `undefined` when nothing waits. */
  first(name: string): Item | undefined {
    return this.#sourceOf(name)?.first?.item;
  }

  /** The next one in turn that is `wanted`; the others before it are dropped. `turns`: how many of its source it takes, from one on. */
  next(wanted: (item: Item) => boolean = () => true, turns: (item: Item) => number = () => 1): Item | undefined {
    for (let source = this.#inTurn(); source; source = this.#inTurn()) {
      const item = this.#take(source);
      if (wanted(item)) {
        source.owed = turns(item) - 1;
        return item;
      }
      this.#lose(source.name);
    }
    return undefined;
  }

  /** The first of the source whose turn it is. */
  #take(source: Source<Item>): Item {
    const first = source.first as Waiting<Item>;
    const { item, behind } = first;
    // The collector of young objects keeps what an old one holds, though nobody holds that one: all that ever came behind it.
    first.behind = undefined;
    source.first = behind;
    source.waiting--;
    this.length--;
    if (behind) this.#turn++;
    else {
      source.last = undefined;
      this.#turns.splice(this.#turn, 1);
    }
    return item;
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

  #begin(name: string): Source<Item> {
    if (this.#sources.size >= this.#limits.sources) this.#forgetIdle();
    const source: Source<Item> = {
      name: this.#hasRoomFor(name) ? name : OTHERS,
      first: undefined,
      last: undefined,
      waiting: 0,
      owed: 0,
    };
    this.#sources.set(source.name, source);
    return source;
  }

  #forgetIdle(): void {
    for (const [name, { waiting }] of this.#sources) if (waiting === 0) this.#sources.delete(name);
  }

  /** Whether it may have a queue of its own: every other that has one has something in it. */
  #hasRoomFor(name: string): boolean {
    return name === OTHERS || this.#turns.length < this.#limits.sources;
  }

  #lose(name: string): void {
    this.dropped++;
    const known = this.#losses.has(name) || this.#losses.size < LOSSES ? name : OTHERS;
    this.#losses.set(known, (this.#losses.get(known) ?? 0) + 1);
  }
}
