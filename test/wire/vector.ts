import { describe, expect, it } from 'vitest';
import { fromHex } from '#base/bytes.ts';
import type { Decoded } from '#wire/error.ts';
import { WireFault } from '#wire/error.ts';
import type { MobilityMessage, MobilityOption } from '#wire/mobility/index.ts';
import { decodeMobilityHeader, encodeMobilityHeader } from '#wire/mobility/index.ts';
import { mobilityMessageCodec } from '#wire/mobility/mobility-header.ts';
import { decodeMobilityOptions, encodeMobilityOptions, mobilityOptionCodec } from '#wire/mobility/option-list.ts';

/** Hexadecimal with, after a bar, a note on each line. */
export function octets(text: string): Uint8Array {
  const hex = text.replace(/\|.*$/gm, '');
  const bytes = fromHex(hex);
  if (!bytes) throw new Error(`not hexadecimal: ${hex}`);
  return bytes;
}

export function decodedValue<T>(decoded: Decoded<T>): T {
  if (!decoded.ok) throw new Error(`${decoded.error.field} at ${decoded.error.offset}: ${decoded.error.rule}`);
  return decoded.value;
}

interface Codec<T> {
  readonly decode: (bytes: Uint8Array) => Decoded<T>;
  readonly encode: (value: T) => Uint8Array;
}

/** Decodes, encodes, refuses every truncation, takes octets after the end as not its own, and keeps nothing of its input. */
export function vector<T>(title: string, codec: Codec<T>, text: string, value: T): void {
  const bytes = octets(text);
  describe(title, () => {
    it('decodes', () => expect(decodedValue(codec.decode(bytes))).toEqual(value));
    it('encodes', () => expect(codec.encode(value)).toEqual(bytes));
    it('refuses every truncation', () => {
      for (let length = 0; length < bytes.length; length++) {
        expect(codec.decode(bytes.slice(0, length)).ok, `${length} octets`).toBe(false);
      }
    });
    it('is not changed by octets after its end', () => {
      const longer = new Uint8Array(bytes.length + 8).fill(0xa5);
      longer.set(bytes);
      expect(decodedValue(codec.decode(longer))).toEqual(value);
    });
    it('keeps no view of its input', () => {
      const copy = bytes.slice();
      const decoded = decodedValue(codec.decode(copy));
      copy.fill(0x5a);
      expect(decoded).toEqual(value);
    });
  });
}

/** A whole Mobility Header with its checksum field zero. */
export function messageVector(clause: string, text: string, value: MobilityMessage): void {
  const name = mobilityMessageCodec(value.kind)?.name ?? value.kind;
  vector(`[${clause}] ${name}`, { decode: decodeMobilityHeader, encode: encodeMobilityHeader }, text, value);
}

/** One option from its Type octet on. */
export function optionVector(clause: string, text: string, value: MobilityOption): void {
  const codec = mobilityOptionCodec(value.kind);
  const bytes = octets(text);
  describe(`[${clause}] ${codec?.name ?? value.kind}`, () => {
    it('decodes', () => expect(decodeMobilityOptions(bytes, 0, bytes.length)).toEqual([value]));
    it('encodes', () => expect(encodedAlone(value)).toEqual(bytes));
    it('refuses every truncation', () => {
      for (let length = 1; length < bytes.length; length++) {
        const fault = decodeMobilityOptions(bytes, 0, length);
        expect(fault, `${length} octets`).toBeInstanceOf(WireFault);
        expect((fault as WireFault).offset, `${length} octets`).toBeLessThanOrEqual(length);
      }
    });
    it('lets the next option follow at once', () => {
      const two = new Uint8Array([...bytes, ...bytes]);
      expect(decodeMobilityOptions(two, 0, two.length)).toEqual([value, value]);
    });
    it('keeps no view of its input', () => {
      const copy = bytes.slice();
      const decoded = decodeMobilityOptions(copy, 0, copy.length);
      copy.fill(0x5a);
      expect(decoded).toEqual([value]);
    });
  });
}

/** The option at the first place that its alignment permits. */
function encodedAlone(option: MobilityOption): Uint8Array {
  const codec = mobilityOptionCodec(option.kind);
  const align = typeof codec?.align === 'function' ? codec.align(option as never) : codec?.align;
  const start = align?.plus ?? 0;
  const out = new Uint8Array(300).fill(0xee);
  return out.slice(start, encodeMobilityOptions([option], out, start, out.length));
}
