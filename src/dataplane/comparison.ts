import { NumberSet } from '#base/number-set.ts';
import { type AnchorBindings, entryOfWords } from './anchor-bindings.ts';
import type { LeftForwarding } from './left-forwarding.ts';
import { type Part, type PathPart, sayTheSame } from './part.ts';
import type { PartHolders } from './part-holders.ts';
import type { TableChange } from './plan.ts';
import type { Tables } from './tables.ts';

/** How many parts are as bindings need them, and those that are not. */
export interface Differences {
  readonly matching: number;
  readonly missing: readonly Part[];
  readonly different: readonly Part[];
  /** In the order of the tables, paths first. */
  readonly extra: readonly Part[];
  readonly unclaimed: number;
}

export interface ComparedParts {
  readonly tables: Tables;
  readonly anchors: AnchorBindings;
  readonly holders: PartHolders;
  readonly left: LeftForwarding;
  readonly pathAt: (index: number) => PathPart | undefined;
}

/** Rows of anchors' entries that are looked at in one step, where nothing else is done for them. */
const ROWS = 256;

/** What the tables have against what bindings need. */
export class Comparison {
  readonly #parts: ComparedParts;

  constructor(parts: ComparedParts) {
    this.#parts = parts;
  }

  /** In steps, between which bindings may come and go: what is found is so at the end. */
  *run(): Generator<undefined, Differences> {
    const { tables, holders, left } = this.#parts;
    const seen = new Set<string>();
    const missing: Part[] = [];
    const different: Part[] = [];
    const extra: Part[] = [];
    let [matching, unclaimed] = [0, 0];
    for (const part of tables.parts()) {
      const needed = holders.needed(part);
      seen.add(part.key);
      if (needed && sayTheSame(part, needed)) matching++;
      else if (needed) different.push(needed);
      else if (left.has(part)) unclaimed++;
      else extra.push(part);
      yield;
    }
    for (const part of holders.parts()) {
      if (!seen.has(part.key) && !tables.find(part)) missing.push(part);
      yield;
    }
    const entries = yield* this.#anchors(missing, different, extra);
    return {
      matching: matching + entries.matching,
      unclaimed: unclaimed + entries.unclaimed,
      missing: missing.filter((part) => this.repairOf(part)),
      different: different.filter((part) => this.repairOf(part)),
      extra: extra.filter((part) => this.isExtra(part)),
    };
  }

  /** Whether it is there, and of no binding. */
  isExtra(part: Part): boolean {
    const { tables, holders } = this.#parts;
    return holders.count(part) === 0 && tables.find(part)?.key === part.key;
  }

  /** What makes a part as the bindings need it; `undefined` when none does, or it is so. */
  repairOf(part: Part): TableChange | undefined {
    const after = this.#parts.holders.needed(part);
    const before = after && this.#parts.tables.find(after);
    if (!after || (before && sayTheSame(before, after))) return undefined;
    return before ? { before, after } : { after };
  }

  *#anchors(
    missing: Part[],
    different: Part[],
    extra: Part[],
  ): Generator<undefined, Pick<Differences, 'matching' | 'unclaimed'>> {
    const { tables, anchors, left, pathAt } = this.#parts;
    const seen = new NumberSet();
    let [matching, unclaimed] = [0, 0];
    for (const words of tables.anchorEntries()) {
      const row = anchors.find(words);
      if (row >= 0) seen.add(row);
      if (row >= 0 && anchors.agrees(row, words)) matching++;
      else if (row >= 0) different.push(anchors.entry(row));
      else if (left.hasAnchors) unclaimed++;
      else extra.push(entryOfWords(words, pathAt));
      yield;
    }
    for (const row of anchors.rows()) {
      const part = seen.has(row) ? undefined : anchors.entry(row);
      if (part && !tables.find(part)) missing.push(part);
      if (part || row % ROWS === 0) yield;
    }
    return { matching, unclaimed };
  }
}
