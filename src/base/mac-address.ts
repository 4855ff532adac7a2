import { fromHex, readI32, readU16, toHex, writeU16, writeU32 } from './bytes.ts';

/** A 48-bit link-layer address. */
export class MacAddress {
  static readonly broadcast = new MacAddress(0xffff, -1);
  /** RFC 6543 §3 "IANA Considerations": reserved so that every MAG shows an MN the same link-layer address. */
  static readonly pmipv6Mag = new MacAddress(0x0000, 0x5e005213);

  /** The first two octets. */
  readonly high: number;
  /** The last four octets, as a signed 32-bit number. */
  readonly low: number;

  constructor(high: number, low: number) {
    this.high = high & 0xffff;
    this.low = low | 0;
  }

  /** Reads `00:24:d7:8e:21:a4`, `00-24-…`, or Cisco's `0024.d78e.21a4`; `undefined` when it is none of them. */
  static parse(text: string): MacAddress | undefined {
    const form =
      /^([0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\2){4}[0-9a-fA-F]{2}|[0-9a-fA-F]{4}\.[0-9a-fA-F]{4}\.[0-9a-fA-F]{4})$/;
    const bytes = form.test(text) ? fromHex(text) : undefined;
    return bytes && MacAddress.read(bytes);
  }

  /** Takes 6 octets from `offset`; the caller has checked that they are there. */
  static read(bytes: Uint8Array, offset = 0): MacAddress {
    return new MacAddress(readU16(bytes, offset), readI32(bytes, offset + 2));
  }

  write(bytes: Uint8Array, offset = 0): void {
    writeU16(bytes, offset, this.high);
    writeU32(bytes, offset + 2, this.low);
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(6);
    this.write(bytes);
    return bytes;
  }

  equals(other: MacAddress | undefined): boolean {
    return other !== undefined && this.high === other.high && this.low === other.low;
  }

  /** The 48 bits as one exact number; for map keys. */
  get key(): number {
    return this.high * 0x1_0000_0000 + (this.low >>> 0);
  }

  /** Group or broadcast address. */
  get isMulticast(): boolean {
    return (this.high & 0x0100) !== 0;
  }

  get isZero(): boolean {
    return this.high === 0 && this.low === 0;
  }

  toString(): string {
    return toHex(this.toBytes(), ':');
  }

  /** As IOS prints it and as the MAG uses it for a Network Access Identifier: `0024.d78e.21a4`. */
  toCiscoString(): string {
    const digits = toHex(this.toBytes());
    return `${digits.slice(0, 4)}.${digits.slice(4, 8)}.${digits.slice(8)}`;
  }
}
