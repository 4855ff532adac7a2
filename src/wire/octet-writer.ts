import { hexOctet, writeU16, writeU32 } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import { writeText } from './octets.ts';

/** Octets written one field after another into a buffer that grows. */
export class OctetWriter {
  #bytes: Uint8Array;
  #length = 0;
  /** That was given last, of these octets. */
  #view: Uint8Array = new Uint8Array();

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Forgets what was written: the writer is used again. */
  begin(): this {
    this.#length = 0;
    return this;
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#take(2);
    writeU16(this.#bytes, at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#take(4);
    writeU32(this.#bytes, at, value);
    return this;
  }

  octets(octets: Uint8Array): this {
    const at = this.#take(octets.length);
    this.#bytes.set(octets, at);
    return this;
  }

  /** Those from `from` up to `to`, of which there are few. */
  part(octets: Uint8Array, from: number, to: number): this {
    const at = this.#take(to - from);
    for (let i = from; i < to; i++) this.#bytes[at + i - from] = octets[i] as number;
    return this;
  }

  zeros(count: number): this {
    const at = this.#take(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  /** UTF-8, behind 16 bits of length. */
  text(text: string): this {
    // No character has more than three octets for each of its units.
    const at = this.#take(2 + 3 * text.length);
    const end = writeText(text, this.#bytes, at + 2);
    writeU16(this.#bytes, at, end - at - 2);
    this.#length = end;
    return this;
  }

  /** What `characters` of octets has made, as those, behind 16 bits of length. */
  characters(characters: string): this {
    const at = this.#take(2 + characters.length);
    writeU16(this.#bytes, at, characters.length);
    for (let i = 0; i < characters.length; i++) this.#bytes[at + 2 + i] = characters.charCodeAt(i);
    return this;
  }

  /** What `toHex` of octets has made, as those, behind 16 bits of length. */
  hex(digits: string): this {
    const length = digits.length >> 1;
    const at = this.#take(2 + length);
    writeU16(this.#bytes, at, length);
    for (let i = 0; i < length; i++) this.#bytes[at + 2 + i] = hexOctet(digits, 2 * i) ?? 0;
    return this;
  }

  ipv4(address: Ipv4Address): this {
    const at = this.#take(4);
    address.write(this.#bytes, at);
    return this;
  }

  ipv6(address: Ipv6Address): this {
    const at = this.#take(16);
    address.write(this.#bytes, at);
    return this;
  }

  mac(address: MacAddress): this {
    const at = this.#take(6);
    address.write(this.#bytes, at);
    return this;
  }

  setU8(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  setU16(at: number, value: number): void {
    writeU16(this.#bytes, at, value);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** What was written, as long as nothing more is. */
  view(): Uint8Array {
    if (this.#view.length !== this.#length) this.#view = this.#bytes.subarray(0, this.#length);
    return this.#view;
  }

  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new Uint8Array();
    }
    return at;
  }
}
