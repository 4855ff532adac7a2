/**
 * Writes obligations.tsv, what the RFCs below oblige anchors and gateways to, from a folder of RFC texts as the RFC Editor publishes them
 * (`rfc5213.txt`):
 *
 *   node tools/tidy/generate-obligations.ts FOLDER
 *
 * It finds the words that oblige, in order; whose they are, what they say and which test asserts it is for a reader to write, and kept. Of a clause whose
 * words are not those of the table all is asked again, by `?`, which a test does not let pass.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clausesOf, obligationsIn } from './clauses.ts';

/** The sections about anchors and gateways, with what is below them. */
const SCOPE: Readonly<Record<string, readonly string[]>> = {
  5213: ['5', '6', '9'],
  5844: ['3', '4', '5'],
  5845: ['3', '4', '5', '6', '7'],
  5846: ['4', '5', '6', '8', '9', '11'],
  5847: ['3', '4', '5', '6'],
  6543: ['1', '3', '4'],
};

const TABLE = new URL('obligations.tsv', import.meta.url);
const HEAD = 'RFC\tclause\tword\twhose\twhat\ttest';

function generate(folder: string, known: readonly string[]): string[] {
  return Object.entries(SCOPE).flatMap(([rfc, chapters]) =>
    clausesOf(readFileSync(join(folder, `rfc${rfc}.txt`), 'utf8')).flatMap((clause) => {
      const within = chapters.some((chapter) => `${clause.section}.`.startsWith(`${chapter}.`));
      if (!within) return [];
      const place = `${rfc}\t§${clause.section}${clause.item}\t`;
      const rows = obligationsIn(clause).map((word) => `${place}${word}\t`);
      const before = known.filter((row) => row.startsWith(place));
      const same = before.length === rows.length && rows.every((row, i) => before[i]?.startsWith(row));
      return same ? before : rows.map((row) => `${row}?\t?\t?`);
    }),
  );
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node tools/tidy/generate-obligations.ts FOLDER');
  const known = readFileSync(TABLE, 'utf8').trimEnd().split('\n').slice(1);
  writeFileSync(TABLE, `${[HEAD, ...generate(folder, known)].join('\n')}\n`);
}
