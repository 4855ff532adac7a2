import { NumberSet } from '#base/number-set.ts';
import type { AnchorBindings } from './anchor-bindings.ts';
import type { Forwarding } from './desired.ts';
import type { IndexAllocator } from './index-allocator.ts';
import { isEntry, isOfKinds, isOfTunnel, kindOf, type Part, type PathPart, type TunnelOwner } from './part.ts';
import type { Tables } from './tables.ts';

/**
 * What an earlier process left in the tables, until it is known which of it belongs to a binding. It forwards on meanwhile: its tunnels
 * stay, and its counters are nobody else's. A binding that is set for the same addresses takes it over.
 */
export class LeftForwarding {
  readonly tunnels: readonly (PathPart | TunnelOwner)[];
  readonly #tables: Tables;
  readonly #allocator: IndexAllocator;
  readonly #anchors: AnchorBindings;
  readonly #counters = new NumberSet();
  readonly #kinds = new Set<Forwarding['kind']>();
  #tunnelsHeld = true;

  /** Reserves the counters of what is there, whose entries of anchors `anchors` has from now on. */
  constructor(tables: Tables, allocator: IndexAllocator, anchors: AnchorBindings) {
    this.#tables = tables;
    this.#allocator = allocator;
    this.#anchors = anchors;
    const tunnels: (PathPart | TunnelOwner)[] = [];
    for (const part of tables.parts()) {
      if (isOfTunnel(part)) tunnels.push(part);
      else this.#kinds.add(kindOf(part));
      if (isEntry(part)) this.#reserveCounters(part.counters);
    }
    for (const words of tables.anchorEntries()) if (anchors.adopt(words)) this.#reserveCounters(words.counters);
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

  /** The same of all entries of anchors. */
  get hasAnchors(): boolean {
    return this.#kinds.has('anchor');
  }

  /** Whether there is nothing that no binding holds. */
  get isEmpty(): boolean {
    return this.ended && this.#anchors.left === 0;
  }

  /** Whether what is left is for access links: there is nothing to look through when anchors' has ended. */
  get isOfAccessAlone(): boolean {
    return this.#kinds.size === 1 && this.#kinds.has('access') && this.#anchors.left === 0;
  }

  /** What is there of these parts and no binding holds. */
  find(parts: readonly Part[], isHeld: (part: Part) => boolean): Part[] {
    if (this.isEmpty) return [];
    return parts.flatMap((part) => {
      if (part.kind === 'anchor-entry') return this.#anchors.leftEntry(part) ?? [];
      return isHeld(part) ? [] : (this.#tables.find(part) ?? []);
    });
  }

  /** Among these that are there, the counters that no binding has taken over; its index. */
  countersOf(parts: readonly Part[]): number | undefined {
    return parts
      .filter(isEntry)
      .map(({ counters }) => counters)
      .find((index) => this.#counters.has(index));
  }

  /** Whether these counters are those of something that was left, and no binding's yet. */
  hasCounters(index: number): boolean {
    return this.#counters.has(index);
  }

  claimCounters(index: number): void {
    this.#counters.delete(index);
  }

  /** Of an entry that is no longer there. */
  releaseCounters(index: number): void {
    if (this.#counters.delete(index)) this.#allocator.release(index);
  }

  #reserveCounters(index: number): void {
    this.#counters.add(index);
    this.#allocator.reserve(index);
  }
}
