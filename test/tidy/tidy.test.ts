import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { addTitles } from '../../tools/tidy/add-titles.ts';
import { check } from '../../tools/tidy/check.ts';
import { bpfLicence } from '../../tools/tidy/rules/bpf-licence.ts';
import { effects } from '../../tools/tidy/rules/effects.ts';
import { fileNames } from '../../tools/tidy/rules/file-names.ts';
import { fileSizes, MAXIMUM_LINES } from '../../tools/tidy/rules/file-sizes.ts';
import { importCycles } from '../../tools/tidy/rules/import-cycles.ts';
import { layerTable } from '../../tools/tidy/rules/layer-table.ts';
import { rfcCitations } from '../../tools/tidy/rules/rfc-citations.ts';
import { unfinishedWork } from '../../tools/tidy/rules/unfinished-work.ts';
import { readSourceTree, type SourceFile } from '../../tools/tidy/source-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files made up for a test, from path and text. */
function tree(files: Readonly<Record<string, string>>): SourceFile[] {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

const messages = (findings: readonly { message: string }[]) => findings.map((finding) => finding.message);

describe('the repository', () => {
  it('breaks no rule', () => {
    expect(check(readSourceTree(root))).toEqual([]);
  });
});

describe('layer table', () => {
  const base = { 'src/base/time.ts': '', 'src/dataplane/desired.ts': '', 'src/dataplane/plan.ts': '' };
  const inProto = (text: string) =>
    layerTable(tree({ ...base, 'src/proto/machine.ts': text, 'src/proto/peer.ts': '' }));

  it('lets a layer import what is below it and its own files', () => {
    expect(inProto("import { after } from '#base/time.ts';\nimport { p } from './peer.ts';\n")).toEqual([]);
  });

  it('refuses a layer above or beside', () => {
    expect(inProto("import { plan } from '#dataplane/plan.ts';\n")).toEqual([
      { path: 'src/proto/machine.ts', line: 1, message: 'layer proto may not import #dataplane/plan.ts' },
    ]);
    expect(messages(inProto("export * from '#dataplane/plan.ts';\n"))).toHaveLength(1);
    expect(messages(inProto("const plan = await import('#dataplane/plan.ts');\n"))).toHaveLength(1);
  });

  it('lets only types come from the files declared for that', () => {
    expect(inProto("import type { Forwarding } from '#dataplane/desired.ts';\n")).toEqual([]);
    expect(messages(inProto("import { Forwarding } from '#dataplane/desired.ts';\n"))).toEqual([
      'layer proto may not import #dataplane/desired.ts (only its types)',
    ]);
  });

  it('refuses a relative path out of the layer, and #layer/ inside it', () => {
    expect(messages(inProto("import { after } from '../base/time.ts';\n"))).toEqual([
      '../base/time.ts leaves the layer: write #base/time.ts',
    ]);
    expect(messages(inProto("import { p } from '#proto/peer.ts';\n"))).toEqual([
      '#proto/peer.ts is in the same layer: import it relatively',
    ]);
  });

  it('refuses a file that is not there and a folder that is not a layer', () => {
    expect(messages(inProto("import { x } from '#base/missing.ts';\n"))).toEqual(['#base/missing.ts does not exist']);
    expect(messages(layerTable(tree({ 'src/extra/a.ts': '' })))).toEqual([
      'layer extra is not in tools/tidy/layers.ts',
    ]);
  });

  it('keeps node: modules and packages out of pure layers, and koffi in its file', () => {
    expect(messages(inProto("import { readFileSync } from 'node:fs';\n"))).toEqual([
      'a pure layer may not import node:fs',
    ]);
    expect(messages(inProto("import pino from 'pino';\n"))).toEqual(['this layer may not import package pino']);
    const koffi = "import koffi from 'koffi';\n";
    expect(layerTable(tree({ 'src/host/posix.ts': koffi }))).toEqual([]);
    expect(messages(layerTable(tree({ 'src/host/tap.ts': koffi })))).toEqual([
      'only src/host/posix.ts may import koffi',
    ]);
  });

  it('does not take prose or strings for imports', () => {
    expect(inProto("// import { x } from '#dataplane/plan.ts';\nconst s = \"import 'node:fs'\";\n")).toEqual([]);
  });
});

describe('import cycles', () => {
  it('finds a cycle through three files, of types too', () => {
    const files = tree({
      'src/wire/a.ts': "import { b } from './b.ts';\n",
      'src/wire/b.ts': "import type { C } from './c.ts';\n",
      'src/wire/c.ts': "export * from './a.ts';\n",
    });
    expect(messages(importCycles(files))).toEqual([
      'import cycle: src/wire/a.ts -> src/wire/b.ts -> src/wire/c.ts -> src/wire/a.ts',
    ]);
  });

  it('accepts a diamond', () => {
    const files = tree({
      'src/wire/a.ts': "import './b.ts';\nimport './c.ts';\n",
      'src/wire/b.ts': "import './d.ts';\n",
      'src/wire/c.ts': "import './d.ts';\n",
      'src/wire/d.ts': '',
    });
    expect(importCycles(files)).toEqual([]);
  });
});

describe('effects', () => {
  it.each([
    'const now = Date.now();',
    'const now = new Date();',
    'const x = Math.random();',
    'const t = performance.now();',
    'const e = process.env.HOME;',
    "console.log('x');",
    'setTimeout(f, 10);',
    'const s = `now ${Date.now()}`;',
    'const b = Buffer.alloc(4);',
  ])('refuses `%s` in a pure layer', (line) => {
    expect(effects(tree({ 'src/proto/a.ts': `\n${line}\n` }))).toMatchObject([{ path: 'src/proto/a.ts', line: 2 }]);
    expect(effects(tree({ 'src/host/a.ts': line }))).toEqual([]);
  });

  it('accepts the words in prose, strings and names', () => {
    const text =
      "// Date.now is the host's\nconst a = 'console.log(x)';\nconst b = /process.exit/;\nmachine.process.start();\n";
    expect(effects(tree({ 'src/proto/a.ts': text }))).toEqual([]);
  });

  it('follows a pure layer into what it loads', () => {
    const files = tree({
      'src/sim/world.ts': "import { m } from '#store/memory.ts';\nimport type { F } from '#store/file.ts';\n",
      'src/store/memory.ts': 'const t = Date.now();\n',
      'src/store/file.ts': 'const t = Date.now();\n',
    });
    expect(effects(files).map((finding) => finding.path)).toEqual(['src/store/memory.ts']);
  });
});

describe('file names and sizes', () => {
  it('wants kebab-case names that say something', () => {
    const good = ['src/wire/icmpv6.ts', 'bpf/pmip.bpf.c', 'bpf/Makefile', 'test/wire/udp.test.ts', 'bin/mooring'];
    expect(fileNames(good.map((path) => ({ path, text: '' })))).toEqual([]);
    const bad = ['src/wire/bindingUpdate.ts', 'src/wire/binding_update.ts', 'src/Wire/a.ts', 'src/wire/utils.ts'];
    expect(fileNames(bad.map((path) => ({ path, text: '' })))).toHaveLength(bad.length);
  });

  it('limits the lines of a file', () => {
    expect(fileSizes(tree({ 'src/wire/a.ts': '\n'.repeat(MAXIMUM_LINES) }))).toEqual([]);
    expect(fileSizes(tree({ 'src/wire/a.ts': '\n'.repeat(MAXIMUM_LINES + 1) }))).toHaveLength(1);
  });

  it('has Biome limit the lines of a function', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidy-'));
    writeFileSync(join(folder, 'long.ts'), `export function long(): void {\n${'  console.log(1);\n'.repeat(61)}}\n`);
    const biome = ['node_modules/@biomejs/biome/bin/biome', 'lint', `--config-path=${root}`, folder];
    const lint = spawnSync(process.execPath, biome, { cwd: root, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(lint.stderr + lint.stdout).toContain('noExcessiveLinesPerFunction');
  });
});

describe('RFC citations', () => {
  const rfcs = { '5213': { '5.3.1': 'Processing Proxy Binding Updates', A: 'Interactions' } };
  const cite = (text: string, path = 'src/proto/a.ts') => messages(rfcCitations(tree({ [path]: text }), rfcs));

  it('accepts number, item and title, also over a line break in a comment', () => {
    expect(cite('// RFC 5213 §5.3.1(4) "Processing Proxy Binding Updates"\n// RFC 5213 §5.3.1(5) again\n')).toEqual([]);
    expect(cite('/**\n * As RFC 5213\n * §5.3.1 "Processing Proxy\n * Binding Updates" asks.\n */\n')).toEqual([]);
    expect(cite('// RFC 5213 §A "Interactions"\n')).toEqual([]);
  });

  it('refuses a section that does not exist', () => {
    expect(cite('// RFC 5213 §5.3.17 "Processing Proxy Binding Updates"\n')).toEqual(['RFC 5213 has no §5.3.17']);
  });

  it('refuses a title that is not the section’s', () => {
    expect(cite('// RFC 5213 §5.3.1 "Processing Updates"\n')).toEqual([
      'RFC 5213 §5.3.1 is "Processing Proxy Binding Updates", not "Processing Updates"',
    ]);
  });

  it('wants the title at the first use in a source file, not in a test', () => {
    expect(cite('// RFC 5213 §5.3.1\n')).toEqual([
      'first citation here: write RFC 5213 §5.3.1 "Processing Proxy Binding Updates"',
    ]);
    expect(cite("it('[RFC 5213 §5.3.1(1)] refuses', f);\n", 'test/proto/a.test.ts')).toEqual([]);
  });

  it('can write the titles itself', () => {
    const text = "// RFC 5213 §5.3.1(4): a\n// RFC 5213 §5.3.1: b\nconst rule = 'RFC 5213 §5.3.1';\n// RFC 5213 §A\n";
    const titled = addTitles(text, rfcs);
    expect(titled).toContain('§5.3.1(4) "Processing Proxy Binding Updates": a\n// RFC 5213 §5.3.1: b\n');
    expect(cite(text)).toHaveLength(2);
    expect(cite(titled)).toEqual([]);
  });

  it('takes a § alone for a section of the RFC named last', () => {
    expect(cite('// RFC 5213 §5.3.1 "Processing Proxy Binding Updates", §A\n')).toEqual([]);
    expect(cite('// RFC 5213: as in §5.3.17\n')).toEqual(['RFC 5213 has no §5.3.17']);
    expect(cite('// as in §5.3.1\n')).toEqual(['§5.3.1 of which RFC?']);
  });

  it('refuses a section of an RFC whose text is not in the list', () => {
    expect(cite('// RFC 9999 §1 "Introduction"\n')).toHaveLength(1);
    expect(cite('// RFC 9999\n')).toEqual([]);
  });

  it.each([
    'RFC5213',
    'RFC-5213',
    'RFC 5213 section 5.3.1',
    'RFC 5213, Section 5.3.1',
    'section 5.3.1 of RFC 5213',
    'RFC 5213 appendix A',
  ])('refuses the form "%s"', (text) => {
    expect(cite(`// ${text}\n`)).toHaveLength(1);
  });
});

describe('words and licences', () => {
  it('refuses marks of unfinished work', () => {
    const mark = ['TO', 'DO'].join('');
    expect(unfinishedWork(tree({ 'docs/a.md': `fine\n${mark}: more\n` }))).toMatchObject([{ line: 2 }]);
    expect(unfinishedWork(tree({ 'docs/a.md': 'mastodon, todo list\n' }))).toEqual([]);
  });

  it('wants the dual licence on the first line of BPF sources', () => {
    expect(bpfLicence(tree({ 'bpf/a.c': '// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0\n' }))).toEqual([]);
    expect(bpfLicence(tree({ 'bpf/a.c': '// SPDX-License-Identifier: GPL-2.0\n' }))).toHaveLength(1);
    expect(bpfLicence(tree({ 'bpf/a.h': '#include <x.h>\n' }))).toHaveLength(1);
  });
});
