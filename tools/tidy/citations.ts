import { lineAt, type SourceFile } from './source-tree.ts';

/** One citation in the project's grammar: `RFC 5213 §5.3.1(4) "Processing Proxy Binding Updates"`; item and title may be absent. */
export interface Citation {
  readonly path: string;
  readonly line: number;
  /** The position in the text after it. */
  readonly end: number;
  /** `undefined` for a `§` in a file that has named no RFC before it. */
  readonly rfc: string | undefined;
  /** `5.3.1`, or `A.2` in an appendix. */
  readonly section: string;
  /** `(4)`, when the citation names an item of the section's list; else empty. */
  readonly item: string;
  readonly title: string | undefined;
  /** Too short a form for a title: `§6.9.1` alone, which is a section of the RFC named last, or a string of the program's. */
  readonly short: boolean;
}

/** White space, which in a comment may contain a line break and the mark that the next line starts with. */
const SPACE = '(?:[ \\t]|\\n[ \\t]*(?:\\*(?!/)|//|#)?)+';
const SECTION = '([A-Z0-9]+(?:\\.\\d+)*)((?:\\(\\w+\\))*)';
const MENTION = new RegExp(`\\bRFC${SPACE}(\\d+)|§${SECTION}(?:${SPACE}"([^"]*)")?`, 'g');

/** Every well-formed citation of a file, in order. */
export function citationsOf(file: SourceFile): Citation[] {
  let rfc: string | undefined;
  let full = { end: -1, quoted: false };
  const citations: Citation[] = [];
  for (const match of file.text.matchAll(MENTION)) {
    if (match[1] !== undefined) {
      rfc = match[1];
      full = { end: match.index + match[0].length, quoted: /['"`[]/.test(file.text[match.index - 1] ?? '') };
      continue;
    }
    citations.push({
      path: file.path,
      line: lineAt(file.text, match.index),
      rfc,
      section: match[2] as string,
      item: match[3] as string,
      title: match[4]?.replace(new RegExp(SPACE, 'g'), ' '),
      end: match.index + match[0].length,
      short: full.end < 0 || full.quoted || !ONLY_SPACE.test(file.text.slice(full.end, match.index)),
    });
  }
  return citations;
}

const ONLY_SPACE = new RegExp(`^${SPACE}$`);
