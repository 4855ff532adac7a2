/**
 * `npm run package [-- FOLDER]`: makes the npm package and the package for Debian of this machine's architecture, into FOLDER
 * (`packages`). The same sources give the same octets.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram } from '#cli/main.ts';
import { privilegedTable } from '#cli/shell/exec-commands.ts';
import { offersOf } from './completion.ts';
import { writeDebianPackage } from './debian.ts';
import { manualPage } from './manual.ts';
import { writeProductTree } from './product-tree.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const out = resolve(process.argv[2] ?? join(root, 'packages'));
const work = mkdtempSync(join(tmpdir(), 'mooring-package-'));
try {
  mkdirSync(out, { recursive: true });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const time = timeOfSources();
  const tree = join(work, 'tree');
  writeProductTree(root, tree);
  say(npmPackage(tree));
  const program = createProgram();
  const manual = manualPage(program, version, time.toISOString().slice(0, 10));
  const offers = offersOf(program, privilegedTable);
  say(writeDebianPackage({ root, tree, stage: join(work, 'stage'), version, manual, offers, time }, out));
} finally {
  rmSync(work, { recursive: true, force: true });
}

function npmPackage(tree: string): string {
  const printed = execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', out], {
    cwd: tree,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return join(out, printed.trim().split('\n').at(-1) as string);
}

/** Of the last commit, or of the package's description where there is none. */
function timeOfSources(): Date {
  try {
    const printed = execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    return new Date(Number(printed) * 1000);
  } catch {
    return new Date(Math.floor(statSync(join(root, 'package.json')).mtimeMs / 1000) * 1000);
  }
}

function say(file: string): void {
  process.stdout.write(`${file}  ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB\n`);
}
