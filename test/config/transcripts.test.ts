import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkConfiguration, parseConfiguration } from '#config/index.ts';

const directory = new URL('transcripts/', import.meta.url);
const names = readdirSync(directory)
  .filter((file) => file.endsWith('.in'))
  .map((file) => file.slice(0, -3));

test.each(names)('what is said of %s', async (name) => {
  const { text } = checkConfiguration(readFileSync(new URL(`${name}.in`, directory), 'utf8'), `${name}.cfg`);
  await expect(text).toMatchFileSnapshot(`transcripts/${name}.refout`);
});

test('the report counts errors and warnings, and a good text has none', () => {
  const bad = 'bogus\nip local pool A 192.0.2.1 192.0.2.9\nipv6 mobile pmipv6-lma L domain D';
  expect(checkConfiguration(bad, 'f')).toMatchObject({ errors: 1, warnings: 1 });
  expect(checkConfiguration('hostname r1\n', 'f')).toEqual({
    text: 'f: no errors, no warnings\n',
    errors: 0,
    warnings: 0,
  });
});

test('the caret stands under the word after a tab, and nothing of a file steers the terminal', () => {
  const { text } = checkConfiguration('\thost\u001b[2Jname r1', 'f');
  expect(text.split('\n').slice(0, 3)).toEqual([
    'f:1:2: error: unknown command "host\ufffd[2Jname"',
    '  \thost\ufffd[2Jname r1',
    '  \t^~~~~~~~~~~~',
  ]);
});

test('columns and lengths count from one', () => {
  expect(parseConfiguration('hostname r1\n  bogus 1').diagnostics).toMatchObject([{ line: 2, column: 3, length: 5 }]);
});
