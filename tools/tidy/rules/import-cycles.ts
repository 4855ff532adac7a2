import { importsOf } from '../imports.ts';
import type { Finding, SourceFile } from '../source-tree.ts';

/** No file may import itself through others, not even for types. */
export function importCycles(files: readonly SourceFile[]): Finding[] {
  const graph = new Map(files.filter((file) => file.path.endsWith('.ts')).map((file) => [file.path, edges(file)]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const trail: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      findings.push({ path, line: 1, message: `import cycle: ${[...trail.slice(start), path].join(' -> ')}` });
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const next of graph.get(path) ?? []) visit(next);
    trail.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return findings;
}

function edges(file: SourceFile): string[] {
  return importsOf(file).flatMap((entry) => entry.target ?? []);
}
