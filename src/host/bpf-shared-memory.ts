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
    this.#anchors = anchorTable(anchors);
    this.#counters = counters.mapMemory();
    const { buffer, byteOffset, length } = this.#counters.buffer;
    this.#counterWords = new BigUint64Array(buffer, byteOffset, length / 8);
  }

  /** Throws `SystemCallError` when there is no room. What was counted for another binding stays with that one. */
  setAnchor(entry: AnchorEntry): void {
    const former = this.anchor(entry.customer, entry.target)?.counters;
    writeEntry(this.#words, entry);
    const place = this.#anchors.set(this.#words);
    if (former !== undefined && former !== entry.counters) this.#moveCounted(place, former);
  }

  clearAnchor({ customer, target }: AnchorEntry): void {
    const place = this.#find(customer, target);
    if (place === 0) return;
    this.#anchors.read(place, this.#words);
    this.#anchors.remove(place);
    this.#moveCounted(place, this.#words.counters);
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

  #moveCounted(place: number, counters: number): void {
    this.#anchors.moveCounted(place, this.#counterWords, counters * WORDS);
  }
}

/** The places of entries in a larger table are others. Throws `SystemCallError`. */
export function copyAnchors(from: BpfMap, to: BpfMap): void {
  const former = anchorTable(from);
  try {
    const larger = anchorTable(to);
    larger.copyFrom(former);
    larger.close();
  } finally {
    former.close();
  }
}

function anchorTable(map: BpfMap): AnchorTable {
  return new AnchorTable(map, randomBytes(4).readInt32LE());
}
