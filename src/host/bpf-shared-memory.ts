/** The maps whose memory this process has in common with the programs. */
import { randomBytes } from 'node:crypto';
import { type EntryWords, emptyWords, writeEntry, writeTarget } from '#dataplane/anchor-entries.ts';
import type { BindingCounters } from '#dataplane/dataplane.ts';
import type { GreKeys } from '#dataplane/desired.ts';
import type { AnchorEntry, Part, Target } from '#dataplane/part.ts';
import { AnchorTable } from './anchor-table.ts';
import type { BpfMap } from './bpf.ts';
import { type Mapping, munmap } from './posix.ts';

/** What an entry of an anchor says. Keys are 0 when the path has none. */
type HeldAnchor = Pick<AnchorEntry, 'path' | 'counters'> & { readonly keys: GreKeys };

const WORDS = 4;
const NAMES = ['upPackets', 'upOctets', 'downPackets', 'downOctets'] as const;

/**
 * The entries of anchors, which programs count in, and the counters of bindings: those of access links, and of anchors what this process has counted and what
 * entries have that are gone.
 */
export class SharedMemory {
  readonly #anchors: AnchorTable;
  readonly #counters: Mapping;
  readonly #counterWords: BigUint64Array;
  readonly #words = emptyWords();

  /** Throws `SystemCallError`. */
  constructor({ anchors, counters }: Readonly<Record<'anchors' | 'counters', BpfMap>>) {
    this.#counters = counters.mapMemory();
    this.#counterWords = longWordsOf(this.#counters);
    this.#anchors = anchorTable(anchors, this.#counterWords);
  }

  /** Throws `SystemCallError` when there is no room. What was counted for another binding stays with that one. */
  setAnchor(entry: AnchorEntry): void {
    writeEntry(this.#words, entry);
    this.#anchors.set(this.#words);
  }

  /** The same of an entry that is words already. */
  addAnchor(entry: Readonly<EntryWords>): void {
    this.#anchors.set(entry);
  }

  clearAnchor({ customer, target }: AnchorEntry): void {
    const place = this.#find(customer, target);
    if (place !== 0) this.#anchors.remove(place);
  }

  /** `undefined` when there is none. */
  anchor(customer: number, target: Target): HeldAnchor | undefined {
    const place = this.#find(customer, target);
    if (place === 0) return undefined;
    this.#anchors.read(place, this.#words);
    const { path, counters, send, receive } = this.#words;
    return { path, counters, keys: { send: send >>> 0, receive: receive >>> 0 } };
  }

  /** The entries of anchors; each is valid until the next. */
  anchorEntries(): Iterable<Readonly<EntryWords>> {
    return this.#anchors.entries();
  }

  /** Of a new binding. */
  resetCounters(index: number): void {
    this.#counterWords.fill(0n, index * WORDS, (index + 1) * WORDS);
  }

  /** Of a binding with these counters and parts. */
  counters(index: number, parts: readonly Part[]): BindingCounters {
    const word = (i: number) => Number(this.#counterWords[index * WORDS + i]);
    const sum = { upPackets: word(0), upOctets: word(1), downPackets: word(2), downOctets: word(3) };
    for (const part of parts) {
      const place = part.kind === 'anchor-entry' ? this.#find(part.customer, part.target) : 0;
      if (place === 0) continue;
      const counted = this.#anchors.counted(place);
      for (const name of NAMES) sum[name] += counted[name];
    }
    return sum;
  }

  /** Adds one packet to a binding's counters, as the programs do. */
  count(index: number, direction: 'up' | 'down', octets: number): void {
    const at = index * WORDS + (direction === 'up' ? 0 : 2);
    Atomics.add(this.#counterWords, at, 1n);
    Atomics.add(this.#counterWords, at + 1, BigInt(octets));
  }

  close(): void {
    this.#anchors.close();
    munmap(this.#counters);
  }

  #find(customer: number, target: Target): number {
    writeTarget(this.#words, customer, target);
    return this.#anchors.find(this.#words);
  }
}

/** The places of entries in a larger table are others. `counters` are those of what is in the smaller one. Throws `SystemCallError`. */
export function copyAnchors(from: BpfMap, to: BpfMap, { counters }: Readonly<Record<'counters', BpfMap>>): void {
  const mapping = counters.mapMemory();
  try {
    const words = longWordsOf(mapping);
    withTable(from, words, (former) => withTable(to, words, (larger) => larger.copyFrom(former)));
  } finally {
    munmap(mapping);
  }
}

function withTable(map: BpfMap, counterWords: BigUint64Array, action: (table: AnchorTable) => void): void {
  const table = anchorTable(map, counterWords);
  try {
    action(table);
  } finally {
    table.close();
  }
}

function anchorTable(map: BpfMap, counterWords: BigUint64Array): AnchorTable {
  return new AnchorTable(map, counterWords, randomBytes(4).readInt32LE());
}

function longWordsOf({ buffer: { buffer, byteOffset, length } }: Mapping): BigUint64Array {
  return new BigUint64Array(buffer, byteOffset, length / 8);
}
