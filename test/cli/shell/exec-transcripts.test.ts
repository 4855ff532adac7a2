import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ExecCommand } from '#cli/shell/exec-command.ts';
import { privilegedTable, userTable } from '#cli/shell/exec-commands.ts';
import { readExecLine } from '#cli/shell/exec-line.ts';
import { complete, help, type Table } from '#config/index.ts';
import { lineOf, type SampleLine, sampleLines } from '../../config/sample-lines.ts';
import { lackingIn } from '../../config/transcript-coverage.ts';

/**
 * What is typed so that every row of EXEC mode is executed, completed and helped with: a line that ends with `?` asks for help, one that ends
 * with a tab (`→`) for completion, and every other one is executed by itself.
 */
function input({ commands }: Table<ExecCommand>): string {
  const listed = commands.flatMap((command) => sampleLines({ syntax: command.syntax, also: [] }).flatMap(asked));
  const executed = commands.flatMap((command) => sampleLines(command).map(lineOf));
  return `${[...new Set(['?', ...listed, ...executed, ...executed.map((line) => `no ${line}`)])].join('\n')}\n`;
}

function asked(sample: SampleLine): string[] {
  return sample.flatMap(({ text, keyword }, index) => {
    const before = sample.slice(0, index).map((word) => `${word.text} `);
    const begun = text.slice(0, Math.max(1, text.length - 1));
    return [...(keyword ? [`${before.join('')}${begun}→`] : []), `${before.join('')}${text} ?`];
  });
}

/** The input with the answer below each line; of an executed one, what is asked of the daemon or done in the shell. */
function output(table: Table<ExecCommand>, prompt: string, typed: string): string {
  const answers = typed
    .trimEnd()
    .split('\n')
    .map((line) => [`${prompt}${line}`, ...answer(table, line).map((each) => `  ${each}`)].join('\n'));
  return `${answers.join('\n')}\n`;
}

function answer(table: Table<ExecCommand>, line: string): string[] {
  if (line.endsWith('→')) return complete(line.slice(0, -1), table);
  if (line.endsWith('?'))
    return help(line.slice(0, -1), table).map(({ word, help: text }) => `${word}  ${text}`.trim());
  const read = readExecLine(line, table, 0);
  if (!read.ok) return read.error.trimEnd().split('\n');
  const { action } = read;
  return [action.kind === 'inquiry' ? JSON.stringify(action.request) : JSON.stringify(action)];
}

describe.each([
  { name: 'user', prompt: 'mag1>', table: userTable },
  { name: 'privileged', prompt: 'mag1#', table: privilegedTable },
])('$name EXEC mode', ({ name, prompt, table }) => {
  test('execute, complete and help of every row', async () => {
    const typed = input(table);
    await expect(typed).toMatchFileSnapshot(`transcripts/${name}.in`);
    await expect(output(table, prompt, typed)).toMatchFileSnapshot(`transcripts/${name}.refout`);
  });

  test('the transcript executes, completes and asks help on every row', () => {
    const typed = readFileSync(new URL(`transcripts/${name}.in`, import.meta.url), 'utf8');
    expect(lackingIn(table, typed.trimEnd().split('\n'))).toEqual([]);
  });

  test('every spelling of a row is the row', () => {
    for (const command of table.commands) {
      for (const sample of sampleLines(command)) {
        const read = readExecLine(lineOf(sample), table, 0);
        expect(read.ok, lineOf(sample)).toBe(true);
      }
    }
  });
});
