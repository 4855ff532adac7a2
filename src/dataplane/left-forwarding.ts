import type { Forwarding } from './desired.ts';
import type { IndexAllocator } from './index-allocator.ts';
import {
  type AccessEntry,
  type AnchorEntry,
  isEntry,
  isOfKinds,
  isOfTunnel,
  type Part,
  type PathPart,
  type TunnelOwner,
} from './part.ts';
import type { PartHolders } from './plan.ts';
import type { Tables } from './tables.ts';

/**
 * What an earlier process left in the tables, until it is known which of it belongs to a binding. It forwards on meanwhile: its tunnels
 * stay, and its counters are nobody else's. A binding that is set for the same addresses takes it over.
 */
export class LeftForwarding {
  readonly tunnels: readonly (PathPart | TunnelOwner)[];
  readonly #tables: Tables;
  readonly #allocator: IndexAllocator;
  readonly #counters = new Set<number>();
  readonly #kinds = new Set<Forwarding['kind']>();
  #tunnelsHeld = true;

  /** Reserves the counters of what is there. */
  constructor(tables: Tables, allocator: IndexAllocator) {
    this.#tables = tables;
    this.#allocator = allocator;
    const tunnels: (PathPart | TunnelOwner)[] = [];
    for (const part of tables.parts()) {
      if (isOfTunnel(part)) tunnels.push(part);
      else if (isEntry(part)) {
        this.#counters.add(part.counters);
        allocator.reserve(part.counters);
      }
    }
    if (tunnels.length > 0) this.#kinds.add('anchor').add('access');
    this.tunnels = tunnels;
  }

  /** Whether every part in the tables is either a binding's or in nobody's use. */
  get ended(): boolean {
    return this.#kinds.size === 0;
  }

  /** What is left from now on of these kinds belongs to no binding. */
  end(kinds: readonly Forwarding['kind'][]): void {
    for (const kind of kinds) this.#kinds.delete(kind);
  }

  /** What of tunnels need not stay any longer unless a binding uses it; once, when all has ended. */
  releaseTunnels(): readonly (PathPart | TunnelOwner)[] {
    if (!this.#tunnelsHeld) return [];
    this.#tunnelsHeld = false;
    return this.tunnels;
  }

  /** When what had them is gone. */
  releaseAllCounters(): void {
    for (const index of this.#counters) this.#allocator.release(index);
    this.#counters.clear();
  }

  /** Whether a part that no binding holds may still be one's. */
  has(part: Part): boolean {
    return isOfKinds(part, this.#kinds);
  }

  /** What is there of these parts and no binding holds. */
  find(parts: readonly Part[], holders: PartHolders): Part[] {
    if (this.ended) return [];
    return parts.flatMap((part) => (holders.has(part.key) ? [] : (this.#tables.find(part) ?? [])));
  }

  /** The counters that are there for these parts and no binding has taken over; its index. */
  counters(parts: readonly Part[], holders: PartHolders): number | undefined {
    return this.find(parts, holders)
      .filter((part): part is AnchorEntry | AccessEntry => isEntry(part))
      .map(({ counters }) => counters)
      .find((index) => this.#counters.has(index));
  }

  claimCounters(index: number): void {
    this.#counters.delete(index);
  }

  /** Of an entry that is no longer there. */
  releaseCounters(index: number): void {
    if (this.#counters.delete(index)) this.#allocator.release(index);
  }
}
