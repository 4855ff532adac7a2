import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { translate, writeProductTree } from '../../tools/package/product-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'mooring-tree-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('what is installed', () => {
  it('is JavaScript whose modules name each other as that, line for line', () => {
    const text = `import { type A, b } from './b.ts';\nimport c from '#base/c.ts';\nnew Worker(new URL('./d.ts', import.meta.url));\nconst e: A = join(root, 'main.ts');\n`;
    const lines = translate(text)
      .split('\n')
      .map((line) => line.trimEnd().replaceAll(/ +/g, ' '));
    expect(lines).toEqual([
      "import { b } from './b.js';",
      "import c from '#base/c.js';",
      "new Worker(new URL('./d.js', import.meta.url));",
      "const e = join(root, 'main.js');",
      '',
    ]);
  });

  it.skipIf(!existsSync(join(root, 'web/dist/index.html')))(
    'runs by itself, and brings the dashboard and the programs of the data plane (needs the built dashboard)',
    () => {
      const tree = join(work, 'tree');
      writeProductTree(root, tree);
      symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
      const mooring = (...words: string[]) =>
        execFileSync(process.execPath, [join(tree, 'bin/mooring'), ...words], { encoding: 'utf8' });
      expect(mooring('check', join(tree, 'examples/lma.cfg'))).toContain('no errors');
      expect(mooring('run', '--help')).toContain('--log-level');
      for (const path of [
        'web/dist/index.html',
        'bpf/pmip.bpf.o',
        'LICENSES/GPL-2.0.txt',
        'src/daemon/packet-worker.js',
      ])
        expect(existsSync(join(tree, path)), path).toBe(true);
      for (const path of ['src/lab', 'test', 'tools', 'src/cli/main.ts'])
        expect(existsSync(join(tree, path)), path).toBe(false);
      const manifest = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8'));
      expect(manifest).toMatchObject({ name: 'mooring', os: ['linux'], bin: { mooring: 'bin/mooring' } });
      expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['private']));
    },
    60_000,
  );
});
