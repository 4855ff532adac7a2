/**
 * Writes obligations.json, the clauses of the RFCs below that oblige somebody, from a folder of RFC texts as the RFC Editor publishes them
 * (`rfc5213.txt`):
 *
 *   node tools/tidy/generate-obligations.ts FOLDER
 *
 * It counts the obligations; whose they are is for a reader to say, and kept. A clause that is new has `?`, which a test does not let pass.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clausesOf, obligationsIn } from './clauses.ts';
import type { ObligationTable } from './obligations.ts';

/** The sections about anchors and gateways, with what is below them. */
const SCOPE: Readonly<Record<string, readonly string[]>> = {
  5213: ['5', '6', '9'],
  5844: ['3', '4', '5'],
  5845: ['3', '4', '5', '6', '7'],
  5846: ['4', '5', '6', '8', '9', '11'],
  5847: ['3', '4', '5', '6'],
  6543: ['1', '3', '4'],
};

const TABLE = new URL('obligations.json', import.meta.url);

function generate(folder: string, known: ObligationTable): ObligationTable {
  return Object.fromEntries(
    Object.entries(SCOPE).map(([rfc, chapters]) => {
      const clauses = clausesOf(readFileSync(join(folder, `rfc${rfc}.txt`), 'utf8'));
      const rows = clauses.flatMap((clause) => {
        const within = chapters.some((chapter) => `${clause.section}.`.startsWith(`${chapter}.`));
        const count = obligationsIn(clause);
        if (!within || count === 0) return [];
        const key = `§${clause.section}${clause.item}`;
        return [[key, `${count} ${known[rfc]?.[key]?.replace(/^\d+ /, '') ?? '?'}`]];
      });
      return [rfc, Object.fromEntries(rows)];
    }),
  );
}

if (import.meta.main) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: node tools/tidy/generate-obligations.ts FOLDER');
  const known = JSON.parse(readFileSync(TABLE, 'utf8')) as ObligationTable;
  writeFileSync(TABLE, `${JSON.stringify(generate(folder, known), null, 1)}\n`);
}
