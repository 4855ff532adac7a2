import type { AnchorBindings } from './anchor-bindings.ts';
import { emptyWords, writeEntry } from './anchor-entries.ts';
import type { AnchorEntry, Part } from './part.ts';

/** How many bindings have a part; it is as the last one of them said. */
interface Holder {
  part: Part;
  count: number;
}

/** Which parts bindings have. The entries of anchors are each one binding's, which knows them itself. */
export class PartHolders {
  readonly #anchors: AnchorBindings;
  readonly #shared = new Map<string, Holder>();
  readonly #words = emptyWords();

  constructor(anchors: AnchorBindings) {
    this.#anchors = anchors;
  }

  /** Of the entries of anchors too. */
  get size(): number {
    return this.#shared.size + this.#anchors.entries;
  }

  count(part: Part): number {
    if (part.kind === 'anchor-entry') return this.#row(part) < 0 ? 0 : 1;
    return this.#shared.get(part.key)?.count ?? 0;
  }

  /** A part of this key as bindings need it; `undefined` when none does. */
  needed(part: Part): Part | undefined {
    if (part.kind !== 'anchor-entry') return this.#shared.get(part.key)?.part;
    const row = this.#row(part);
    return row < 0 ? undefined : this.#anchors.entry(row);
  }

  /** That of this key, of a kind that may be shared. */
  at(key: string): Part | undefined {
    return this.#shared.get(key)?.part;
  }

  /** All but the entries of anchors. */
  *parts(): Iterable<Part> {
    for (const { part } of this.#shared.values()) yield part;
  }

  /** One binding more has it. */
  hold(part: Part): void {
    if (part.kind === 'anchor-entry') return;
    const holder = this.#shared.get(part.key);
    if (!holder) {
      this.#shared.set(part.key, { part, count: 1 });
      return;
    }
    holder.part = part;
    holder.count++;
  }

  /** One binding less; whether it was the last. */
  release(part: Part): boolean {
    if (part.kind === 'anchor-entry') return false;
    const holder = this.#shared.get(part.key);
    if (holder && --holder.count > 0) return false;
    this.#shared.delete(part.key);
    return true;
  }

  #row(entry: AnchorEntry): number {
    writeEntry(this.#words, entry);
    return this.#anchors.find(this.#words);
  }
}
