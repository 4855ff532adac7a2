import { type Citation, citationsOf } from '../citations.ts';
import type { RfcSections } from '../generate-rfc-sections.ts';
import { type Finding, lineAt, type SourceFile } from '../source-tree.ts';

/** Not the rule's own test, which is made of bad citations, nor what is generated from the sources. */
const CITING = /^(src|test(?!\/tidy)|tools|bpf|docs(?!\/COMPLIANCE))\/.*\.(ts|c|h|md)$/;

/** Ways to cite that no tool can check; `[RFC5213]` stands in sentences quoted from RFCs. */
const OTHER_FORMS =
  /(?<!\[)\bRFC-?\d{3,5}\b|\bRFC \d+,? (?:[Ss]ections?|[Ss]ec\.|[Cc]hapter|[Aa]ppendix)\b|\b[Ss]ections? \d[\d.]* of RFC\b|\brfc\d{4}\b(?!\.txt)/g;

/**
 * Citations name sections that exist; a `§` alone belongs to the RFC named last. In `src/` and `bpf/` the first citation of a section in a file carries its title, so that a reader knows
 * what is meant and a slip of the number shows.
 */
export function rfcCitations(files: readonly SourceFile[], rfcs: RfcSections): Finding[] {
  return files.filter((file) => CITING.test(file.path)).flatMap((file) => [...malformed(file), ...wrong(file, rfcs)]);
}

function malformed(file: SourceFile): Finding[] {
  return [...file.text.matchAll(OTHER_FORMS)].map((match) => ({
    path: file.path,
    line: lineAt(file.text, match.index),
    message: `cite as RFC 5213 §5.3.1, not as "${match[0]}"`,
  }));
}

function wrong(file: SourceFile, rfcs: RfcSections): Finding[] {
  const seen = new Set<string>();
  return citationsOf(file).flatMap((citation) => {
    const key = `${citation.rfc} ${citation.section}`;
    const needsTitle = !seen.has(key) && !citation.short && /^(src|bpf)\//.test(file.path);
    if (!citation.short || citation.title) seen.add(key);
    const message = objection(citation, rfcs, needsTitle);
    return message === undefined ? [] : [{ path: file.path, line: citation.line, message }];
  });
}

function objection({ rfc, section, title }: Citation, rfcs: RfcSections, needsTitle: boolean): string | undefined {
  if (rfc === undefined) return `§${section} of which RFC?`;
  const sections = rfcs[rfc];
  if (!sections) return `RFC ${rfc} is not in tools/tidy/rfc-sections.json: cite it without a section, or add its text`;
  const real = sections[section];
  if (real === undefined) return `RFC ${rfc} has no §${section}`;
  if (title !== undefined && title !== real) return `RFC ${rfc} §${section} is "${real}", not "${title}"`;
  return title === undefined && needsTitle ? `first citation here: write RFC ${rfc} §${section} "${real}"` : undefined;
}
