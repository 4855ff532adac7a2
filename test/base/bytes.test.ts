import { describe, expect, it } from 'vitest';
import { bytesEqual, concatBytes, fromHex, readI32, readU16, readU32, toHex, writeU16, writeU32 } from '#base/bytes.ts';
import { characters } from '#base/characters.ts';

describe('hexadecimal', () => {
  it('writes two lower-case digits an octet', () => {
    expect(toHex(Uint8Array.of(0, 0x0a, 0xff))).toBe('000aff');
    expect(toHex(Uint8Array.of(0, 0x0a, 0xff), ':')).toBe('00:0a:ff');
    expect(toHex(new Uint8Array(0))).toBe('');
  });

  it('reads it back, whatever stands between the octets', () => {
    const bytes = Uint8Array.of(0, 0x0a, 0xff);
    for (const text of ['000aff', '000AFF', '00 0a ff', '00:0A:FF', '00-0a-ff', '000a.ff', '00\n0a\tff']) {
      expect(fromHex(text), text).toEqual(bytes);
    }
  });

  it('refuses half an octet and other letters', () => {
    for (const text of ['0', '000', '0g', '0x00', '00,11', '0:0', '1:23']) expect(fromHex(text), text).toBeUndefined();
  });
});

describe('octets', () => {
  it('compares contents and lengths', () => {
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toBe(false);
  });

  it('joins in order', () => {
    expect(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes()).toEqual(new Uint8Array(0));
  });

  it('reads and writes numbers in network order', () => {
    const bytes = Uint8Array.of(0x11, 0xfe, 0xdc, 0xba, 0x98, 0x22);
    expect(readU16(bytes, 1)).toBe(0xfedc);
    expect(readU32(bytes, 1)).toBe(0xfedcba98);
    expect(readI32(bytes, 1)).toBe(0xfedcba98 - 0x1_0000_0000);
    const copy = new Uint8Array(6);
    writeU32(copy, 1, 0xfedcba98);
    expect(copy).toEqual(Uint8Array.of(0, 0xfe, 0xdc, 0xba, 0x98, 0));
    writeU16(copy, 0, 0x1234);
    expect(copy).toEqual(Uint8Array.of(0x12, 0x34, 0xdc, 0xba, 0x98, 0));
  });
});

describe('characters', () => {
  it('are those of the octets between two places, of any number of them, also at the end', () => {
    const octets = Uint8Array.from({ length: 70 }, (_, i) => (i * 37) & 0xff);
    for (let start = 0; start <= octets.length; start += 7)
      for (let end = start; end <= octets.length; end++)
        expect(characters(octets, start, end)).toBe(String.fromCharCode(...octets.subarray(start, end)));
    expect(characters(octets)).toHaveLength(70);
  });
});
