import { codeOnly } from '../code-only.ts';
import { importsOf } from '../imports.ts';
import { LAYERS } from '../layers.ts';
import { type Finding, lineAt, type SourceFile } from '../source-tree.ts';

const EFFECTS: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(/g, 'reads the clock; take a ClockReading'],
  [/\bMath\.random\b|\bcrypto\b/g, 'draws randomness; take a Random'],
  [/(?<![.\w])performance\./g, 'reads the clock; take a ClockReading'],
  [/(?<![.\w])process\./g, 'looks at the process'],
  [/(?<![.\w])console\./g, 'prints; return a log output'],
  [
    /(?<![.\w])(setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
    'starts a timer; use TimerWheel and nextTimeout()',
  ],
  [/(?<![.\w])(globalThis|fetch|Buffer|require)\b/g, 'reaches for the runtime'],
];

/** Pure layers, and every file that they load from others, have no effects. */
export function effects(files: readonly SourceFile[]): Finding[] {
  return loadedByPureLayers(files).flatMap((file) => {
    const code = codeOnly(file.text);
    return EFFECTS.flatMap(([pattern, remedy]) =>
      [...code.matchAll(pattern)].map((match) => ({
        path: file.path,
        line: lineAt(code, match.index),
        message: `\`${match[0]}\` ${remedy}`,
      })),
    );
  });
}

function loadedByPureLayers(files: readonly SourceFile[]): SourceFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set<SourceFile>();
  const load = (file: SourceFile | undefined): void => {
    if (!file || loaded.has(file)) return;
    loaded.add(file);
    for (const entry of importsOf(file)) if (!entry.typeOnly && entry.target) load(byPath.get(entry.target));
  };
  for (const file of files) if (isPure(file.path)) load(file);
  return [...loaded];
}

function isPure(path: string): boolean {
  const layer = /^src\/([^/]+)\/.*\.ts$/.exec(path)?.[1];
  return layer !== undefined && LAYERS[layer]?.pure === true;
}
