import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What programs read, and what a licence wants to be handed on; everything else is documents, types, sources and settings of tools. */
const KEPT = /^[^.].*\.([cm]?js|json|node|wasm)$|^(licen[cs]e|copying|notice|authors)/i;
/** Folders at the top of a package that are for who works on it, or for another C library. Nothing that a package exports is in one of these. */
const FOR_OTHERS = /^(\..*|__tests__|tests?|examples?|bench(marks?)?|docs?|fixtures|integration|musl_.*)$/;
/** Wanted for a compiler that is not run: ssh2 does without. */
const UNBUILT = ['cpu-features', 'nan', 'buildcheck'];

/** Takes out of a `node_modules` what no program reads. Programs without an ending in their name are not touched. */
export function pruneModules(folder: string): void {
  for (const name of UNBUILT) rmSync(join(folder, name), { recursive: true, force: true });
  for (const path of packagesIn(folder)) {
    for (const { name, isFolder } of entriesOf(path))
      if (isFolder && FOR_OTHERS.test(name)) rmSync(join(path, name), { recursive: true });
    pruneFiles(path);
  }
}

function pruneFiles(folder: string): void {
  for (const { name, isFolder } of entriesOf(folder)) {
    const path = join(folder, name);
    if (isFolder && name !== 'node_modules') pruneFiles(path);
    else if (!isFolder && !KEPT.test(name) && !isProgram(folder)) rmSync(path);
  }
  if (entriesOf(folder).length === 0) rmSync(folder, { recursive: true });
}

function isProgram(folder: string): boolean {
  return folder.endsWith('/bin');
}

/** With those of organizations, and those that packages have for themselves. */
function packagesIn(folder: string): string[] {
  return entriesOf(folder).flatMap(({ name, isFolder }) => {
    const path = join(folder, name);
    if (!isFolder) return [];
    if (name.startsWith('@')) return packagesIn(path);
    const own = join(path, 'node_modules');
    return [path, ...(existsSync(own) ? packagesIn(own) : [])];
  });
}

function entriesOf(folder: string): { readonly name: string; readonly isFolder: boolean }[] {
  return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
    name: entry.name,
    isFolder: entry.isDirectory(),
  }));
}
