import { BitSet } from '#base/bit-set.ts';
import { entryOfWords } from './anchor-bindings.ts';
import { AnchorEntries, emptyWords, writeTarget, writeWay } from './anchor-entries.ts';
import type { AnchorForwarding, Forwarding } from './desired.ts';
import type { IndexAllocator } from './index-allocator.ts';
import {
  type AnchorEntry,
  isEntry,
  isOfKinds,
  isOfTunnel,
  type Part,
  type PathPart,
  type TunnelOwner,
  targetsOf,
} from './part.ts';
import type { Tables } from './tables.ts';

/**
 * What an earlier process left in the tables, until it is known which of it belongs to a binding. It forwards on meanwhile: its tunnels
 * stay, and its counters are nobody else's. A binding that is set for the same addresses takes it over.
 */
export class LeftForwarding {
  readonly tunnels: readonly (PathPart | TunnelOwner)[];
  readonly #tables: Tables;
  readonly #allocator: IndexAllocator;
  /** Those of anchors that no binding holds. */
  readonly #entries = new AnchorEntries();
  readonly #counters = new BitSet();
  readonly #kinds = new Set<Forwarding['kind']>();
  readonly #words = emptyWords();
  readonly #pathAt: (index: number) => PathPart | undefined;
  #tunnelsHeld = true;

  /** Reserves the counters of what is there. `pathAt` has every path that is used. */
  constructor(tables: Tables, allocator: IndexAllocator, pathAt: (index: number) => PathPart | undefined) {
    this.#tables = tables;
    this.#allocator = allocator;
    this.#pathAt = pathAt;
    const tunnels: (PathPart | TunnelOwner)[] = [];
    for (const part of tables.parts()) {
      if (isOfTunnel(part)) tunnels.push(part);
      else if (isEntry(part)) this.#reserveCounters(part.counters);
    }
    for (const words of tables.anchorEntries()) {
      if (this.#entries.find(words) >= 0) continue;
      this.#entries.add(words);
      this.#reserveCounters(words.counters);
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
    this.#entries.clear();
  }

  /** Whether a part that no binding holds may still be one's. */
  has(part: Part): boolean {
    return isOfKinds(part, this.#kinds);
  }

  /** The same of all entries of anchors. */
  get hasAnchors(): boolean {
    return this.#kinds.has('anchor');
  }

  /** What is there of these parts and no binding holds. */
  find(parts: readonly Part[], isHeld: (part: Part) => boolean): Part[] {
    if (this.ended && this.#entries.size === 0) return [];
    return parts.flatMap((part) => {
      if (part.kind === 'anchor-entry') return this.#entry(part) ?? [];
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

  /**
   * Takes over what is there for a binding, when that is all that it needs, and as it needs it; gives its counters. The path is there. Nothing need
   * be done for it in the tables.
   */
  claim(forwarding: AnchorForwarding, path: PathPart): number | undefined {
    const words = this.#words;
    const targets = targetsOf(forwarding);
    const rows: number[] = [];
    for (const target of targets) {
      writeTarget(words, forwarding.customer, target);
      const row = this.#entries.find(words);
      if (row < 0) return undefined;
      rows.push(row);
    }
    const counters = rows[0] === undefined ? undefined : this.#entries.counters(rows[0]);
    if (counters === undefined || !this.#counters.has(counters)) return undefined;
    writeWay(words, forwarding.paths[0], path.index, counters);
    if (!rows.every((row) => this.#entries.says(row, words))) return undefined;
    for (const row of rows) this.#entries.remove(row);
    this.#counters.delete(counters);
    return counters;
  }

  claimCounters(index: number): void {
    this.#counters.delete(index);
  }

  /** Of an entry that is no longer there. */
  releaseCounters(index: number): void {
    if (this.#counters.delete(index)) this.#allocator.release(index);
  }

  /** An anchor's entry that is a binding's now, or gone. */
  forget({ customer, target }: AnchorEntry): void {
    if (this.#entries.size === 0) return;
    writeTarget(this.#words, customer, target);
    const row = this.#entries.find(this.#words);
    if (row >= 0) this.#entries.remove(row);
  }

  #reserveCounters(index: number): void {
    this.#counters.add(index);
    this.#allocator.reserve(index);
  }

  #entry({ customer, target }: AnchorEntry): AnchorEntry | undefined {
    writeTarget(this.#words, customer, target);
    const row = this.#entries.find(this.#words);
    if (row < 0) return undefined;
    this.#entries.read(row, this.#words);
    return entryOfWords(this.#words, this.#pathAt);
  }
}
