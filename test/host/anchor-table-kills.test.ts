/** What the next daemon finds when one is killed in any instant of a change of the table. */
import { describe, expect, it, vi } from 'vitest';
import type { EntryWords, TargetWords } from '#dataplane/anchor-entries.ts';
import { ANCHOR_ENTRY, AnchorTable, anchorPlaces } from '#host/anchor-table.ts';
import { BpfMap, MapFlag, MapType } from '#host/bpf.ts';
import { munmap } from '#host/posix.ts';
import { kernelBedMissing } from '../dataplane/kernel-bed.ts';

const missing = kernelBedMissing();
/** Of the table itself, which has more places than that. */
const ENTRIES = 4;
const ROWS = 64;
const COUNTERS = 32;
/** Octets within an entry. */
const [NAME_AT, TAG_AT, COUNTERS_AT, PATH_AT, RECEIVE_PATH_AT, COUNTED_AT] = [0, 8, 12, 16, 24, 32] as const;
const HEAD_PLACES = 4;
/** Packets that programs count after the daemon is dead, in every place in which they find an entry. */
const LATER = 1_000_000n;

/** Where the packets of an entry go. Keys are 0 when the path has none. */
interface Way {
  readonly path: number;
  readonly send?: number;
  readonly receive?: number;
}

const target = (index: number): TargetWords => ({ tag: 1, high: 0x20010db8, low: index });
const entry = (index: number, counters: number, { path, send = 0, receive = 0 }: Way): EntryWords => {
  return { ...target(index), path, counters, send, receive };
};
const keyOf = ({ tag, high, low }: TargetWords) => `${tag} ${high} ${low}`;

