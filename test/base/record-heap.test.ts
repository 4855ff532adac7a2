import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { octetAt, RecordHeap, sameBlock } from '#base/record-heap.ts';

describe('RecordHeap', () => {
  it('gives blocks that do not overlap, whatever was given back before', () => {
    const step = fc.record({ gives: fc.boolean(), octets: fc.integer({ min: 1, max: 200_000 }), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const heap = new RecordHeap();
        const held: { handle: number; octets: number; mark: number }[] = [];
        for (const [mark, { gives, octets, which }] of steps.entries()) {
          if (gives && held.length > 0) {
            const [gone] = held.splice(which % held.length, 1) as [(typeof held)[number]];
            heap.give(gone.handle, gone.octets);
            continue;
          }
          const handle = heap.take(octets);
          heap.page(handle).octets.fill(mark, octetAt(handle), octetAt(handle) + octets);
          held.push({ handle, octets, mark });
        }
        for (const { handle, octets, mark } of held) {
          const block = heap.page(handle).octets.subarray(octetAt(handle), octetAt(handle) + octets);
          expect(block.length).toBe(octets);
          expect(block.every((octet) => octet === mark % 256)).toBe(true);
        }
      }),
    );
  });

  it('uses a block again for the same size', () => {
    const heap = new RecordHeap();
    const handle = heap.take(150);
    heap.give(handle, 150);
    expect(sameBlock(150, 131)).toBe(true);
    expect(sameBlock(150, 128)).toBe(false);
    expect(heap.take(128)).not.toBe(handle);
    expect(heap.take(131)).toBe(handle);
  });

  it('gives memory back when what was in it is gone, whatever is taken later', () => {
    const heap = new RecordHeap();
    const stays = heap.take(100);
    for (let octets = 32; octets <= 2048; octets += 96) {
      const handles = Array.from({ length: 4000 }, () => heap.take(octets));
      expect(heap.octets).toBeGreaterThan(4000 * octets);
      for (const handle of handles.toSorted((a, b) => (a % 61) - (b % 61))) heap.give(handle, octets);
      expect(heap.octets).toBeLessThanOrEqual(3 << 20);
    }
    heap.give(stays, 100);
  });

  it('has in each of many blocks what was put there last, through growth and decline', () => {
    const random = new SeededRandom(11);
    const heap = new RecordHeap();
    const held: { readonly handle: number; readonly octets: number; readonly mark: number }[] = [];
    for (let i = 0; i < 300_000; i++) {
      // Some ten thousand more, then some ten thousand fewer.
      const grows = nextBelow(random, 100) < (Math.floor(i / 50_000) % 2 === 0 ? 60 : 40);
      if (grows || held.length === 0) {
        const octets = 1 + nextBelow(random, 700);
        const handle = heap.take(octets);
        for (const at of placesIn(handle, octets)) heap.page(handle).octets[at] = i & 255;
        held.push({ handle, octets, mark: i & 255 });
        continue;
      }
      const at = nextBelow(random, held.length);
      const { handle, octets, mark } = held[at] as (typeof held)[number];
      held[at] = held.at(-1) as (typeof held)[number];
      held.pop();
      const isWhole = placesIn(handle, octets).every((place) => heap.page(handle).octets[place] === mark);
      if (!isWhole) throw new Error(`block ${handle} was overwritten in step ${i}`);
      heap.give(handle, octets);
    }
    for (const { handle, octets } of held) heap.give(handle, octets);
    expect(heap.octets).toBe(1 << 20);
  });

  it('refuses what is larger than a page', () => {
    expect(() => new RecordHeap().take(1 << 20)).toThrow(RangeError);
  });
});

/** Its ends, and what lies between. */
function placesIn(handle: number, octets: number): number[] {
  const first = octetAt(handle);
  return [first, first + (octets >> 1), first + octets - 1];
}
