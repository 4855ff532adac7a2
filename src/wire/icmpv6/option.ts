import type { WireFault } from '../error.ts';
import type { OctetWriter } from '../octet-writer.ts';

/** One neighbor discovery option. Type and Length octets and the padding to 8 octets are dealt with outside of it. */
export interface NeighborDiscoveryOptionCodec<Option extends { readonly kind: string }> {
  readonly type: number;
  readonly kind: Option['kind'];
  readonly name: string;
  readonly rfc: string;
  /** Of the whole option in units of 8 octets. */
  readonly minimumUnits: number;
  readonly maximumUnits: number;
  /** Reads the data from `at` to `end`. */
  decode(bytes: Uint8Array, at: number, end: number): Option | WireFault;
  /** Writes the data, without padding at its end. */
  encode(option: Option, out: OctetWriter): void;
}

export function defineNeighborDiscoveryOption<Option extends { readonly kind: string }>(
  codec: NeighborDiscoveryOptionCodec<Option>,
): NeighborDiscoveryOptionCodec<Option> {
  return codec;
}
