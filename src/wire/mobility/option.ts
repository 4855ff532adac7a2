import type { WireFault } from '../error.ts';

/** Where an option may start in a Mobility Header: at `multiple` * n + `plus` octets. `multiple` is a power of two. */
export interface Alignment {
  readonly multiple: number;
  readonly plus: number;
}

/** The values that the Length field of an option may have. */
export interface OptionLength {
  readonly minimum: number;
  readonly maximum: number;
  /** Where not all of the range is meant. */
  readonly only?: readonly number[];
}

/**
 * One mobility option: its number, its place, and both directions of its codec.
 * The type and length octets, the length rule and the padding are dealt with outside of it.
 */
export interface MobilityOptionCodec<Type extends number, Option extends { readonly kind: string }> {
  readonly type: Type;
  readonly kind: Option['kind'];
  /** As the RFC spells it. */
  readonly name: string;
  readonly rfc: string;
  readonly align: Alignment | ((option: Option) => Alignment);
  /** Of the data in octets. */
  readonly length: OptionLength;
  /** The Length octet counts the words of 32 bits after the data's first two octets, and not the octets of the data. */
  readonly lengthInWords?: boolean;
  /** Reads the data from `at` to `end`, whose difference `length` permits. Must not keep a view of `bytes`. */
  decode(bytes: Uint8Array, at: number, end: number): Option | WireFault;
  /** Writes the data at `at`, every octet of it, and returns where it ends. */
  encode(option: Option, out: Uint8Array, at: number): number;
}

export function defineMobilityOption<Option extends { readonly kind: string }>(
  codec: MobilityOptionCodec<number, Option>,
): MobilityOptionCodec<number, Option> {
  return codec;
}

export const ANYWHERE: Alignment = { multiple: 1, plus: 0 };

export function aligned(multiple: 2 | 4 | 8, plus = 0): Alignment {
  return { multiple, plus };
}

export function exactly(length: number): OptionLength {
  return { minimum: length, maximum: length };
}

export function atLeast(minimum: number): OptionLength {
  return { minimum, maximum: 255 };
}

export function between(minimum: number, maximum: number): OptionLength {
  return { minimum, maximum };
}

export function oneOf(...lengths: readonly number[]): OptionLength {
  return { minimum: Math.min(...lengths), maximum: Math.max(...lengths), only: lengths };
}
