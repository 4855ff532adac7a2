/** The forms that the data of most DHCP options have; an option is one row of `options.ts` over one of them. */
import { readU16, readU32 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Duration } from '#base/time.ts';
import { decodeTextLeniently, encodeText } from '../octets.ts';
import { fromSecondsOrInfinite, toSecondsOrInfinite } from '../time-units.ts';
import { ANY_LENGTH, type Dhcpv4OptionCodec } from './option.ts';

export interface AddressOption<Kind extends string> {
  readonly kind: Kind;
  readonly address: Ipv4Address;
}

export interface AddressesOption<Kind extends string> {
  readonly kind: Kind;
  readonly addresses: readonly Ipv4Address[];
}

export interface DurationOption<Kind extends string> {
  readonly kind: Kind;
  /** Whole seconds; may be infinite. */
  readonly duration: Duration;
}

export interface NameOption<Kind extends string> {
  readonly kind: Kind;
  readonly name: string;
}

export interface DataOption<Kind extends string> {
  readonly kind: Kind;
  readonly data: Uint8Array;
}

interface Row<Kind extends string> {
  readonly code: number;
  readonly kind: Kind;
  readonly name: string;
  readonly rfc: string;
}

export function address<const Kind extends string>(row: Row<Kind>): Dhcpv4OptionCodec<AddressOption<Kind>> {
  return {
    ...row,
    minimumLength: 4,
    maximumLength: 4,
    multipleOf: 1,
    decode: (data) => ({ kind: row.kind, address: Ipv4Address.read(data) }),
    encode: (option, out) => out.ipv4(option.address),
  };
}

export function addresses<const Kind extends string>(row: Row<Kind>): Dhcpv4OptionCodec<AddressesOption<Kind>> {
  return {
    ...row,
    minimumLength: 4,
    maximumLength: ANY_LENGTH,
    multipleOf: 4,
    decode(data) {
      const list: Ipv4Address[] = [];
      for (let at = 0; at < data.length; at += 4) list.push(Ipv4Address.read(data, at));
      return { kind: row.kind, addresses: list };
    },
    encode(option, out) {
      for (const each of option.addresses) out.ipv4(each);
    },
  };
}

export function duration<const Kind extends string>(row: Row<Kind>): Dhcpv4OptionCodec<DurationOption<Kind>> {
  return {
    ...row,
    minimumLength: 4,
    maximumLength: 4,
    multipleOf: 1,
    decode: (data) => ({ kind: row.kind, duration: fromSecondsOrInfinite(readU32(data, 0)) }),
    encode: (option, out) => out.u32(toSecondsOrInfinite(option.duration)),
  };
}

/** Text; zeros at its end, which some clients send, are taken off. */
export function name<const Kind extends string>(row: Row<Kind>): Dhcpv4OptionCodec<NameOption<Kind>> {
  return {
    ...row,
    minimumLength: 1,
    maximumLength: ANY_LENGTH,
    multipleOf: 1,
    decode: (data) => ({ kind: row.kind, name: decodeTextLeniently(data, 0, lengthWithoutZeros(data)) }),
    encode: (option, out) => out.octets(encodeText(option.name)),
  };
}

export function data<const Kind extends string>(
  row: Row<Kind>,
  minimumLength = 0,
): Dhcpv4OptionCodec<DataOption<Kind>> {
  return {
    ...row,
    minimumLength,
    maximumLength: ANY_LENGTH,
    multipleOf: 1,
    decode: (octets) => ({ kind: row.kind, data: octets }),
    encode: (option, out) => out.octets(option.data),
  };
}

export type NumberOption<Kind extends string, Field extends string> = {
  readonly [key in Field | 'kind']: key extends 'kind' ? Kind : number;
};

/** A number of 1 or 2 octets in a field named `Field`. */
export function number<const Kind extends string, const Field extends string>(
  row: Row<Kind>,
  field: Field,
  octets: 1 | 2,
): Dhcpv4OptionCodec<NumberOption<Kind, Field>> {
  return {
    code: row.code,
    kind: row.kind as NumberOption<Kind, Field>['kind'],
    name: row.name,
    rfc: row.rfc,
    minimumLength: octets,
    maximumLength: octets,
    multipleOf: 1,
    decode(bytes) {
      const value = octets === 1 ? (bytes[0] as number) : readU16(bytes, 0);
      return { kind: row.kind, [field]: value } as NumberOption<Kind, Field>;
    },
    encode(option, out) {
      const value = option[field] as number;
      if (octets === 1) out.u8(value);
      else out.u16(value);
    },
  };
}

function lengthWithoutZeros(octets: Uint8Array): number {
  let length = octets.length;
  while (length > 0 && octets[length - 1] === 0) length--;
  return length;
}
