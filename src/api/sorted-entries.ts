import type { IndexedEntry } from './indexed-entry.ts';
import { type SortKey, sortValue } from './sort-key.ts';

interface Ranked {
  readonly value: string;
  readonly entry: IndexedEntry;
}

/** Entries in one order, kept as they change. */
export class SortedEntries {
  readonly #sort: SortKey;
  #ranked: Ranked[];

  constructor(sort: SortKey, entries: Iterable<IndexedEntry>) {
    this.#sort = sort;
    this.#ranked = this.#rank(entries);
  }

  /** The entries of the keys `touched` are now those of `present`. */
  replace(touched: ReadonlySet<string>, present: Iterable<IndexedEntry>): void {
    const kept = this.#ranked.filter(({ entry }) => !touched.has(entry.key));
    this.#ranked = merge(kept, this.#rank(present));
  }

  /** All in their order, with whether they come after that of `after`. */
  *walk(
    descending: boolean,
    after: readonly [value: string, key: string] | undefined,
  ): Iterable<Ranked & { readonly isAfter: boolean }> {
    const { length } = this.#ranked;
    const sign = descending ? -1 : 1;
    for (let i = 0; i < length; i++) {
      const { value, entry } = this.#ranked[descending ? length - 1 - i : i] as Ranked;
      const isAfter = !after || sign * compare(value, entry.key, after[0], after[1]) > 0;
      yield { value, entry, isAfter };
    }
  }

  #rank(entries: Iterable<IndexedEntry>): Ranked[] {
    const ranked = Array.from(entries, (entry) => ({ value: sortValue(entry, this.#sort), entry }));
    return ranked.sort((a, b) => compare(a.value, a.entry.key, b.value, b.entry.key));
  }
}

function merge(a: readonly Ranked[], b: readonly Ranked[]): Ranked[] {
  if (b.length === 0) return [...a];
  const merged: Ranked[] = [];
  let j = 0;
  for (const one of a) {
    for (let other = b[j]; other && precedes(other, one); other = b[++j]) merged.push(other);
    merged.push(one);
  }
  for (; j < b.length; j++) merged.push(b[j] as Ranked);
  return merged;
}

function precedes(a: Ranked, b: Ranked): boolean {
  return compare(a.value, a.entry.key, b.value, b.entry.key) < 0;
}

/** By the values' code units: the same everywhere, and fast. */
function compare(value: string, key: string, otherValue: string, otherKey: string): number {
  if (value !== otherValue) return value < otherValue ? -1 : 1;
  return key < otherKey ? -1 : key > otherKey ? 1 : 0;
}
