import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { COMPLIANCE_FILE, complianceText } from '../../tools/compliance.ts';
import { remarksOf } from '../../tools/tidy/remarks.ts';
import { readSourceTree } from '../../tools/tidy/source-tree.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rfcs = { '5213': { '5.3': 'Signaling Considerations', '5.3.1': 'Processing Proxy Binding Updates' } };

it('is up to date: run `node tools/compliance.ts` when this fails', () => {
  const sections = JSON.parse(readFileSync(`${root}/tools/tidy/rfc-sections.json`, 'utf8'));
  expect(readFileSync(`${root}/${COMPLIANCE_FILE}`, 'utf8')).toBe(complianceText(readSourceTree(root), sections));
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
