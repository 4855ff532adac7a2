import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { COMPLIANCE_FILE, complianceText, openClauses } from '../../tools/compliance.ts';
import { obligationsOf } from '../../tools/tidy/obligations.ts';
import { remarksOf } from '../../tools/tidy/remarks.ts';
import { readSourceTree } from '../../tools/tidy/source-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rfcs = { '5213': { '5.3': 'Signaling Considerations', '5.3.1': 'Processing Proxy Binding Updates' } };

it('is up to date: run `node tools/compliance.ts` when this fails', () => {
  const text = complianceText(readSourceTree(root), table('rfc-sections'), table('obligations'));
  expect(readFileSync(`${root}/${COMPLIANCE_FILE}`, 'utf8')).toBe(text);
});

it('says whose every obligation is, in sections that exist', () => {
  const sections = table('rfc-sections');
  const obligations = obligationsOf(table('obligations'));
  expect(obligations.length).toBeGreaterThan(300);
  for (const { rfc, clause } of obligations) {
    expect(sections[rfc][/^§([\d.]+)/.exec(clause)?.[1] ?? ''], `RFC ${rfc} ${clause}`).toBeDefined();
  }
});

it('no obligation is open', () => {
  expect(openClauses(readSourceTree(root), table('obligations'))).toEqual([]);
});

it('an obligation is open until a source cites it and a test names it, or a mark says that we differ', () => {
  const obligations = {
    '5213': { '§5.3.1(2)': '1 lma', '§5.3': '2 both', '§5.3.1(10)': '1 mag', '§5.3.1(3)': '1 other: hosts' },
  };
  const source = { path: 'src/a.ts', text: '// RFC 5213 §5.3.1(2), RFC 5213 §5.3\n' };
  const test = { path: 'test/a.test.ts', text: "it('[RFC 5213 §5.3.1(2)] x');\n" };
  const mark = { path: 'src/b.ts', text: '// Differs: too late. RFC 5213 §5.3\n//\n// §5.3.1(10)\n' };
  const open = (...files: (typeof source)[]) =>
    openClauses(files, obligations).map((clause) => clause.slice('RFC 5213 '.length));
  expect(open()).toEqual(['§5.3.1(2)', '§5.3', '§5.3.1(10)']);
  expect(open(source)).toEqual(['§5.3.1(2)', '§5.3', '§5.3.1(10)']);
  expect(open(source, test)).toEqual(['§5.3', '§5.3.1(10)']);
  expect(open(source, test, mark)).toEqual(['§5.3.1(10)']);
  expect(complianceText([source, test, mark], rfcs, obligations)).toContain('| 5213 | 4 | 5 | 1 | 1 | 1 | 1 |');
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
    {},
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

function table(name: string) {
  return JSON.parse(readFileSync(`${root}/tools/tidy/${name}.json`, 'utf8'));
}
