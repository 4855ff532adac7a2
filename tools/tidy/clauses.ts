import { blocksOf, headingOf } from './generate-rfc-sections.ts';

/** A clause of an RFC: an item of a section's list, or all of the section's text outside lists. */
export interface Clause {
  readonly section: string;
  /** As citations spell it: `(4)` for the item of that number, or for the fourth bullet of the section; empty outside lists. */
  readonly item: string;
  readonly text: string;
}

/** What RFC 2119 has for obligations; MAY and OPTIONAL are none. */
const OBLIGATION = /\b(?:(?:MUST|SHALL|SHOULD)(?:\s+NOT)?|REQUIRED|RECOMMENDED)\b/g;

/** The start of an item of a section's own list; lists within items stand deeper. */
const ITEM = /^ {3}(?:(\d+)\.|[o*+-]) +\S/;
const TEXT = /^ {0,3}\S/;

/** Every clause of one RFC's text, in order. */
export function clausesOf(rfcText: string): Clause[] {
  const clauses = new Map<string, Clause>();
  let place = { section: '', item: '' };
  let bullets = 0;
  for (const text of blocksOf(rfcText).flatMap(itemsOf)) {
    const heading = headingOf(text);
    if (heading) {
      place = { section: heading.section, item: '' };
      bullets = 0;
      continue;
    }
    const item = ITEM.exec(text);
    if (item) place = { ...place, item: `(${item[1] ?? ++bullets})` };
    else if (TEXT.test(text)) place = { ...place, item: '' };
    const key = place.section + place.item;
    clauses.set(key, { ...place, text: `${clauses.get(key)?.text ?? ''}\n${text}` });
  }
  return [...clauses.values()];
}

/** The words by which a clause obliges somebody, in order. */
export function obligationsIn({ text }: Clause): string[] {
  return [...text.matchAll(OBLIGATION)].map(([word]) => word.replace(/\s+/, ' '));
}

/** A list without empty lines between its items is one block. */
function itemsOf(block: string): string[] {
  return ITEM.test(block) ? block.split(/\n(?= {3}(?:\d+\.|[o*+-]) )/) : [block];
}
