import type { BindingChanges } from '#daemon/observe/binding-index.ts';
import type { BindingFilter } from './binding-filter.ts';
import { type IndexedEntry, indexed } from './indexed-entry.ts';
import type { NodeAccess } from './node-access.ts';
import { ProblemError } from './problem.ts';
import type { SortKey } from './sort-key.ts';
import { SortedEntries } from './sorted-entries.ts';

/** Without a question for so long, the index is forgotten: it has some hundred octets for each binding. */
const IDLE_MS = 60_000;
/** Calls that bring an index up to date; more are needed only if bindings change faster than they can be fetched. */
const CALLS_MAXIMUM = 20_000;

export interface IndexPage {
  readonly keys: readonly string[];
  readonly total: number;
  /** Where the next page begins; `undefined` on the last one. */
  readonly last: readonly [value: string, key: string] | undefined;
}

/** Which part of the list is wanted: `limit` bindings after the one at `after`, without the first `offset` of those. */
export interface PagePlace {
  readonly after: readonly [value: string, key: string] | undefined;
  readonly offset: number;
  readonly limit: number;
}

/**
 * All bindings of the node, as far as they are found and sorted. It asks the packet worker only for what has changed, some at a time, so
 * that signalling never waits for a list of all.
 */
export class BindingIndex {
  readonly #node: NodeAccess;
  readonly #entries = new Map<string, IndexedEntry>();
  readonly #orders = new Map<SortKey, SortedEntries>();
  #epoch: number | undefined;
  #updating: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(node: NodeAccess) {
    this.#node = node;
  }

  /** The bindings that `filter` lets through, those at `place`. */
  async page(
    filter: BindingFilter,
    order: { readonly sort: SortKey; readonly descending: boolean },
    { after, offset, limit }: PagePlace,
  ): Promise<IndexPage> {
    await this.#update();
    const sorted = this.#ordered(order.sort);
    const keys: string[] = [];
    let total = 0;
    let last: readonly [value: string, key: string] | undefined;
    let more = false;
    let left = offset;
    for (const { value, entry, isAfter } of sorted.walk(order.descending, after)) {
      if (!filter.admits(entry)) continue;
      total++;
      if (!isAfter || left-- > 0) continue;
      if (keys.length === limit) more = true;
      else {
        keys.push(entry.key);
        last = [value, entry.key];
      }
    }
    return { keys, total, last: more ? last : undefined };
  }

  /** The keys of the bindings of one mobile node. */
  async ofNode(nai: string): Promise<IndexedEntry[]> {
    await this.#update();
    return [...this.#entries.values()].filter((entry) => entry.nai === nai);
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#forget();
  }

  /** Those who come while it is brought up to date wait for the next time, as what they know of may have happened since. */
  async #update(): Promise<void> {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#forget(), IDLE_MS);
    this.#idle.unref();
    if (this.#updating) await this.#updating.catch(() => {});
    this.#updating ??= this.#fetch().finally(() => {
      this.#updating = undefined;
    });
    await this.#updating;
  }

  async #fetch(): Promise<void> {
    /** By key; `undefined` when it is gone. */
    const changed = new Map<string, IndexedEntry | undefined>();
    try {
      for (let call = 0; call < CALLS_MAXIMUM; call++) {
        const changes = await this.#node.ask<BindingChanges>({ request: 'binding-changes', epoch: this.#epoch });
        if (changes.anew) {
          this.#forget();
          changed.clear();
        }
        this.#epoch = changes.epoch;
        for (const entry of changes.entries) changed.set(entry.key, indexed(entry));
        for (const key of changes.gone) changed.set(key, undefined);
        if (!changes.more) return;
      }
      throw new ProblemError('unavailable', 'Bindings change faster than they can be listed');
    } finally {
      this.#apply(changed);
    }
  }

  #apply(changed: ReadonlyMap<string, IndexedEntry | undefined>): void {
    if (changed.size === 0) return;
    for (const [key, entry] of changed) {
      if (entry) this.#entries.set(key, entry);
      else this.#entries.delete(key);
    }
    const present = [...changed.values()].filter((entry) => entry !== undefined);
    for (const order of this.#orders.values()) order.replace(new Set(changed.keys()), present);
  }

  #ordered(sort: SortKey): SortedEntries {
    const known = this.#orders.get(sort);
    if (known) return known;
    const sorted = new SortedEntries(sort, this.#entries.values());
    this.#orders.set(sort, sorted);
    return sorted;
  }

  #forget(): void {
    this.#entries.clear();
    this.#orders.clear();
    this.#epoch = undefined;
  }
}
