import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete, formatDiagnostic, help, parseConfiguration, printConfiguration } from '#config/index.ts';
import { modes } from '#config/modes.ts';
import { lineOf, openingLines, sampleLines } from './sample-lines.ts';

const rows = modes.flatMap((mode) => mode.commands.flatMap((command) => sampleLines(command).map(lineOf)));
const openings = modes.flatMap(openingLines);
const words = [...new Set(rows.flatMap((line) => line.split(' ')))];

const whole = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...rows) }, fc.constantFrom(...openings));
const damaged = fc
  .tuple(whole, fc.nat(12), fc.nat(2), fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 3 }))
  .map(([line, at, removed, added]) =>
    line
      .split(' ')
      .toSpliced(at, removed, ...added)
      .join(' '),
  );
const negated = whole.map((line) => `no ${line}`);
const other = fc.oneof(fc.constantFrom('!', 'exit', 'end', 'no', ''), fc.string());
const line = fc
  .oneof(whole, whole, damaged, negated, other)
  .chain((text) => fc.nat(3).map((n) => ' '.repeat(n) + text));
/** A mode's opening lines, and some of its rows. */
const block = fc
  .constantFrom(...modes.filter(({ commands }) => commands.length > 0))
  .chain((mode) =>
    fc
      .array(fc.constantFrom(...mode.commands.flatMap((command) => sampleLines(command).map(lineOf))), { maxLength: 6 })
      .map((lines) => ['!', ...openingLines(mode), ...lines]),
  );
const text = fc
  .array(fc.oneof(block, fc.array(line, { maxLength: 3 })), { maxLength: 12, size: 'max' })
  .map((parts) => parts.flat().join('\n'));

test('any text is read without a fault, each finding can be shown, and what is left of it survives printing', () => {
  fc.assert(
    fc.property(text, (source) => {
      const { configuration, diagnostics } = parseConfiguration(source);
      for (const each of diagnostics) formatDiagnostic(each, source, 'f');
      const printed = printConfiguration(configuration);
      const again = parseConfiguration(printed);
      expect(again.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(again.configuration).toEqual(configuration);
    }),
    { numRuns: 2000 },
  );
});

test('any line can be completed and helped with', () => {
  fc.assert(
    fc.property(line, fc.constantFrom(...modes), (source, mode) => {
      for (const begun of [source, `${source} `, source.slice(0, source.length / 2)]) {
        expect(complete(begun, mode.name)).toBeInstanceOf(Array);
        expect(help(begun, mode.name)).toBeInstanceOf(Array);
      }
    }),
    { numRuns: 2000 },
  );
});
