import { complete, help, parseConfiguration, printConfiguration } from '#config/index.ts';
import type { Mode } from '#config/modes.ts';
import { lineOf, openingLines, type SampleLine, sampleLines } from './sample-lines.ts';

/**
 * What is typed in a mode, so that every row is executed, completed and helped with: a line that ends with `?` asks for help, one that
 * ends with a tab (`→`) for completion, and every other one is executed by itself.
 */
export function transcriptInput(mode: Mode): string {
  const lines = mode.commands.flatMap((command) => sampleLines(command).flatMap(linesTyped));
  return `${[...new Set(['?', ...lines])].join('\n')}\n`;
}

/** The input with the answer below each line. */
export function transcriptOutput(mode: Mode, input: string): string {
  const answers = input
    .trimEnd()
    .split('\n')
    .map((line) => [`(${mode.prompt})# ${line}`, ...answer(mode, line).map((each) => `  ${each}`)].join('\n'));
  return `${answers.join('\n')}\n`;
}

function linesTyped(sample: SampleLine): string[] {
  const asked = sample.flatMap(({ text, keyword }, index) => {
    const before = sample.slice(0, index).map((word) => `${word.text} `);
    const begun = text.slice(0, Math.max(1, text.length - 1));
    return keyword || index === 0
      ? [`${before.join('')}${begun}→`, `${before.join('')}${text} ?`]
      : [`${before.join('')}${text} ?`];
  });
  return [...asked, lineOf(sample), `no ${lineOf(sample)}`];
}

function answer(mode: Mode, line: string): string[] {
  if (line.endsWith('→')) return complete(line.slice(0, -1), mode.name);
  if (line.endsWith('?'))
    return help(line.slice(0, -1), mode.name).map(({ word, help: text }) => `${word}  ${text}`.trim());
  const negated = line.startsWith('no ');
  const opening = openingLines(mode);
  const before = negated
    ? [...opening, line.slice('no '.length), ...(opening.length > 0 ? opening : ['end'])]
    : opening;
  return executed(before, line);
}

/** What a line adds (`+`) to the running configuration and takes from it (`-`), and what is said of it. */
function executed(before: readonly string[], line: string): string[] {
  const held = printed(before);
  const { configuration, diagnostics } = parseConfiguration([...before, line].join('\n'));
  const now = printConfiguration(configuration).split('\n');
  return [
    ...diagnostics
      .filter((each) => each.line > before.length)
      .map(({ severity, message }) => `% ${severity}: ${message}`),
    ...now.filter((each) => !held.includes(each)).map((each) => `+ ${each}`),
    ...held.filter((each) => !now.includes(each)).map((each) => `- ${each}`),
  ];
}

function printed(lines: readonly string[]): string[] {
  return printConfiguration(parseConfiguration(lines.join('\n')).configuration).split('\n');
}
