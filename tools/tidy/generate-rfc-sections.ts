/**
 * Writes rfc-sections.json, the section numbers and titles that citations are checked against, from a folder of RFC texts as the RFC
 * Editor publishes them (`rfc5213.txt`):
 *
 *   node tools/tidy/generate-rfc-sections.ts FOLDER
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** RFC number to section number (`5.3.1`, `A.2` for appendices) to title. */
export type RfcSections = Readonly<Record<string, Readonly<Record<string, string>>>>;

const HEADING = /^(?:Appendix )?((?:[1-9]\d?|[A-Z])(?:\.\d{1,2})*)[.:]?(?: {1,2}| - )(?! )(\S.*)$/;
const CONTENTS_LINE = /\.{3,}|(\. ){2,}| {2,}\d+$/;

/** The sections of one RFC's text. */
export function sectionsOf(text: string): Record<string, string> {
  const sections: Record<string, string> = {};
  for (const block of blocksOf(text)) {
    const heading = headingOf(block);
    if (heading) sections[heading.section] ??= heading.title;
  }
  return sections;
}

/** The paragraphs of a text and the headings between them, without what stands at the ends of its pages. */
export function blocksOf(text: string): string[] {
  return withoutPageBreaks(text)
    .split(/\n[ \t]*\n/)
    .map((block) => block.replace(/^\n+/, ''));
}

/** The heading that a block starts with, if any. */
export function headingOf(block: string): { section: string; title: string } | undefined {
  const [first = '', ...rest] = block.split('\n');
  const match = HEADING.exec(first);
  if (!match || CONTENTS_LINE.test(first)) return undefined;
  const more = rest.findIndex((line) => !/^ +\S/.test(line));
  const title = [match[2], ...rest.slice(0, more < 0 ? rest.length : more)].join(' ');
  return {
    section: match[1] as string,
    title: title
      .replace(/\s+/g, ' ')
      .replace(/-\s(?=[A-Z])/g, '-')
      .trim(),
  };
}

/** Takes out the footer of one page and the header of the next. */
function withoutPageBreaks(text: string): string {
  return text
    .replace(/\r/g, '')
    .replace(/\n*[^\n]*\[Page \d+\]\s*\n\f?\n?(RFC \d+[^\n]*\n)?\n*/g, '\n\n')
    .replace(/\n{3,}/g, '\n\n');
}

function generate(folder: string): RfcSections {
  const all: Record<string, Record<string, string>> = {};
  for (const name of readdirSync(folder).sort()) {
    const number = /^rfc(\d+)\.txt$/.exec(name)?.[1];
    if (number !== undefined) all[number] = sectionsOf(readFileSync(join(folder, name), 'utf8'));
  }
  return all;
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node tools/tidy/generate-rfc-sections.ts FOLDER');
  writeFileSync(new URL('rfc-sections.json', import.meta.url), `${JSON.stringify(generate(folder), null, 1)}\n`);
}
