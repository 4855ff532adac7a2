import { describe, expect, it } from 'vitest';
import { OctetWriter } from '#wire/octet-writer.ts';

describe('OctetWriter', () => {
  it('loses nothing where its buffer grows, whatever is written there', () => {
    for (let before = 0; before < 12; before++) {
      const out = new OctetWriter(8);
      for (let i = 0; i < before; i++) out.u8(i + 1);
      out.u8(0xa1).u16(0xb1b2).u32(0xc1c2c3c4).octets(Uint8Array.of(0xd1)).u8(0xe1);
      const expected = [
        ...Array.from({ length: before }, (_, i) => i + 1),
        0xa1,
        0xb1,
        0xb2,
        0xc1,
        0xc2,
        0xc3,
        0xc4,
        0xd1,
        0xe1,
      ];
      expect([...out.finish()]).toEqual(expected);
    }
  });
});
