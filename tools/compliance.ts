/**
 * `node tools/compliance.ts`: writes docs/COMPLIANCE.md, which joins the clauses that the sources cite with the tests that name them in their
 * titles (`[RFC 5213 §5.3.1(4)] …`), lists the marks `Differs:` and `Chooses:`, and says which obligations are open.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Citation, citationsOf } from './tidy/citations.ts';
import type { RfcSections } from './tidy/generate-rfc-sections.ts';
import { type Obligation, type ObligationTable, obligationsOf } from './tidy/obligations.ts';
import { type Remark, remarksOf } from './tidy/remarks.ts';
import { readSourceTree, type SourceFile } from './tidy/source-tree.ts';

export const COMPLIANCE_FILE = 'docs/COMPLIANCE.md';

/** What stands for one clause: the files that obey it and the tests that check it. */
interface Clause {
  readonly rfc: string;
  readonly section: string;
  readonly item: string;
  readonly sources: Set<string>;
  /** Those that have a `Differs:` about it. */
  readonly differs: Set<string>;
  /** File to number of titles. */
  readonly tests: Map<string, number>;
}

const HEAD = `# Compliance

Which clause of which RFC is obeyed where, and which tests check it. Made by \`node tools/compliance.ts\` from the citations in the sources, the
clauses in the titles of tests, and the marks \`Differs:\` and \`Chooses:\`; a test holds it up to date. A clause that is missing here is cited nowhere: take it as
not implemented. A source without a test is cited but not named by any test's title, though tests may pass through it.
`;

const OBLIGATIONS_HEAD = `## Obligations

The clauses for anchors and gateways that have MUST, SHALL, REQUIRED, SHOULD or RECOMMENDED (\`tools/tidy/obligations.json\`): a clause is an item of a section's list, or all of the section's text
outside lists. Obeyed is what a source cites and a test's title names; "differs" is what a \`Differs:\` below is about.
`;

export function complianceText(files: readonly SourceFile[], rfcs: RfcSections, obligations: ObligationTable): string {
  const clauses = collectClauses(files);
  const numbers = [...new Set(clauses.map((clause) => clause.rfc))].sort((a, b) => Number(a) - Number(b));
  const chapters = numbers.map((rfc) =>
    chapter(
      rfc,
      clauses.filter((clause) => clause.rfc === rfc),
      rfcs[rfc] ?? {},
    ),
  );
  const remarks = files.filter(isSource).flatMap(remarksOf);
  return [
    HEAD,
    obligationChapter(clauses, obligations),
    ...chapters,
    remarkList('Differs', remarks),
    remarkList('Chooses', remarks),
  ].join('\n');
}

/** The clauses with obligations of ours that no source obeys, no test names, and no `Differs:` is about: `RFC 5213 §5.3.1(4)`. */
export function openClauses(files: readonly SourceFile[], obligations: ObligationTable): string[] {
  const clauses = collectClauses(files);
  return obligationsOf(obligations)
    .filter((obligation) => settlement(obligation, clauses) === 'open')
    .map(({ rfc, clause }) => `RFC ${rfc} ${clause}`);
}

function collectClauses(files: readonly SourceFile[]): Clause[] {
  const clauses = new Map<string, Clause>();
  const clauseOf = ({ rfc = '', section, item }: Citation): Clause => {
    const key = `${rfc} ${section}${item}`;
    const clause = clauses.get(key) ?? { rfc, section, item, sources: new Set(), differs: new Set(), tests: new Map() };
    clauses.set(key, clause);
    return clause;
  };
  for (const file of files) {
    if (isSource(file)) {
      const differences = remarksOf(file).filter((remark) => remark.kind === 'Differs');
      for (const cited of citationsOf(file)) {
        const clause = clauseOf(cited);
        clause.sources.add(file.path);
        if (differences.some(({ start, end }) => start < cited.end && cited.end <= end)) clause.differs.add(file.path);
      }
    }
    for (const cited of titleCitations(file)) {
      const { tests } = clauseOf(cited);
      tests.set(file.path, (tests.get(file.path) ?? 0) + 1);
    }
  }
  return [...clauses.values()].filter((clause) => clause.rfc !== '').sort(byNumber);
}

function isSource(file: SourceFile): boolean {
  return /^(src|bpf)\//.test(file.path);
}

