import type { OctetWriter } from '../octet-writer.ts';

/** One DHCP option. Code and length octets, splitting and joining of long ones are dealt with outside of it. */
export interface Dhcpv4OptionCodec<Option extends { readonly kind: string }> {
  readonly code: number;
  readonly kind: Option['kind'];
  readonly name: string;
  readonly rfc: string;
  readonly minimumLength: number;
  readonly maximumLength: number;
  /** The data is this many items of that length. */
  readonly multipleOf: number;
  /** `data` is a buffer of its own. `undefined` when its contents are not possible. */
  decode(data: Uint8Array): Option | undefined;
  encode(option: Option, out: OctetWriter): void;
}

export const ANY_LENGTH = Number.POSITIVE_INFINITY;

export function defineDhcpv4Option<Option extends { readonly kind: string }>(
  codec: Dhcpv4OptionCodec<Option>,
): Dhcpv4OptionCodec<Option> {
  return codec;
}