describe.skipIf(missing)(`a daemon that is killed while it changes the table${missing ? ` (${missing})` : ''}`, () => {
  /** A table with the counters of bindings behind it, in one piece. */
  class Memory {
    readonly #map = new BpfMap({
      name: 'anchors',
      type: MapType.ARRAY,
      keySize: 4,
      valueSize: ANCHOR_ENTRY,
      maximumEntries: anchorPlaces(ENTRIES),
      flags: MapFlag.MMAPABLE,
    });
    readonly #mapping = this.#map.mapMemory();
    readonly #table = this.#mapping.buffer;
    readonly counters = Buffer.alloc(ROWS * COUNTERS);
    readonly #opened: AnchorTable[] = [];

    open(): AnchorTable {
      const { buffer, byteOffset, length } = this.counters;
      const table = new AnchorTable(this.#map, new BigUint64Array(buffer, byteOffset, length / 8), 5213);
      this.#opened.push(table);
      return table;
    }

    get image(): Buffer {
      return Buffer.concat([this.#table, this.counters]);
    }

    set image(image: Buffer) {
      image.copy(this.#table, 0, 0, this.#table.length);
      image.copy(this.counters, 0, this.#table.length);
    }

    /** Those that programs find. */
    places(): number[] {
      const all = Array.from({ length: anchorPlaces(ENTRIES) - HEAD_PLACES }, (_, i) => i + HEAD_PLACES);
      return all.filter((place) => this.word(place, TAG_AT) !== 0);
    }

    word(place: number, at: number): number {
      return this.#table.readUInt32LE(place * ANCHOR_ENTRY + at);
    }

    name(place: number): bigint {
      return this.#table.readBigUInt64LE(place * ANCHOR_ENTRY + NAME_AT);
    }

    /** As programs do, all four counters alike. */
    count(place: number, packets: bigint): void {
      for (let i = 0; i < 4; i++) {
        const at = place * ANCHOR_ENTRY + COUNTED_AT + i * 8;
        this.#table.writeBigUInt64LE(this.#table.readBigUInt64LE(at) + packets, at);
      }
    }

    /** By the index of a binding's counters, each of the four alike. */
    totals(): Map<number, bigint> {
      const totals = new Map<number, bigint>();
      const add = (index: number, buffer: Buffer, at: number) => {
        const counts = [0, 8, 16, 24].map((offset) => buffer.readBigUInt64LE(at + offset));
        expect(new Set(counts).size).toBe(1);
        const total = (totals.get(index) ?? 0n) + (counts[0] as bigint);
        if (total !== 0n) totals.set(index, total);
      };
      for (let index = 0; index < ROWS; index++) add(index, this.counters, index * COUNTERS);
      for (const place of this.places())
        add(this.word(place, COUNTERS_AT), this.#table, place * ANCHOR_ENTRY + COUNTED_AT);
      return totals;
    }

    close(): void {
      for (const table of this.#opened) table.close();
      munmap(this.#mapping);
      this.#map.close();
    }
  }

  const within = (action: (memory: Memory, next: Memory) => void) => {
    const memories = [new Memory(), new Memory()] as const;
    try {
      action(...memories);
    } finally {
      for (const memory of memories) memory.close();
    }
  };

  /**
   * What is in memory after each store of an action. Atomic stores are seen one by one; of what is stored between two of them, words come first to
   * last or last to first, so that nothing depends on an order that nobody promises.
   */
  const instantsOf = (memory: Memory, action: () => void): Buffer[] => {
    const store = Atomics.store.bind(Atomics) as (array: unknown, index: number, value: unknown) => never;
    const instants = [memory.image];
    const noteChange = () => {
      const [before, after] = [instants.at(-1) as Buffer, memory.image];
      const changed = Array.from({ length: after.length / 4 }, (_, i) => i * 4).filter(
        (at) => before.readUInt32LE(at) !== after.readUInt32LE(at),
      );
      for (const order of [changed, changed.toReversed()]) {
        const image = Buffer.from(before);
        for (const at of order) {
          image.writeUInt32LE(after.readUInt32LE(at), at);
          instants.push(Buffer.from(image));
        }
      }
    };
    const spy = vi.spyOn(Atomics, 'store').mockImplementation(((array: unknown, index: number, value: unknown) => {
      noteChange();
      const result = store(array, index, value);
      instants.push(memory.image);
      return result;
    }) as typeof Atomics.store);
    try {
      action();
      noteChange();
    } finally {
      spy.mockRestore();
    }
    return instants;
  };

  const said = (table: AnchorTable): EntryWords[] =>
    Array.from(table.entries(), (words) => ({ ...words })).sort((a, b) => a.low - b.low);

  /** What programs count for entries that are there from now on, in each of its places. */
  const countLater = (memory: Memory, totals: Map<number, bigint>): Map<number, bigint> => {
    const later = new Map(totals);
    for (const place of memory.places()) {
      const index = memory.word(place, COUNTERS_AT);
      memory.count(place, LATER);
      later.set(index, (later.get(index) ?? 0n) + LATER);
    }
    return later;
  };

  /**
   * Kills a daemon in each instant of an action, and each next one in each instant of its start: whoever comes then finds all entries once, as they were before or as
   * they are after it, or in between as `between` says, with all that was counted. Gives the number of instants in which an entry was there twice.
   */
  const killIn = (
    [memory, next]: readonly [Memory, Memory],
    table: AnchorTable,
    action: () => void,
    between: readonly EntryWords[] = [],
  ): number => {
    const [before, totals] = [said(table), memory.totals()];
    const instants = instantsOf(memory, action);
    const after = said(table);
    const isBetween = (words: EntryWords) => between.some((one) => JSON.stringify(one) === JSON.stringify(words));
    const check = (adopted: AnchorTable, expected: Map<number, bigint>) => {
      const found = said(adopted);
      expect(new Set(found.map(keyOf)).size).toBe(found.length);
      const sound = found.filter((words) => !isBetween(words));
      const among = (all: readonly EntryWords[]) =>
        all.filter((one) => !found.some((words) => isBetween(words) && keyOf(words) === keyOf(one)));
      expect([among(before), among(after)]).toContainEqual(sound);
      for (const words of found) expect(adopted.find(words)).not.toBe(0);
      for (const place of next.places()) expect(next.word(place, RECEIVE_PATH_AT)).toBe(next.word(place, PATH_AT));
      expect(next.totals()).toEqual(expected);
    };
    let twice = 0;
    for (const instant of instants) {
      next.image = instant;
      if (new Set(next.places().map((place) => next.name(place))).size < next.places().length) twice++;
      const later = countLater(next, totals);
      const starts = instantsOf(next, () => next.open());
      for (const start of starts) {
        next.image = start;
        check(next.open(), later);
      }
    }
    return twice;
  };

  it('leaves an entry that was to come away, or there', () => {
    within((memory, next) => {
      const table = memory.open();
      memory.count(table.set(entry(1, 1, { path: 7 })), 10n);
      expect(killIn([memory, next], table, () => table.set(entry(2, 2, { path: 8 })))).toBe(0);
    });
  });

  it('leaves no entry twice that moves to make room for another, and each with what was counted for it', () => {
    within((memory, next) => {
      const table = memory.open();
      let [moves, twice] = [0, 0];
      for (let index = 1; moves < 4; index++) {
        const places = memory.places();
        const names = new Map(places.map((place) => [memory.name(place), place]));
        twice += killIn([memory, next], table, () => table.set(entry(index, index, { path: index })));
        memory.count(table.find(target(index)), BigInt(index));
        moves += memory.places().filter((place) => (names.get(memory.name(place)) ?? place) !== place).length;
      }
      expect(twice).toBeGreaterThan(0);
    });
  });

  it.each<[string, Way, Way]>([
    ['another tunnel', { path: 7 }, { path: 8 }],
    ['another tunnel with keys', { path: 7, send: 1, receive: 2 }, { path: 8, send: 3, receive: 4 }],
    ['another tunnel with the same keys', { path: 7, send: 1, receive: 2 }, { path: 8, send: 1, receive: 2 }],
    ['other keys', { path: 7, send: 1, receive: 2 }, { path: 7, send: 3, receive: 4 }],
  ])('leaves no entry with a tunnel for packets one way and another for those the other: %s', (_, from, to) => {
    within((memory, next) => {
      const table = memory.open();
      memory.count(table.set(entry(1, 1, from)), 10n);
      const after = entry(1, 1, to);
      // What no binding says, so that the first that has the address sets it anew.
      const between = [0, from.receive ?? 0].map((receive) => ({ ...after, receive }));
      killIn([memory, next], table, () => table.set(after), between);
      expect(memory.places()).toHaveLength(1);
    });
  });

  it('leaves what was counted with the binding that had the address when another has it', () => {
    within((memory, next) => {
      const table = memory.open();
      memory.count(table.set(entry(1, 1, { path: 7 })), 10n);
      expect(killIn([memory, next], table, () => table.set(entry(1, 2, { path: 8 })))).toBeGreaterThan(0);
      expect(memory.totals()).toEqual(new Map([[1, 10n]]));
    });
  });

  it('leaves what was counted with the binding whose address goes', () => {
    within((memory, next) => {
      const table = memory.open();
      const place = table.set(entry(1, 1, { path: 7 }));
      memory.count(place, 10n);
      killIn([memory, next], table, () => table.remove(place));
      expect(said(table)).toEqual([]);
      expect(memory.totals()).toEqual(new Map([[1, 10n]]));
    });
  });

  it('leaves the table as it was while another takes its place', () => {
    within((memory, larger) => {
      const table = memory.open();
      for (let index = 1; index < 30; index++)
        memory.count(table.set(entry(index, index, { path: index })), BigInt(index));
      const [image, totals] = [memory.image, memory.totals()];
      const copy = larger.open();
      for (const instant of instantsOf(memory, () => copy.copyFrom(table))) expect(instant.equals(image)).toBe(true);
      expect(said(copy)).toEqual(said(table));
      expect(larger.totals()).toEqual(totals);
    });
  });
});
