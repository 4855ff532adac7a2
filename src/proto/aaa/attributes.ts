import { RadiusDictionary } from '#wire/radius/dictionary.ts';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

/** The names of the attributes that we read and send. */
export const DICTIONARY = read();

const CISCO_AV_PAIR = 'Cisco-AVPair';

/** The Cisco-AVPair attributes as `ciscoPairList` has them, the first of each name. */
export function ciscoPairs(attributes: readonly RadiusAttribute[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const [name, value] of ciscoPairList(attributes)) if (!pairs.has(name)) pairs.set(name, value);
  return pairs;
}

/**
 * The Cisco-AVPair attributes in their order, `name=value` each, or `name*value` where the value is optional; names in small letters. Text that is
 * neither is left out.
 */
export function ciscoPairList(attributes: readonly RadiusAttribute[]): (readonly [name: string, value: string])[] {
  return DICTIONARY.findAll({ attributes }, CISCO_AV_PAIR).flatMap((text) => {
    const match = /^([^=*]+)[=*](.*)$/s.exec(String(text));
    const name = match?.[1]?.trim().toLowerCase();
    return name === undefined ? [] : [[name, match?.[2]?.trim() ?? ''] as const];
  });
}

export function ciscoPair(name: string, value: string): RadiusAttribute {
  return DICTIONARY.attribute(CISCO_AV_PAIR, `${name}=${value}`);
}

function read(): RadiusDictionary {
  const parsed = RadiusDictionary.parse(DICTIONARY_TEXT);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}
