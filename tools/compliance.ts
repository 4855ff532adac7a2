/**
 * `node tools/compliance.ts`: writes docs/COMPLIANCE.md, which says what became of each obligation, joins the clauses that the sources cite with the tests that
 * name them in their titles (`[RFC 5213 §5.3.1(4)] …`), and lists the marks `Differs:` and `Chooses:`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Citation, citationsOf } from './tidy/citations.ts';
import type { RfcSections } from './tidy/generate-rfc-sections.ts';
import { type Obligation, readObligations } from './tidy/obligations.ts';
import { type Remark, remarksOf } from './tidy/remarks.ts';
import { readSourceTree, type SourceFile } from './tidy/source-tree.ts';
import { type Title, titlesOf } from './tidy/titles.ts';

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

What these RFCs oblige anchors and gateways to, word by word: each MUST, SHALL, REQUIRED, SHOULD and RECOMMENDED of their texts, in order, from
\`tools/tidy/obligations.tsv\`. Asserted is what a source cites and the test beside it asserts, whose title names the clause; "differs" is what a \`Differs:\` below is about.
A clause is an item of a section's list, or all of the section's text outside lists.
`;

export function complianceText(
  files: readonly SourceFile[],
  rfcs: RfcSections,
  obligations: readonly Obligation[],
): string {
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
    obligationChapter(clauses, files.flatMap(titlesOf), obligations),
    ...chapters,
    remarkList('Differs', remarks),
    remarkList('Chooses', remarks),
  ].join('\n');
}

/** Those of ours that no source obeys, that the test beside them does not name, or that no `Differs:` is about: `RFC 5213 §5.3.1(4) MUST: what`. */
export function openObligations(files: readonly SourceFile[], obligations: readonly Obligation[]): string[] {
  const clauses = collectClauses(files);
  const titles = files.flatMap(titlesOf);
  return obligations
    .filter((obligation) => settlement(obligation, clauses, titles) === 'open')
    .map(({ rfc, clause, word, meaning, evidence }) => {
      const wanted = typeof evidence === 'object' ? ` (${evidence.path}: ${evidence.title})` : '';
      return `RFC ${rfc} ${clause} ${word}: ${meaning}${wanted}`;
    });
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
    for (const cited of titlesOf(file).flatMap(({ citations }) => citations)) {
      const { tests } = clauseOf(cited);
      tests.set(file.path, (tests.get(file.path) ?? 0) + 1);
    }
  }
  return [...clauses.values()].filter((clause) => clause.rfc !== '').sort(byNumber);
}

function isSource(file: SourceFile): boolean {
  return /^(src|bpf)\//.test(file.path);
}

function byNumber(a: Clause, b: Clause): number {
  return `${a.section} ${a.item}`.localeCompare(`${b.section} ${b.item}`, 'en', { numeric: true });
}

/** What became of an obligation. */
type Settlement = 'asserted' | 'differs' | 'not ours' | 'open';

function settlement(obligation: Obligation, clauses: readonly Clause[], titles: readonly Title[]): Settlement {
  const { rfc, clause, of, evidence } = obligation;
  if (of === 'other') return 'not ours';
  const found = clauses.find((one) => one.rfc === rfc && `§${one.section}${one.item}` === clause);
  if (!found || found.sources.size === 0) return 'open';
  if (typeof evidence !== 'object') return found.differs.size > 0 ? 'differs' : 'open';
  const asserts = ({ path, text, citations }: Title) =>
    path === evidence.path &&
    text === evidence.title &&
    citations.some((cited) => cited.rfc === rfc && `§${cited.section}${cited.item}` === clause);
  return titles.some(asserts) ? 'asserted' : 'open';
}

function obligationChapter(
  clauses: readonly Clause[],
  titles: readonly Title[],
  obligations: readonly Obligation[],
): string {
  const rows = obligations.map((obligation) => ({ ...obligation, settled: settlement(obligation, clauses, titles) }));
  const rfcs = [...new Set(rows.map(({ rfc }) => rfc))];
  const summary = rfcs.map((rfc) => {
    const number = (settled: Settlement) => rows.filter((row) => row.rfc === rfc && row.settled === settled).length;
    const all = rows.filter((row) => row.rfc === rfc).length;
    return `| ${rfc} | ${all} | ${number('asserted')} | ${number('differs')} | ${number('not ours')} | ${number('open')} |`;
  });
  return [
    OBLIGATIONS_HEAD,
    '| RFC | obligations | asserted | differs | not ours | open |',
    '|---|---|---|---|---|---|',
    ...summary,
    '',
    '| clause | word | whose | what | asserted by |',
    '|---|---|---|---|---|',
    ...rows.map(obligationRow),
    '',
  ].join('\n');
}

function obligationRow({
  rfc,
  clause,
  word,
  of,
  meaning,
  evidence,
  settled,
}: Obligation & { settled: Settlement }): string {
  const by =
    typeof evidence === 'object' && settled === 'asserted' ? `${link(evidence.path)}: ${evidence.title}` : settled;
  return `| RFC ${rfc} ${clause} | ${word} | ${of === 'other' ? '' : of} | ${meaning} | ${by} |`;
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
  const obligations = readObligations(readFileSync(new URL('tidy/obligations.tsv', import.meta.url), 'utf8'));
  writeFileSync(`${root}/${COMPLIANCE_FILE}`, complianceText(readSourceTree(root), rfcs, obligations));
}
