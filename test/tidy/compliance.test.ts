import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { COMPLIANCE_FILE, complianceText, openObligations } from '../../tools/compliance.ts';
import { readObligations } from '../../tools/tidy/obligations.ts';
import { remarksOf } from '../../tools/tidy/remarks.ts';
import { readSourceTree } from '../../tools/tidy/source-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sections = JSON.parse(readFileSync(`${root}/tools/tidy/rfc-sections.json`, 'utf8'));
const obligations = readObligations(readFileSync(`${root}/tools/tidy/obligations.tsv`, 'utf8'));
const rfcs = { '5213': { '5.3': 'Signaling Considerations', '5.3.1': 'Processing Proxy Binding Updates' } };

it('is up to date: run `node tools/compliance.ts` when this fails', () => {
  const text = complianceText(readSourceTree(root), sections, obligations);
  expect(readFileSync(`${root}/${COMPLIANCE_FILE}`, 'utf8')).toBe(text);
});

it('has every obligation in a section that exists', () => {
  expect(obligations.length).toBeGreaterThan(600);
  for (const { rfc, clause } of obligations) {
    expect(sections[rfc][/^§([\d.]+)/.exec(clause)?.[1] ?? ''], `RFC ${rfc} ${clause}`).toBeDefined();
  }
});

it('no obligation is open: each has a test of the title in tools/tidy/obligations.tsv that names its clause, or a `Differs:`', () => {
  expect(openObligations(readSourceTree(root), obligations)).toEqual([]);
});

it('an obligation is open until a source cites it and its test names it, or a mark says that we differ', () => {
  const table = [
    'RFC\tclause\tword\twhose\twhat\ttest',
    '5213\t§5.3.1(2)\tMUST\tlma\tone\ttest/a.test.ts: it does “x”',
    '5213\t§5.3\tMUST NOT\tboth\ttwo\tDiffers',
    '5213\t§5.3.1(10)\tSHOULD\tmag\tthree\tDiffers',
    '5213\t§5.3.1(3)\tMUST\tother\thosts\t',
  ].join('\n');
  const four = readObligations(table);
  const source = { path: 'src/a.ts', text: '// RFC 5213 §5.3.1(2), RFC 5213 §5.3\n' };
  const unnamed = { path: 'test/a.test.ts', text: "it('[RFC 5213 §5.3] it does “x”');\n" };
  const test = { path: 'test/a.test.ts', text: "it('[RFC 5213 §5.3.1(2)] it does “x”');\n" };
  const mark = { path: 'src/b.ts', text: '// Differs: too late. RFC 5213 §5.3\n//\n// §5.3.1(10)\n' };
  const open = (...files: (typeof source)[]) =>
    openObligations(files, four).map((one) => one.slice('RFC 5213 '.length).replace(/:.*/, ''));
  const all = ['§5.3.1(2) MUST', '§5.3 MUST NOT', '§5.3.1(10) SHOULD'];
  expect([open(), open(source), open(source, unnamed)]).toEqual([all, all, all]);
  expect(open(source, test)).toEqual(all.slice(1));
  expect(open(source, test, mark)).toEqual(all.slice(2));
  expect(complianceText([source, test, mark], rfcs, four)).toContain('| 5213 | 4 | 1 | 1 | 1 | 1 |');
});

it.each([
  ['whose it is', '5213\t§5.3\tMUST\t?\ttwo\tDiffers'],
  ['what it is', '5213\t§5.3\tMUST\tlma\t\tDiffers'],
  ['a test', '5213\t§5.3\tMUST\tlma\ttwo\t?'],
])('a line without %s is no obligation', (_, line) => {
  expect(() => readObligations(`head\n${line}\n`)).toThrow('RFC 5213 §5.3 MUST');
});

it('joins clause, source and tests, in the order of the RFC', () => {
  const text = complianceText(
    [
      { path: 'src/a.ts', text: '// RFC 5213 §5.3.1(10), RFC 5213 §5.3.1(2) and §5.3\n' },
      {
        path: 'test/a.test.ts',
        text: "it('[RFC 5213 §5.3.1(2)] x');\nit('[RFC 5213 §5.3.1(2), §5.3] y');\n// RFC 5213 §9\n",
      },
    ],
    rfcs,
    [],
  );
  expect(text.split('\n').filter((line) => line.startsWith('| §'))).toEqual([
    '| §5.3 | Signaling Considerations | [a.ts](../src/a.ts) | [a.test.ts](../test/a.test.ts) |',
    '| §5.3.1(2) | Processing Proxy Binding Updates | [a.ts](../src/a.ts) | [a.test.ts](../test/a.test.ts) (2) |',
    '| §5.3.1(10) | Processing Proxy Binding Updates | [a.ts](../src/a.ts) |  |',
  ]);
});

it('takes the whole reason of a mark, and no code', () => {
  const text = `/**
 * Chooses: one thing
 * over two lines. Differs: another.
 *
 * More.
 */
const a = 1; // Chooses: a third.
const b = 2;
  // Differs: the fourth
  // goes on.
  const c = 3;
`;
  expect(remarksOf({ path: 'a', text }).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'Chooses one thing over two lines.',
    'Differs another.',
    'Chooses a third.',
    'Differs the fourth goes on.',
  ]);
});
