import { describe, expect, it } from 'vitest';
import { OctetSlab } from '#base/octet-slab.ts';

describe('a slab', () => {
  it('gives copies that nothing changes, neither the original nor other copies', () => {
    const slab = new OctetSlab();
    const original = new Uint8Array(1000);
    const copies = Array.from({ length: 300 }, (_, i) => slab.copy(original.fill(i)));
    original.fill(255);
    for (const [i, copy] of copies.entries()) expect(copy).toEqual(new Uint8Array(1000).fill(i));
  });

  it('copies as much of the beginning as is asked for', () => {
    const slab = new OctetSlab();
    expect(slab.copy(Uint8Array.of(1, 2, 3), 2)).toEqual(Uint8Array.of(1, 2));
    expect(slab.copy(new Uint8Array(10_000).fill(7), 9000)).toEqual(new Uint8Array(9000).fill(7));
  });

  it('gives what is long memory of its own', () => {
    const slab = new OctetSlab();
    const long = slab.copy(new Uint8Array(100_000).fill(7));
    expect(long).toEqual(new Uint8Array(100_000).fill(7));
    expect(long.buffer.byteLength).toBe(100_000);
  });
});
