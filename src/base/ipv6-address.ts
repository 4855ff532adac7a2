import { readI32, writeU32 } from './bytes.ts';
import { Ipv4Address } from './ipv4-address.ts';
import type { MacAddress } from './mac-address.ts';

/** The third word of an IPv4-mapped address. */
const MAPPED = 0xffff;

/** An IPv6 address: four 32-bit words, so that it costs no buffer. */
export class Ipv6Address {
  static readonly unspecified = new Ipv6Address(0, 0, 0, 0);
  static readonly allNodes = new Ipv6Address(0xff020000, 0, 0, 1);
  static readonly allRouters = new Ipv6Address(0xff020000, 0, 0, 2);

  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  #key: string | undefined;

  /** The words in network order. */
  constructor(w0: number, w1: number, w2: number, w3: number) {
    this.w0 = w0 | 0;
    this.w1 = w1 | 0;
    this.w2 = w2 | 0;
    this.w3 = w3 | 0;
  }

  /** Reads any textual form of RFC 4291, the embedded IPv4 one too; `undefined` when it is not an address. No zone. */
  static parse(text: string): Ipv6Address | undefined {
    const groups = parseGroups(text);
    if (!groups) return undefined;
    const word = (i: number) => ((groups[i] as number) << 16) | (groups[i + 1] as number);
    return new Ipv6Address(word(0), word(2), word(4), word(6));
  }

  /** Takes 16 octets from `offset`; the caller has checked that they are there. */
  static read(bytes: Uint8Array, offset = 0): Ipv6Address {
    return new Ipv6Address(
      readI32(bytes, offset),
      readI32(bytes, offset + 4),
      readI32(bytes, offset + 8),
      readI32(bytes, offset + 12),
    );
  }

  /** The IPv4-mapped address of RFC 4291. */
  static mapped(address: Ipv4Address): Ipv6Address {
    return new Ipv6Address(0, 0, MAPPED, address.word);
  }

  /** What an IPv4-mapped address stands for; any other address itself. */
  get unmapped(): Ipv4Address | Ipv6Address {
    return this.isMapped ? new Ipv4Address(this.w3) : this;
  }

  get isMapped(): boolean {
    return (this.w0 | this.w1) === 0 && this.w2 === MAPPED;
  }

  write(bytes: Uint8Array, offset = 0): void {
    writeU32(bytes, offset, this.w0);
    writeU32(bytes, offset + 4, this.w1);
    writeU32(bytes, offset + 8, this.w2);
    writeU32(bytes, offset + 12, this.w3);
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(16);
    this.write(bytes);
    return bytes;
  }

  equals(other: Ipv6Address | undefined): boolean {
    return (
      other !== undefined &&
      this.w0 === other.w0 &&
      this.w1 === other.w1 &&
      this.w2 === other.w2 &&
      this.w3 === other.w3
    );
  }

  /** A string that equals another's exactly when the addresses do; for map keys. Cheaper than `toString`, and made once. */
  get key(): string {
    this.#key ??= String.fromCharCode(
      this.w0 >>> 16,
      this.w0 & 0xffff,
      this.w1 >>> 16,
      this.w1 & 0xffff,
      this.w2 >>> 16,
      this.w2 & 0xffff,
      this.w3 >>> 16,
      this.w3 & 0xffff,
    );
    return this.#key;
  }

  get isUnspecified(): boolean {
    return (this.w0 | this.w1 | this.w2 | this.w3) === 0;
  }

  get isMulticast(): boolean {
    return this.w0 >>> 24 === 0xff;
  }

  /** In fe80::/10. */
  get isLinkLocal(): boolean {
    return this.w0 >>> 22 === 0xfe80 >>> 6;
  }

  /** RFC 5952: lower case, the longest run of two or more zero groups as `::`, an IPv4-mapped address with its dots. */
  toString(): string {
    if (this.isMapped) return `::ffff:${new Ipv4Address(this.w3)}`;
    const groups = [this.w0, this.w1, this.w2, this.w3].flatMap((w) => [w >>> 16, w & 0xffff]);
    const run = longestZeroRun(groups);
    const hex = (part: readonly number[]) => part.map((g) => g.toString(16)).join(':');
    if (run.length < 2) return hex(groups);
    return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
  }
}

/** An IPv6 address with a prefix length. The host part is kept as given. */
export class Ipv6Prefix {
  /** The ALL_ZERO prefix of RFC 5213: "allocate one". */
  static readonly allZero = new Ipv6Prefix(Ipv6Address.unspecified, 0);

  readonly address: Ipv6Address;
  readonly length: number;

  constructor(address: Ipv6Address, length: number) {
    this.address = address;
    this.length = length;
  }

  static parse(text: string): Ipv6Prefix | undefined {
    const slash = text.indexOf('/');
    const address = Ipv6Address.parse(slash < 0 ? '' : text.slice(0, slash));
    const digits = text.slice(slash + 1);
    if (!address || !/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > 128) return undefined;
    return new Ipv6Prefix(address, Number(digits));
  }

  /** The same prefix with the host part zero. */
  get network(): Ipv6Prefix {
    const { w0, w1, w2, w3 } = this.address;
    const n0 = w0 & wordMask(this.length);
    const n1 = w1 & wordMask(this.length - 32);
    const n2 = w2 & wordMask(this.length - 64);
    const n3 = w3 & wordMask(this.length - 96);
    if (n0 === w0 && n1 === w1 && n2 === w2 && n3 === w3) return this;
    return new Ipv6Prefix(new Ipv6Address(n0, n1, n2, n3), this.length);
  }

  get isAllZero(): boolean {
    return this.address.isUnspecified;
  }

  contains(address: Ipv6Address): boolean {
    const a = this.address;
    return (
      ((a.w0 ^ address.w0) & wordMask(this.length)) === 0 &&
      ((a.w1 ^ address.w1) & wordMask(this.length - 32)) === 0 &&
      ((a.w2 ^ address.w2) & wordMask(this.length - 64)) === 0 &&
      ((a.w3 ^ address.w3) & wordMask(this.length - 96)) === 0
    );
  }

  equals(other: Ipv6Prefix | undefined): boolean {
    return other !== undefined && this.length === other.length && this.address.equals(other.address);
  }

  /** For map keys. */
  get key(): string {
    return this.address.key + String.fromCharCode(this.length);
  }

  toString(): string {
    return `${this.address}/${this.length}`;
  }
}

/** The link-local address whose interface identifier is the modified EUI-64 of a MAC address (RFC 4291). */
export function linkLocalFromMac(mac: MacAddress): Ipv6Address {
  const high = mac.high;
  const low = mac.low;
  return new Ipv6Address(
    0xfe800000,
    0,
    (((high ^ 0x0200) & 0xffff) << 16) | (((low >>> 24) & 0xff) << 8) | 0xff,
    (0xfe << 24) | (low & 0xffffff),
  );
}

function wordMask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function parseGroups(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseHalf(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseHalf(halves[1] as string, true) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseHalf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const v4 = mayEndInIpv4 && i === parts.length - 1 ? Ipv4Address.parse(part) : undefined;
    if (!v4) return undefined;
    groups.push(v4.word >>> 16, v4.word & 0xffff);
  }
  return groups.length <= 8 ? groups : undefined;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}
