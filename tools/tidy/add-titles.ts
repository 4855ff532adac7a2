/** `node tools/tidy/add-titles.ts FILE…`: writes the section's title behind the first citation of it in each file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { citationsOf } from './citations.ts';
import type { RfcSections } from './generate-rfc-sections.ts';

const sections: RfcSections = JSON.parse(readFileSync(new URL('rfc-sections.json', import.meta.url), 'utf8'));

export function addTitles(text: string, rfcs: RfcSections): string {
  const seen = new Set<string>();
  let out = text;
  for (const { rfc, section, title, short, end } of citationsOf({ path: '', text })) {
    if (rfc === undefined || (short && title === undefined) || seen.has(`${rfc} ${section}`)) continue;
    seen.add(`${rfc} ${section}`);
    const real = rfcs[rfc]?.[section];
    if (title === undefined && real !== undefined) {
      const at = end + out.length - text.length;
      out = `${out.slice(0, at)} "${real}"${out.slice(at)}`;
    }
  }
  return out;
}

if (import.meta.main) {
  for (const path of process.argv.slice(2)) writeFileSync(path, addTitles(readFileSync(path, 'utf8'), sections));
}
