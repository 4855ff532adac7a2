import { toHex } from '#base/bytes.ts';
import type { MacAddress } from '#base/mac-address.ts';

/** How `radius-server attribute 31 mac format` has a hardware address written; `default` is `0024.d78e.21a4`. */
export interface HardwareAddressFormat {
  readonly style: 'default' | 'ietf' | 'unformatted';
  readonly letters?: 'lower-case' | 'upper-case';
}

/** Chooses: without a word on letters, those of the IETF form are capitals, as in RFC 3580, and all others small. */
export function writeHardwareAddress(mac: MacAddress, { style, letters }: HardwareAddressFormat): string {
  const text = {
    default: () => mac.toCiscoString(),
    ietf: () => toHex(mac.toBytes(), '-'),
    unformatted: () => toHex(mac.toBytes()),
  }[style]();
  const capitals = letters === undefined ? style === 'ietf' : letters === 'upper-case';
  return capitals ? text.toUpperCase() : text;
}

/**
 * The hardware address in a Calling-Station-Id of anybody: twelve hexadecimal digits with or without separators, before whatever else there is, such as
 * the name of a port. `undefined` when it does not begin with one.
 */
export function readHardwareAddress(text: string): string | undefined {
  const match =
    /^\s*([0-9a-f]{2})([-:.]?)([0-9a-f]{2})\2?([0-9a-f]{2})([-:.]?)([0-9a-f]{2})\2?([0-9a-f]{2})([-:.]?)([0-9a-f]{2})(?![0-9a-f])/i.exec(
      text,
    );
  const dotted = /^\s*([0-9a-f]{4})\.([0-9a-f]{4})\.([0-9a-f]{4})(?![0-9a-f])/i.exec(text);
  const digits = dotted ? dotted.slice(1, 4).join('') : match && [1, 3, 4, 6, 7, 9].map((i) => match[i]).join('');
  return digits ? (digits.match(/../g) as string[]).join(':').toLowerCase() : undefined;
}
