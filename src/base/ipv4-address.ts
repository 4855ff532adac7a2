import { readI32, writeU32 } from './bytes.ts';

/** No leading zeros: some readers take such a number as octal. */
const DOTTED = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/** An IPv4 address: one 32-bit word, so that it costs no buffer and compares with one instruction. */
export class Ipv4Address {
  static readonly unspecified = new Ipv4Address(0);
  static readonly broadcast = new Ipv4Address(-1);

  /** The four octets in network order as a signed 32-bit number; good as a map key. */
  readonly word: number;

  constructor(word: number) {
    this.word = word | 0;
  }

  /** Reads dotted decimal; `undefined` when it is not that. */
  static parse(text: string): Ipv4Address | undefined {
    const match = DOTTED.exec(text);
    if (!match) return undefined;
    let word = 0;
    for (let i = 1; i <= 4; i++) {
      const octet = Number(match[i]);
      if (octet > 255) return undefined;
      word = (word << 8) | octet;
    }
    return new Ipv4Address(word);
  }

  /** Takes 4 octets from `offset`; the caller has checked that they are there. */
  static read(bytes: Uint8Array, offset = 0): Ipv4Address {
    return new Ipv4Address(readI32(bytes, offset));
  }

  write(bytes: Uint8Array, offset = 0): void {
    writeU32(bytes, offset, this.word);
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(4);
    this.write(bytes);
    return bytes;
  }

  equals(other: Ipv4Address | undefined): boolean {
    return other !== undefined && this.word === other.word;
  }

  /** The address `count` further on; wraps at the end of the space. */
  plus(count: number): Ipv4Address {
    return new Ipv4Address(this.word + count);
  }

  /** For map keys, where it never equals that of an IPv6 address. */
  get key(): string {
    return String.fromCharCode(this.word >>> 16, this.word & 0xffff);
  }

  get isUnspecified(): boolean {
    return this.word === 0;
  }

  get isMulticast(): boolean {
    return this.word >>> 28 === 0xe;
  }

  toString(): string {
    const w = this.word;
    return `${w >>> 24}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}`;
  }
}

/** The netmask of a prefix length, 0 to 32. */
export function ipv4Netmask(length: number): Ipv4Address {
  return new Ipv4Address(length === 0 ? 0 : -1 << (32 - length));
}

/** The prefix length of a netmask; `undefined` when its ones are not contiguous. */
export function ipv4MaskLength(mask: Ipv4Address): number | undefined {
  const host = ~mask.word;
  return (host & (host + 1)) === 0 ? Math.clz32(host) : undefined;
}

/** An IPv4 address with a prefix length, as `192.0.2.1/24`. The host part is kept as given. */
export class Ipv4Prefix {
  readonly address: Ipv4Address;
  readonly length: number;

  constructor(address: Ipv4Address, length: number) {
    this.address = address;
    this.length = length;
  }

  static parse(text: string): Ipv4Prefix | undefined {
    const slash = text.indexOf('/');
    const address = Ipv4Address.parse(slash < 0 ? '' : text.slice(0, slash));
    const digits = text.slice(slash + 1);
    if (!address || !/^(0|[1-9]\d?)$/.test(digits) || Number(digits) > 32) return undefined;
    return new Ipv4Prefix(address, Number(digits));
  }

  /** The fewest prefixes that have all addresses from `low` to `high`, and no others, in their order. */
  static ofRange(low: Ipv4Address, high: Ipv4Address): Ipv4Prefix[] {
    const prefixes: Ipv4Prefix[] = [];
    const last = high.word >>> 0;
    for (let next = low.word >>> 0; next <= last; ) {
      let length = 32;
      while (length > 0 && next % 2 ** (33 - length) === 0 && next + 2 ** (33 - length) - 1 <= last) length--;
      prefixes.push(new Ipv4Prefix(new Ipv4Address(next), length));
      next += 2 ** (32 - length);
    }
    return prefixes;
  }

  /** The same prefix with the host part zero. */
  get network(): Ipv4Prefix {
    return new Ipv4Prefix(new Ipv4Address(this.address.word & ipv4Netmask(this.length).word), this.length);
  }

  /** The one with all host bits set. */
  get last(): Ipv4Address {
    return new Ipv4Address(this.address.word | ~ipv4Netmask(this.length).word);
  }

  contains(address: Ipv4Address): boolean {
    return ((this.address.word ^ address.word) & ipv4Netmask(this.length).word) === 0;
  }

  equals(other: Ipv4Prefix | undefined): boolean {
    return other !== undefined && this.length === other.length && this.address.equals(other.address);
  }

  toString(): string {
    return `${this.address}/${this.length}`;
  }
}
