import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One text file of the repository; `path` is relative to its root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Something a rule objects to. `line` counts from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const FOLDERS = ['src', 'test', 'tools', 'bpf', 'bin', 'docs', 'examples', '.ci', 'web'];
/** What others wrote, or a tool made. */
const FOREIGN = ['node_modules', 'dist'];
const ROOT_FILES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'vitest.config.ts'];
const TEXT = /(\.(tsx?|css|mjs|js|json|c|h|md|conf|cfg|sh)|\/mooring|\/run|\/Makefile)$/;

/** Every text file of the project below `root`, in order of path. */
export function readSourceTree(root: string): SourceFile[] {
  const paths = [
    ...ROOT_FILES.filter((path) => existsSync(join(root, path))),
    ...FOLDERS.flatMap((folder) => walk(root, folder)),
  ];
  return paths.sort().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return FOREIGN.includes(entry.name) ? [] : walk(root, path);
    return entry.isFile() && TEXT.test(path) ? [path] : [];
  });
}

/** The line of a character position, from 1. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}
