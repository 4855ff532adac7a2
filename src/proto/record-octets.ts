/** The fields of records on disk: what the codecs of the machines' records share. */
import { hexBetween, readU16, readU32 } from '#base/bytes.ts';
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { type Duration, milliseconds, type UtcTime, utcTime } from '#base/time.ts';
import type { Encapsulation, GreKeys } from '#dataplane/desired.ts';
import type { OctetWriter } from '#wire/octet-writer.ts';
import { copyOctets, decodeTextLeniently } from '#wire/octets.ts';

const IPV4 = 4;
const IPV6 = 6;

const UDP_TLV_HEADER = 1;
const UDP_GRE = 2;
const UDP_TRANSLATED = 4;

/** At most 65535 octets. */
export function writeBlock(out: OctetWriter, octets: Uint8Array): void {
  out.u16(octets.length).octets(octets);
}

/** To the microsecond; times before 1970 become that. */
export function writeTime(out: OctetWriter, time: UtcTime): void {
  const microseconds = Math.max(0, Math.round(time * 1000));
  out.u32(Math.floor(microseconds / 2 ** 32)).u32(microseconds % 2 ** 32);
}

/** Whole milliseconds, up to 49 days. */
export function writeDuration(out: OctetWriter, duration: Duration): void {
  out.u32(Math.min(2 ** 32 - 1, Math.max(0, Math.round(duration))));
}

export function writeAddress(out: OctetWriter, address: IpAddress): void {
  if (address instanceof Ipv4Address) out.u8(IPV4).ipv4(address);
  else out.u8(IPV6).ipv6(address);
}

export function writePrefix(out: OctetWriter, prefix: Ipv6Prefix): void {
  out.u8(prefix.length).ipv6(prefix.address);
}

export function writeEncapsulation(out: OctetWriter, encapsulation: Encapsulation): void {
  switch (encapsulation.kind) {
    case 'ip':
      out.u8(0);
      return;
    case 'gre':
      out.u8(1);
      writeKeys(out, encapsulation.keys);
      return;
    case 'udp': {
      const { localPort, remotePort, tlvHeader, translated, gre } = encapsulation;
      out.u8(2).u16(localPort).u16(remotePort);
      out.u8((tlvHeader ? UDP_TLV_HEADER : 0) | (gre ? UDP_GRE : 0) | (translated ? UDP_TRANSLATED : 0));
      if (gre) writeKeys(out, gre.keys);
    }
  }
}

function writeKeys(out: OctetWriter, keys: GreKeys | undefined): void {
  out.u8(keys ? 1 : 0);
  if (keys) out.u32(keys.send).u32(keys.receive);
}

/**
 * Reads field after field. Beyond the end, and where a value is none that is written, it gives zeros and `failed` is set: the
 * record is then to be thrown away as a whole.
 */
export class RecordReader {
  failed = false;
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  get atEnd(): boolean {
    return this.#at === this.#octets.length;
  }

  /** Where it is. */
  get at(): number {
    return this.#at;
  }

  /** Goes past so many octets. */
  skip(count: number): void {
    this.#take(count);
  }

  skipBlock(): void {
    this.#take(this.u16());
  }

  u8(): number {
    const at = this.#take(1);
    return at === undefined ? 0 : (this.#octets[at] as number);
  }

  u16(): number {
    const at = this.#take(2);
    return at === undefined ? 0 : readU16(this.#octets, at);
  }

  u32(): number {
    const at = this.#take(4);
    return at === undefined ? 0 : readU32(this.#octets, at);
  }

  block(): Uint8Array {
    const length = this.u16();
    const at = this.#take(length);
    return at === undefined ? new Uint8Array() : copyOctets(this.#octets, at, at + length);
  }

  /** A block, in hexadecimal. */
  hex(): string {
    const length = this.u16();
    const at = this.#take(length);
    return at === undefined ? '' : hexBetween(this.#octets, at, at + length);
  }

  text(): string {
    const length = this.u16();
    const at = this.#take(length);
    return at === undefined ? '' : decodeTextLeniently(this.#octets, at, at + length);
  }

  time(): UtcTime {
    const high = this.u32();
    return utcTime((high * 2 ** 32 + this.u32()) / 1000);
  }

  duration(): Duration {
    return milliseconds(this.u32());
  }

  ipv4(): Ipv4Address {
    const at = this.#take(4);
    return at === undefined ? Ipv4Address.unspecified : Ipv4Address.read(this.#octets, at);
  }

  ipv6(): Ipv6Address {
    const at = this.#take(16);
    return at === undefined ? Ipv6Address.unspecified : Ipv6Address.read(this.#octets, at);
  }

  mac(): MacAddress {
    const at = this.#take(6);
    return at === undefined ? new MacAddress(0, 0) : MacAddress.read(this.#octets, at);
  }

  address(): IpAddress {
    return this.#isIpv4() ? this.ipv4() : this.ipv6();
  }

  skipAddress(): void {
    this.#take(this.#isIpv4() ? 4 : 16);
  }

  prefix(): Ipv6Prefix {
    const length = this.u8();
    if (length > 128) this.failed = true;
    return new Ipv6Prefix(this.ipv6(), Math.min(length, 128));
  }

  skipPrefix(): void {
    if (this.u8() > 128) this.failed = true;
    this.#take(16);
  }

  encapsulation(): Encapsulation {
    switch (this.below(3)) {
      case 1: {
        const keys = this.#keys();
        return { kind: 'gre', ...(keys && { keys }) };
      }
      case 2: {
        const localPort = this.u16();
        const remotePort = this.u16();
        const flags = this.below(8);
        const keys = flags & UDP_GRE ? this.#keys() : undefined;
        const gre = flags & UDP_GRE ? { gre: { ...(keys && { keys }) } } : {};
        const translated = flags & UDP_TRANSLATED ? { translated: true } : {};
        return { kind: 'udp', localPort, remotePort, tlvHeader: (flags & UDP_TLV_HEADER) !== 0, ...translated, ...gre };
      }
      default:
        return { kind: 'ip' };
    }
  }

  skipEncapsulation(): void {
    const kind = this.below(3);
    if (kind === 1) this.#skipKeys();
    if (kind !== 2) return;
    this.#take(4);
    if (this.below(8) & UDP_GRE) this.#skipKeys();
  }

  /** An octet that is less than `limit`. */
  below(limit: number): number {
    const value = this.u8();
    if (value < limit) return value;
    this.failed = true;
    return 0;
  }

  #isIpv4(): boolean {
    const version = this.u8();
    if (version !== IPV4 && version !== IPV6) this.failed = true;
    return version === IPV4;
  }

  #skipKeys(): void {
    if (this.below(2) === 1) this.#take(8);
  }

  #keys(): GreKeys | undefined {
    if (this.below(2) === 0) return undefined;
    const send = this.u32();
    return { send, receive: this.u32() };
  }

  #take(count: number): number | undefined {
    const at = this.#at;
    if (at + count > this.#octets.length) {
      this.failed = true;
      this.#at = this.#octets.length;
      return undefined;
    }
    this.#at += count;
    return at;
  }
}
