/** Names and types of RADIUS attributes, read from a dictionary in FreeRADIUS's format. */
import { readU32 } from '#base/bytes.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Result } from '#base/result.ts';
import { err, ok } from '#base/result.ts';
import { OctetWriter } from '../octet-writer.ts';
import { decodeText, encodeText } from '../octets.ts';
import type { RadiusAttribute, RadiusPacket } from '../radius.ts';

/** The types of a dictionary that we know; any other reads as octets. */
export type RadiusValue = string | number | bigint | Uint8Array | Ipv4Address | Ipv6Address | Ipv4Prefix | Ipv6Prefix;

export interface RadiusAttributeType {
  readonly name: string;
  readonly vendor: number;
  readonly type: number;
  readonly dataType: string;
  readonly names: ReadonlyMap<number, string>;
}

interface Codec {
  /** `undefined` when the octets cannot be of the type. */
  decode(octets: Uint8Array): RadiusValue | undefined;
  encode(value: never): Uint8Array;
}

export class RadiusDictionary {
  readonly #byName = new Map<string, RadiusAttributeType>();
  readonly #byNumber = new Map<number, RadiusAttributeType>();

  /** An error is one line with the number of the line at fault. */
  static parse(text: string): Result<RadiusDictionary, string> {
    const dictionary = new RadiusDictionary();
    const vendors = new Map<string, number>();
    let vendor = 0;
    for (const [i, line] of text.split('\n').entries()) {
      const [word, first = '', second = '', third = ''] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (word === undefined || word === '') continue;
      const fault = (what: string) => err(`line ${i + 1}: ${what}`);
      if (word === 'VENDOR') vendors.set(first, Number(second));
      else if (word === 'END-VENDOR') vendor = 0;
      else if (word === 'BEGIN-VENDOR') {
        const number = vendors.get(first);
        if (number === undefined) return fault(`vendor ${first} is not defined`);
        vendor = number;
      } else if (word === 'ATTRIBUTE') {
        if (!/^\d+$/.test(second)) return fault(`${second} is not a number`);
        dictionary.#add({ name: first, vendor, type: Number(second), dataType: third, names: new Map() });
      } else if (word === 'VALUE') {
        const attribute = dictionary.#byName.get(first);
        if (!attribute) return fault(`attribute ${first} is not defined`);
        (attribute.names as Map<number, string>).set(Number(third), second);
      } else return fault(`unknown word ${word}`);
    }
    return ok(dictionary);
  }

  type(name: string): RadiusAttributeType | undefined {
    return this.#byName.get(name);
  }

  typeOf(attribute: RadiusAttribute): RadiusAttributeType | undefined {
    return this.#byNumber.get(numberOf(attribute.vendor, attribute.type));
  }

  /** The value in the form of its type; its octets when the type is unknown, `undefined` when it is malformed. */
  value(attribute: RadiusAttribute): RadiusValue | undefined {
    const type = this.typeOf(attribute);
    return (codecs[type?.dataType ?? ''] ?? octetsCodec).decode(attribute.value);
  }

  /** The first attribute of that name. */
  find(packet: Pick<RadiusPacket, 'attributes'>, name: string): RadiusValue | undefined {
    return this.findAll(packet, name)[0];
  }

  /** Malformed ones are left out. */
  findAll(packet: Pick<RadiusPacket, 'attributes'>, name: string): RadiusValue[] {
    const type = this.#byName.get(name);
    return packet.attributes
      .filter((each) => each.type === type?.type && each.vendor === type.vendor)
      .map((each) => this.value(each))
      .filter((value) => value !== undefined);
  }

  /** Throws RangeError when the dictionary has no such name. */
  attribute(name: string, value: RadiusValue): RadiusAttribute {
    const type = this.#byName.get(name);
    if (!type) throw new RangeError(`no RADIUS attribute ${name}`);
    const codec = codecs[type.dataType] ?? octetsCodec;
    return { vendor: type.vendor, type: type.type, value: codec.encode(value as never) };
  }

  #add(type: RadiusAttributeType): void {
    this.#byName.set(type.name, type);
    this.#byNumber.set(numberOf(type.vendor, type.type), type);
  }
}

const octetsCodec: Codec = { decode: (octets) => octets, encode: (value: Uint8Array) => value };

const u32Codec: Codec = {
  decode: (octets) => (octets.length === 4 ? readU32(octets, 0) : undefined),
  encode: (value: number) => new OctetWriter(4).u32(value).finish(),
};

const codecs: Readonly<Record<string, Codec>> = {
  string: {
    decode: (octets) => decodeText(octets, 0, octets.length),
    encode: (value: string) => encodeText(value),
  },
  octets: octetsCodec,
  ifid: {
    decode: (octets) => (octets.length === 8 ? octets : undefined),
    encode: (value: Uint8Array) => value,
  },
  integer: u32Codec,
  date: u32Codec,
  integer64: {
    decode: (octets) =>
      octets.length === 8 ? (BigInt(readU32(octets, 0)) << 32n) | BigInt(readU32(octets, 4)) : undefined,
    encode: (value: bigint) =>
      new OctetWriter(8)
        .u32(Number(value >> 32n))
        .u32(Number(value & 0xffff_ffffn))
        .finish(),
  },
  ipaddr: {
    decode: (octets) => (octets.length === 4 ? Ipv4Address.read(octets) : undefined),
    encode: (value: Ipv4Address) => value.toBytes(),
  },
  ipv6addr: {
    decode: (octets) => (octets.length === 16 ? Ipv6Address.read(octets) : undefined),
    encode: (value: Ipv6Address) => value.toBytes(),
  },
  // Reserved and prefix length, then only as many octets of the prefix as are needed.
  ipv6prefix: { decode: decodeIpv6Prefix, encode: encodeIpv6Prefix },
  // RFC 6572 §4.12 "PMIP6-Home-IPv4-HoA": 10 bits reserved, 6 bits of prefix length.
  ipv4prefix: {
    decode(octets) {
      const length = (octets[1] ?? 0) & 0x3f;
      return octets.length === 6 && length <= 32 ? new Ipv4Prefix(Ipv4Address.read(octets, 2), length) : undefined;
    },
    encode: (value: Ipv4Prefix) => new OctetWriter(6).u8(0).u8(value.length).ipv4(value.address).finish(),
  },
};

function decodeIpv6Prefix(octets: Uint8Array): Ipv6Prefix | undefined {
  const length = octets[1] ?? 255;
  if (octets.length > 18 || length > 128) return undefined;
  const address = new Uint8Array(16);
  address.set(octets.subarray(2));
  return new Ipv6Prefix(Ipv6Address.read(address), length);
}

function encodeIpv6Prefix(value: Ipv6Prefix): Uint8Array {
  const octets = value.address.toBytes().subarray(0, Math.ceil(value.length / 8));
  return new OctetWriter(18).u8(0).u8(value.length).octets(octets).finish();
}

function numberOf(vendor: number, type: number): number {
  return vendor * 256 + type;
}
