import { type Finding, lineAt, type SourceFile } from '../source-tree.ts';

/** Marks of unfinished work. Spelt apart, so that this file does not find itself. */
const MARKS = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`, 'g');

export function unfinishedWork(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(MARKS)].map((match) => ({
      path,
      line: lineAt(text, match.index),
      message: `${match[0]}: do it, or say in the documentation that it is not done`,
    })),
  );
}
