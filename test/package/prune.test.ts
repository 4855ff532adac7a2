import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { pruneModules } from '../../tools/package/prune.ts';

const folder = mkdtempSync(join(tmpdir(), 'mooring-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('modules are packaged with their programs and licences, also where those lie in folders named like others', () => {
  const kept = [
    '@scope/one/dist/docs/index.mjs',
    '@scope/one/package.json',
    'two/index.js',
    'two/lib/test/helper.cjs',
    'two/LICENSE.md',
    'two/node_modules/three/addon.node',
    'two/vendor/deps.js',
  ];
  const dropped = [
    '@scope/one/test/a.js',
    '@scope/one/dist/index.d.ts',
    'nan/index.js',
    'two/.github/workflow.yml',
    'two/.eslintrc.js',
    'two/README.md',
    'two/docs/api.js',
    'two/node_modules/three/src/addon.cc',
  ];
  for (const path of [...kept, ...dropped]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
  }
  pruneModules(folder);
  const left = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()).toEqual(kept.sort());
  expect(readdirSync(join(folder, '@scope/one')).sort()).toEqual(['dist', 'package.json']);
});
