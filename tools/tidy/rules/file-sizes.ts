import type { Finding, SourceFile } from '../source-tree.ts';

/** A file of more lines than this holds more than one idea. Biome holds functions to their limit (biome.json). */
export const MAXIMUM_LINES = 500;

export function fileSizes(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split('\n').length - 1;
    if (!/^(src|test|tools)\/.*\.(ts|mjs)$/.test(path) || lines <= MAXIMUM_LINES) return [];
    return [{ path, line: MAXIMUM_LINES, message: `${lines} lines; at most ${MAXIMUM_LINES}: split it` }];
  });
}
