import { RadiusDictionary } from '#wire/radius/dictionary.ts';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

/** The names of the attributes that we read and send. */
export const DICTIONARY = read();

const CISCO_AV_PAIR = 'Cisco-AVPair';

/**
 * The Cisco-AVPair attributes, `name=value` each, or `name*value` where the value is optional; names in small letters, the first of each
 * name. Text that is neither is left out.
 */
export function ciscoPairs(attributes: readonly RadiusAttribute[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const text of DICTIONARY.findAll({ attributes }, CISCO_AV_PAIR)) {
    const match = /^([^=*]+)[=*](.*)$/s.exec(String(text));
    const name = match?.[1]?.trim().toLowerCase();
    if (name !== undefined && !pairs.has(name)) pairs.set(name, match?.[2]?.trim() ?? '');
  }
  return pairs;
}

export function ciscoPair(name: string, value: string): RadiusAttribute {
  return DICTIONARY.attribute(CISCO_AV_PAIR, `${name}=${value}`);
}

function read(): RadiusDictionary {
  const parsed = RadiusDictionary.parse(DICTIONARY_TEXT);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
