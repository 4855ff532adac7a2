import { dirname, join } from 'node:path/posix';
import { codeOnly } from './code-only.ts';
import { lineAt, type SourceFile } from './source-tree.ts';

/** One import or re-export. */
export interface Import {
  readonly line: number;
  readonly specifier: string;
  /** `import type` or `export type`: gone at run time. */
  readonly typeOnly: boolean;
  /** The file meant, relative to the repository; `undefined` for packages and `node:` modules. */
  readonly target: string | undefined;
}

const STATIC = /\b(?:import|export)\b\s*(type\b)?(?:[^'";]*?\bfrom\s*|\s*)(['"])( *)\2/g;
const DYNAMIC = /\bimport\s*\(\s*()(['"])( *)\2/g;

export function importsOf(file: SourceFile): Import[] {
  const code = codeOnly(file.text);
  return [STATIC, DYNAMIC].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const end = match.index + match[0].length - 1;
      const specifier = file.text.slice(end - (match[3] as string).length, end);
      return {
        line: lineAt(file.text, match.index),
        specifier,
        typeOnly: match[1] === 'type',
        target: resolve(file.path, specifier),
      };
    }),
  );
}

function resolve(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`;
  return specifier.startsWith('.') ? join(dirname(from), specifier) : undefined;
}
