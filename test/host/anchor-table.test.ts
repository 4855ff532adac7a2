import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#base/random.ts';
import type { EntryWords, TargetWords } from '#dataplane/anchor-entries.ts';
import { AnchorTable, anchorPlaces } from '#host/anchor-table.ts';
import { BpfMap, MapFlag, MapType } from '#host/bpf.ts';
import { munmap } from '#host/posix.ts';
import { kernelBedMissing } from '../dataplane/kernel-bed.ts';

const missing = kernelBedMissing();
const COUNTED_AT = 32;
const ENTRY = 64;
const ROWS = 20_000;

const four = (index: number): TargetWords => ({ tag: 0, high: (0x64400000 + index) | 0, low: 0 });
const six = (index: number, customer = 0): TargetWords => ({ tag: customer * 2 + 1, high: 0x3fff0000, low: index });
const entry = (target: TargetWords, path: number, counters = path): EntryWords => {
  return { ...target, path, counters, send: ~path, receive: path * 7 };
};

describe.skipIf(missing)(`the table of an anchor's entries${missing ? ` (${missing})` : ''}`, () => {
  /** Of bindings, what was counted in places that entries have left. */
  let counters: BigUint64Array;
  const mapFor = (entries: number) =>
    new BpfMap({
      name: 'anchors',
      type: MapType.ARRAY,
      keySize: 4,
      valueSize: ENTRY,
      maximumEntries: anchorPlaces(entries),
      flags: MapFlag.MMAPABLE,
    });
  const within = (entries: number, action: (table: AnchorTable, map: BpfMap, memory: Buffer) => void, seed = 5213) => {
    const map = mapFor(entries);
    counters = new BigUint64Array(ROWS * 4);
    const table = new AnchorTable(map, counters, seed);
    const memory = map.mapMemory();
    try {
      action(table, map, memory.buffer);
    } finally {
      munmap(memory);
      table.close();
      map.close();
    }
  };
  const says = (table: AnchorTable, target: TargetWords) => {
    const words = entry(target, 0);
    const place = table.find(target);
    if (place === 0) return undefined;
    table.read(place, words);
    return words;
  };
  /** What the binding of an entry has in all. */
  const counted = (table: AnchorTable, place: number, index: number) => {
    const { upPackets, upOctets, downPackets, downOctets } = table.counted(place);
    return [upPackets, upOctets, downPackets, downOctets].map((count, i) => count + Number(counters[index * 4 + i]));
  };
  /** As programs count. */
  const count = (memory: Buffer, place: number, counts: readonly bigint[]) => {
    for (const [i, value] of counts.entries()) memory.writeBigUInt64LE(value, place * ENTRY + COUNTED_AT + i * 8);
  };

  it.each([1, 5213, -1])(
    'takes all that it was made for, tells them apart and gives them all back (seed %i)',
    (seed) => {
      const bindings = 20_000;
      within(
        bindings * 2,
        (table) => {
          for (let i = 0; i < bindings; i++) for (const target of [four(i), six(i)]) table.set(entry(target, i));
          for (let i = 0; i < bindings; i++)
            for (const target of [four(i), six(i)]) expect(says(table, target)).toEqual(entry(target, i));
          expect(says(table, four(bindings))).toBeUndefined();
          expect(says(table, six(1, 1))).toBeUndefined();
          expect([...table.entries()]).toHaveLength(bindings * 2);
          for (let i = 0; i < bindings; i++) for (const target of [four(i), six(i)]) table.remove(table.find(target));
          expect([...table.entries()]).toEqual([]);
        },
        seed,
      );
    },
  );

  it('keeps those that are there, with what was counted for them, as others come and go and entries move', () => {
    const random = new SeededRandom(5213);
    within(1000, (table, _, memory) => {
      const held = new Map<number, bigint>();
      for (let step = 0; step < 40_000; step++) {
        const index = random.nextU32() % 3000;
        const place = table.find(six(index));
        expect(place !== 0).toBe(held.has(index));
        if (place !== 0) {
          table.remove(place);
          held.delete(index);
        } else if (held.size < 1000) {
          counters.fill(0n, index * 4, index * 4 + 4);
          count(memory, table.set(entry(six(index), index)), [BigInt(step), 1n, 2n, 3n]);
          held.set(index, BigInt(step));
        }
      }
      expect(held.size).toBeGreaterThan(900);
      for (const [index, upPackets] of held) {
        expect(says(table, six(index))).toEqual(entry(six(index), index));
        expect(counted(table, table.find(six(index)), index)).toEqual([Number(upPackets), 1, 2, 3]);
      }
    });
  });

  it('refuses what there is no room for, and goes on with the others', () => {
    within(8, (table) => {
      const set = (index: number) => table.set(entry(four(index), index));
      expect(() => Array.from({ length: 100 }, (_, i) => set(i))).toThrow('E2BIG');
      const there = [...table.entries()].length;
      expect(there).toBeGreaterThanOrEqual(32);
      table.remove(table.find(four(0)));
      set(0);
      expect([...table.entries()]).toHaveLength(there);
    });
  });

  it('changes what an entry says, and keeps what was counted for its binding', () => {
    within(8, (table, _, memory) => {
      count(memory, table.set(entry(four(1), 4)), [1n, 20n, 3n, 40n]);
      const place = table.set(entry(four(1), 5, 4));
      expect(says(table, four(1))).toEqual(entry(four(1), 5, 4));
      const counted = { upPackets: 1, upOctets: 20, downPackets: 3, downOctets: 40 };
      expect(table.counted(place)).toEqual(counted);
      const others = table.set(entry(four(1), 5, 6));
      expect(says(table, four(1))).toEqual(entry(four(1), 5, 6));
      expect(table.counted(others)).toEqual({ upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 });
      expect([...counters.subarray(16, 28)]).toEqual([1n, 20n, 3n, 40n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);
      count(memory, others, [2n, 30n, 4n, 50n]);
      table.remove(others);
      expect([...counters.subarray(16, 28)]).toEqual([1n, 20n, 3n, 40n, 0n, 0n, 0n, 0n, 2n, 30n, 4n, 50n]);
    });
  });

  it('moves into a larger one whole, and is found again by who comes later', () => {
    within(200, (small, _, memory) => {
      for (let i = 0; i < 200; i++) count(memory, small.set(entry(six(i), i)), [BigInt(i), 0n, 0n, 0n]);
      within(1000, (large, map) => {
        large.copyFrom(small);
        const later = new AnchorTable(map, counters, 1);
        for (let i = 0; i < 200; i++) {
          expect(says(later, six(i))).toEqual(entry(six(i), i));
          expect(later.counted(later.find(six(i))).upPackets).toBe(i);
        }
        later.close();
        expect([...later.entries()]).toEqual([]);
      });
    });
  });
});
