import { lineAt, type SourceFile } from './source-tree.ts';

/** One citation in the project's grammar: `RFC 5213 §5.3.1(4) "Processing Proxy Binding Updates"`; item and title may be absent. */
export interface Citation {
  readonly path: string;
  readonly line: number;
  readonly rfc: string;
  /** `5.3.1`, or `A.2` in an appendix. */
  readonly section: string;
  /** `4`, when the citation names an item of the section's list. */
  readonly item: string | undefined;
  readonly title: string | undefined;
}

/** White space, which in a comment may contain a line break and the mark that the next line starts with. */
const SPACE = '(?:[ \\t]|\\n[ \\t]*(?:\\*(?!/)|//|#)?)+';
const SECTION = '([A-Z0-9]+(?:\\.\\d+)*)((?:\\(\\w+\\))*)';
const CITATION = new RegExp(`\\bRFC (\\d+)${SPACE}§${SECTION}(?:${SPACE}"([^"]*)")?`, 'g');

/** Every well-formed citation of a file, in order. */
export function citationsOf(file: SourceFile): Citation[] {
  return [...file.text.matchAll(CITATION)].map((match) => ({
    path: file.path,
    line: lineAt(file.text, match.index),
    rfc: match[1] as string,
    section: match[2] as string,
    item: match[3] ? match[3].slice(1, -1).replaceAll(')(', '.') : undefined,
    title: match[4]?.replace(new RegExp(SPACE, 'g'), ' '),
  }));
}
