/** The files of the product, as they are installed. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

/** Node runs no TypeScript of installed packages, so what is installed is JavaScript; `src/lab` belongs to the checkout. */
const COPIED = ['LICENSE', 'LICENSES', 'NOTICE', 'README.md', 'CHANGELOG.md', 'docs', 'examples', 'bin/package.json'];
const TRANSLATED = ['src', 'bin/mooring'];
const NOT_INSTALLED = ['src/lab'];
const DASHBOARD = 'web/dist';

/** Module names in quotes, in imports and where threads and processes are started. */
const MODULE_NAME = /(['"])((?:#|\.{1,2}\/)[^'"\n]+|[\w-]+)\.ts\1/g;

/** Makes the tree at `target`, a folder that is not there yet. Throws `Error` with what to do when something is not built. */
export function writeProductTree(root: string, target: string): void {
  if (!existsSync(join(root, DASHBOARD, 'index.html')))
    throw new Error('the dashboard is not built: run "npm install", or "npm run build"');
  for (const path of COPIED) cpSync(join(root, path), join(target, path), { recursive: true });
  cpSync(join(root, DASHBOARD), join(target, DASHBOARD), {
    recursive: true,
    filter: (path) => !path.endsWith('.stamp'),
  });
  for (const name of readdirSync(join(root, 'bpf')).filter((file) => file.endsWith('.bpf.o')))
    put(join(target, 'bpf', name), readFileSync(join(root, 'bpf', name)));
  for (const path of TRANSLATED.flatMap((folder) => filesBelow(root, folder))) {
    const text = readFileSync(join(root, path), 'utf8');
    put(join(target, path.replace(/\.ts$/, '.js')), path.endsWith('.ts') ? translate(text) : renameModules(text));
  }
  cpSync(join(root, 'bin/mooring'), join(target, 'bin/mooring'));
  put(join(target, 'bin/mooring'), renameModules(readFileSync(join(root, 'bin/mooring'), 'utf8')));
  put(join(target, 'package.json'), `${JSON.stringify(manifest(root), undefined, 2)}\n`);
}

/** JavaScript, with every line where it was. */
export function translate(text: string): string {
  return renameModules(stripTypeScriptTypes(text));
}

function renameModules(text: string): string {
  return text.replace(MODULE_NAME, '$1$2.js$1');
}

/** What npm is told of the package: nothing that only a checkout needs. */
function manifest(root: string): Record<string, unknown> {
  const {
    private: _,
    scripts,
    devDependencies,
    ...rest
  } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  return { ...rest, os: ['linux'] };
}

function filesBelow(root: string, path: string): string[] {
  if (NOT_INSTALLED.includes(path)) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesBelow(root, `${path}/${name}`));
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
