import { type Citation, citationsOf } from './citations.ts';
import type { SourceFile } from './source-tree.ts';

/** The title of a test, or of a suite that several of them have, that names clauses: `[RFC 5213 §5.3.1(4)] rejects …`. */
export interface Title {
  readonly path: string;
  readonly citations: readonly Citation[];
  /** What follows the clauses; of the tests that `optionVector('RFC …'` and the like make, all of it. */
  readonly text: string;
}

const TITLE = /(['"`])(\[RFC [^\]]*\])((?:\\.|(?!\1)[^\\\n])*)|Vector\(\s*['"`](RFC [^'"`]*)/g;

export function titlesOf(file: SourceFile): Title[] {
  if (!/^test\/(?!tidy\/).*\.ts$/.test(file.path)) return [];
  return [...file.text.matchAll(TITLE)].map(([, , clauses, text, vector]) => ({
    path: file.path,
    citations: citationsOf({ path: file.path, text: clauses ?? (vector as string) }),
    text: text?.replaceAll(/\\(.)/g, '$1').trim() ?? (vector as string),
  }));
}
