/** Pieces that several codecs share: copies of octets, text, prefixes. */

import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { characters } from '#base/characters.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { WireFault } from './error.ts';

const COPY_BY_HAND_BELOW = 64;
const NOTHING = new Uint8Array();
/** Longer texts are read faster by the decoder. */
const SHORT = 64;

/** A copy that does not alias `bytes`; for the short identifiers of signalling faster than `slice`. */
export function copyOctets(bytes: Uint8Array, at: number, end: number): Uint8Array {
  const length = end - at;
  if (length === 0) return NOTHING;
  if (length >= COPY_BY_HAND_BELOW) return new Uint8Array(bytes.subarray(at, end));
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = bytes[at + i] as number;
  return copy;
}

/** Returns where the octets end in `out`. */
export function writeOctets(octets: Uint8Array, out: Uint8Array, at: number): number {
  if (octets.length >= COPY_BY_HAND_BELOW) out.set(octets, at);
  else for (let i = 0; i < octets.length; i++) out[at + i] = octets[i] as number;
  return at + octets.length;
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** UTF-8; `undefined` when the octets are not. */
export function decodeText(bytes: Uint8Array, at: number, end: number): string | undefined {
  const ascii = decodeAscii(bytes, at, end);
  if (ascii !== undefined) return ascii;
  try {
    return strictDecoder.decode(bytes.subarray(at, end));
  } catch {
    return undefined;
  }
}

/** UTF-8 with a replacement character for what is not. */
export function decodeTextLeniently(bytes: Uint8Array, at: number, end: number): string {
  return decodeAscii(bytes, at, end) ?? lenientDecoder.decode(bytes.subarray(at, end));
}

export function writeText(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return writeOctets(encoder.encode(text), out, at);
    out[at + i] = code;
  }
  return at + text.length;
}

export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Takes a prefix whose length was read before; the fault names `offset` of the length. */
export function readIpv6Prefix(
  bytes: Uint8Array,
  at: number,
  length: number,
  lengthOffset: number,
): Ipv6Prefix | WireFault {
  if (length > 128) return prefixLengthFault(length, lengthOffset, 128);
  return new Ipv6Prefix(Ipv6Address.read(bytes, at), length);
}

export function prefixLengthFault(length: number, offset: number, maximum: number): WireFault {
  return new WireFault(
    'bad-value',
    offset,
    'Prefix Length',
    `${length} is more than the ${maximum} bits of an address`,
  );
}

/** 48 bits. */
export function readU48(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) * 0x1_0000_0000 + readU32(bytes, at + 2);
}

export function writeU48(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, Math.floor(value / 0x1_0000_0000));
  writeU32(bytes, at + 2, value % 0x1_0000_0000);
}

/** Short ones, as names are; `undefined` for others. */
function decodeAscii(bytes: Uint8Array, at: number, end: number): string | undefined {
  if (end - at > SHORT) return undefined;
  for (let i = at; i < end; i++) if ((bytes[i] as number) > 0x7f) return undefined;
  return characters(bytes, at, end);
}
