import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

  it('refuses what is larger than a page', () => {
    expect(() => new RecordHeap().take(1 << 20)).toThrow(RangeError);
  });
});
