import type { SourceFile } from './source-tree.ts';

/** A place where a comment says that the code deviates from an RFC or decides what it leaves open. */
export interface Remark {
  readonly path: string;
  readonly kind: 'Differs' | 'Chooses';
  /** The reason, on one line. */
  readonly text: string;
  /** Its place in the text of the file. */
  readonly start: number;
  readonly end: number;
}

/** Up to the end of the comment, its next empty line, or the next mark. */
const REMARK =
  /\b(Differs|Chooses): ([\s\S]*?)(?=\*\/|\n\s*(?:\*|\/\/)?\s*\n|\n\s*(?!\*|\/\/|\s)|\b(?:Differs|Chooses): |$)/g;

export function remarksOf(file: SourceFile): Remark[] {
  return [...file.text.matchAll(REMARK)].map((match) => ({
    path: file.path,
    kind: match[1] as Remark['kind'],
    text: (match[2] as string).replace(/\n\s*(?:\*|\/\/)?\s*/g, ' ').trim(),
    start: match.index,
    end: match.index + match[0].length,
  }));
}
