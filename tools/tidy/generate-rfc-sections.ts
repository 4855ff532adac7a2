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
  const lines = withoutPageBreaks(text).split('\n');
  const sections: Record<string, string> = {};
  for (const [i, line] of lines.entries()) {
    const match = HEADING.exec(line);
    if (!match || CONTENTS_LINE.test(line) || lines[i - 1]?.trim() !== '') continue;
    let title = match[2] as string;
    for (let next = i + 1; /^ +\S/.test(lines[next] ?? ''); next++) title += ` ${(lines[next] as string).trim()}`;
    sections[match[1] as string] ??= title
      .replace(/\s+/g, ' ')
      .replace(/-\s(?=[A-Z])/g, '-')
      .trim();
  }
  return sections;
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
