// The dashboard's page, made of `web/`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sources = ['index.html', 'vite.config.ts', 'tsconfig.json', 'public', 'src'];

/**
 * Brings `web/dist` to what its sources are; nothing where it is that already, which a stamp file in it says. Returns what went wrong, or
 * `undefined`. Without the development packages what is there stays, and a
 * package of the product has no sources of it.
 */
export function buildDashboard(root, node) {
  const web = join(root, 'web');
  if (!existsSync(join(web, 'src'))) return undefined;
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const stampFile = join(web, 'dist', '.stamp');
  const wanted = fingerprint(root, web);
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return undefined;
  if (!existsSync(vite)) return 'the dashboard is not built: its tools are not installed (npm ci without --omit=dev)';
  const built = spawnSync(node, [vite, 'build', web], { cwd: root, encoding: 'utf8' });
  if (built.status !== 0) return `the dashboard cannot be built:\n${built.stdout ?? ''}${built.stderr ?? built.error}`;
  writeFileSync(stampFile, wanted);
  return undefined;
}

function fingerprint(root, web) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const path of sources.flatMap((source) => filesBelow(web, source)))
    hash.update(`${path}\n`).update(readFileSync(join(web, path)));
  return hash.digest('hex');
}

function filesBelow(folder, path) {
  const whole = join(folder, path);
  if (!existsSync(whole)) return [];
  const entries = path.includes('.') ? undefined : readdirSync(whole, { withFileTypes: true });
  if (entries === undefined) return [path];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(folder, join(path, entry.name)) : [join(path, entry.name)]));
}
