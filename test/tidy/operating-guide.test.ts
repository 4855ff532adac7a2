import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readSourceTree } from '../../tools/tidy/source-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sources = readSourceTree(root).filter(({ path }) => /^src\/(proto|daemon|api)\//.test(path));
const guide = readFileSync(`${root}/docs/operating.md`, 'utf8');
const table = guide.slice(guide.indexOf('| code | level |'), guide.indexOf('Of one code'));
const documented = [...table.matchAll(/`([a-z0-9-]+)`/g)].map((match) => match[1] as string);

/** `'warn', 'pbu-rejected'` in a call, or `code: 'started'` in an entry. */
const LOGGED = /'(?:debug|info|warn|error)',\s*'([a-z0-9]+(?:-[a-z0-9]+)*)'|\blog\.\w+\(\{\s*code: '([a-z-]+)'/g;
const LEVELS = ['debug', 'info', 'warn', 'error'];

it('explains every code that the daemon logs', () => {
  const logged = sources.flatMap(({ text }) => [...text.matchAll(LOGGED)].map((match) => match[1] ?? match[2] ?? ''));
  expect(logged.length).toBeGreaterThan(20);
  expect(logged.filter((code) => !LEVELS.includes(code) && !documented.includes(code))).toEqual([]);
});

it('explains no code that nothing logs', () => {
  const all = sources.map(({ text }) => text).join('\n');
  expect(documented.filter((code) => !all.includes(`'${code}'`))).toEqual([]);
});
