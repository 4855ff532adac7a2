import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Configuration, complete, help } from '#config/index.ts';
import { type Mode, modes } from '#config/modes.ts';
import { messages, read } from './read.ts';
import { transcriptInput, transcriptOutput } from './row-transcript.ts';
import { lineOf, openingLines, sampleLines } from './sample-lines.ts';
import { lackingIn } from './transcript-coverage.ts';

const used = modes.filter(({ commands }) => commands.length > 0);
const rows = used.flatMap((mode) =>
  mode.commands.map((command) => ({ mode, command, title: `${mode.name}: ${command.help}` })),
);

test.each(used)('execute, complete and help in mode $name', async (mode) => {
  const input = transcriptInput(mode);
  await expect(input).toMatchFileSnapshot(`transcripts/modes/${mode.name}.in`);
  await expect(transcriptOutput(mode, input)).toMatchFileSnapshot(`transcripts/modes/${mode.name}.refout`);
});

describe('the transcripts', () => {
  const typed = (mode: Mode) =>
    readFileSync(new URL(`transcripts/modes/${mode.name}.in`, import.meta.url), 'utf8')
      .trimEnd()
      .split('\n');

  test.each(used)('execute, complete and ask help on every row of mode $name', (mode) => {
    expect(lackingIn(mode, typed(mode))).toEqual([]);
  });

  test('that lack one of the three for a row are found out', () => {
    const [mode] = used as [Mode];
    const without = (part: RegExp) =>
      lackingIn(
        mode,
        typed(mode).filter((line) => !part.test(line)),
      );
    expect(without(/^(no )?hostname [^?→]*$/)).toEqual(["execute: Set this node's name"]);
    expect(without(/^hostnam.*→$/)).toEqual(["complete: Set this node's name"]);
    expect(without(/^hostname.*\?$/)).toEqual(["help: Set this node's name"]);
  });
});

describe.each(rows)('$title', ({ mode, command }) => {
  test('can be executed and taken back in all its spellings', () => {
    for (const line of sampleLines(command).map(lineOf)) {
      expect(messages([...openingLines(mode), line].join('\n'))).toEqual([]);
      const taken = read([...openingLines(mode), line, ...openingLines(mode), `no ${line}`].join('\n'));
      expect(command.stored(targetOf(taken, mode))).toEqual([]);
    }
  });

  test('is offered word by word, with help', () => {
    for (const sample of sampleLines(command).slice(0, 1)) {
      sample.forEach(({ text, keyword }, index) => {
        const before = sample
          .slice(0, index)
          .map((word) => `${word.text} `)
          .join('');
        if (keyword) expect(complete(before + text.slice(0, -1), mode.name)).toContain(text);
        const offered = help(before, mode.name);
        expect(offered.length).toBeGreaterThan(0);
        if (keyword) expect(offered.map(({ word }) => word)).toContain(text);
      });
      expect(help(`${lineOf(sample)} `, mode.name).map(({ word }) => word)).toContain('<cr>');
    }
  });
});

/** What the commands of a mode act on, in a configuration in which the mode was entered once. */
function targetOf(configuration: Configuration, mode: Mode): object {
  for (const outer of modes) {
    const opener = outer.commands.find((command) => command.section?.opens === mode.name);
    if (!opener?.section) continue;
    const target = targetOf(configuration, outer);
    return opener.section.enter(target, ...(opener.stored(target)[0] ?? []));
  }
  return configuration;
}
