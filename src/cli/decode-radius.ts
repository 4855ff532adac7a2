/** RADIUS attributes by the names of the dictionary. */
import { RadiusDictionary } from '#wire/radius/dictionary.ts';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';
import { type RadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import { nameOfNumber } from './decode-names.ts';
import { hexOrEmpty, safeText, titleOf } from './decode-text.ts';

const dictionary = readDictionary();

/** `Access-Request`, `CoA-NAK`. */
export function radiusName(packet: RadiusPacket): string {
  const name = nameOfNumber(RadiusCode, packet.code);
  if (name === undefined) return `Code ${packet.code}`;
  const title = titleOf(name.toLowerCase().replaceAll('_', '-')).replaceAll(' ', '-');
  return title.replace('Coa', 'CoA').replace(/(?<=-)[AN][ac]k$/, (answer) => answer.toUpperCase());
}

/** Its name, or its numbers when the dictionary has none. */
export function radiusAttributeName(attribute: RadiusAttribute): string {
  const known = dictionary.typeOf(attribute)?.name;
  if (known !== undefined) return known;
  return attribute.vendor === 0 ? `Attribute-${attribute.type}` : `Vendor-${attribute.vendor}-${attribute.type}`;
}

/** The value as its type prints, text in quotes; octets that cannot be of the type say so. */
export function radiusAttributeText(attribute: RadiusAttribute): string {
  const value = dictionary.value(attribute);
  if (value === undefined) return `${hexOrEmpty(attribute.value)} (malformed)`;
  if (value instanceof Uint8Array) return hexOrEmpty(value);
  if (typeof value === 'string') return `"${safeText(value)}"`;
  if (typeof value === 'bigint') return `0x${value.toString(16).padStart(16, '0')}`;
  const name = typeof value === 'number' ? dictionary.typeOf(attribute)?.names.get(value) : undefined;
  return name === undefined ? `${value}` : `${value} (${name})`;
}

function readDictionary(): RadiusDictionary {
  const parsed = RadiusDictionary.parse(DICTIONARY_TEXT);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