/** The clauses in `'[RFC …]'` at the start of titles of a test file or of a suite that several of them have, and those that its `optionVector('RFC …'` and the like make titles of. */
function titleCitations(file: SourceFile): Citation[] {
  if (!/^test\/(?!tidy\/).*\.ts$/.test(file.path)) return [];
  return [...file.text.matchAll(/['"`](\[RFC [^\]]*\])|Vector\(\s*['"`](RFC [^'"`]*)/g)].flatMap((title) =>
    citationsOf({ path: file.path, text: (title[1] ?? title[2]) as string }),
  );
}

function byNumber(a: Clause, b: Clause): number {
  return `${a.section} ${a.item}`.localeCompare(`${b.section} ${b.item}`, 'en', { numeric: true });
}

/** What became of an obligation. */
type Settlement = 'obeyed' | 'differs' | 'not ours' | 'open';

function settlement({ rfc, clause, of }: Obligation, clauses: readonly Clause[]): Settlement {
  if (of === 'other') return 'not ours';
  const found = clauses.find(
    (candidate) => candidate.rfc === rfc && `§${candidate.section}${candidate.item}` === clause,
  );
  if (!found) return 'open';
  if (found.differs.size > 0) return 'differs';
  return found.sources.size > 0 && found.tests.size > 0 ? 'obeyed' : 'open';
}

function obligationChapter(clauses: readonly Clause[], table: ObligationTable): string {
  const rows = obligationsOf(table).map((obligation) => ({ ...obligation, settled: settlement(obligation, clauses) }));
  const summary = Object.keys(table).map((rfc) => {
    const ours = rows.filter((row) => row.rfc === rfc);
    const number = (settled: Settlement) => ours.filter((row) => row.settled === settled).length;
    const total = ours.reduce((sum, { count }) => sum + count, 0);
    return `| ${rfc} | ${ours.length} | ${total} | ${number('obeyed')} | ${number('differs')} | ${number('not ours')} | ${number('open')} |`;
  });
  const listed = (settled: Settlement, line: (row: (typeof rows)[number]) => string) =>
    rows.filter((row) => row.settled === settled).map(line);
  const open = listed('open', ({ rfc, clause, of }) => `- RFC ${rfc} ${clause} (${of})`);
  return [
    OBLIGATIONS_HEAD,
    '| RFC | clauses | obligations | obeyed and tested | differs | not ours | open |',
    '|---|---|---|---|---|---|---|',
    ...summary,
    '',
    'Open:',
    '',
    ...(open.length > 0 ? open : ['Nothing.']),
    '',
    'Not ours:',
    '',
    ...listed('not ours', ({ rfc, clause, reason }) => `- RFC ${rfc} ${clause}: ${reason}`),
    '',
  ].join('\n');
}

function chapter(rfc: string, clauses: readonly Clause[], titles: Readonly<Record<string, string>>): string {
  const rows = clauses.map(
    ({ section, item, sources, tests }) =>
      `| §${section}${item} | ${titles[section] ?? ''} | ${[...sources].sort().map(link).join(', ')} | ${[...tests]
        .sort()
        .map(([path, count]) => `${link(path)}${count > 1 ? ` (${count})` : ''}`)
        .join(', ')} |`,
  );
  return [`## RFC ${rfc}`, '', '| clause | title | source | tests |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function remarkList(kind: Remark['kind'], remarks: readonly Remark[]): string {
  const title = kind === 'Differs' ? 'Where we differ, and why' : 'What we chose where the texts leave it open';
  const lines = remarks.filter((remark) => remark.kind === kind).map(({ path, text }) => `- ${link(path)}: ${text}`);
  return [`## ${title}`, '', ...(lines.length > 0 ? lines : ['Nothing.']), ''].join('\n');
}

function link(path: string): string {
  return `[${path.replace(/^(src|test)\//, '')}](../${path})`;
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const rfcs = JSON.parse(readFileSync(new URL('tidy/rfc-sections.json', import.meta.url), 'utf8')) as RfcSections;
  const obligations = JSON.parse(
    readFileSync(new URL('tidy/obligations.json', import.meta.url), 'utf8'),
  ) as ObligationTable;
  writeFileSync(`${root}/${COMPLIANCE_FILE}`, complianceText(readSourceTree(root), rfcs, obligations));
}
