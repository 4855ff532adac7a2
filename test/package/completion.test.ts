import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '#cli/main.ts';
import { privilegedTable } from '#cli/shell/exec-commands.ts';
import { readExecLine } from '#cli/shell/exec-line.ts';
import { COMPLETIONS, offersOf } from '../../tools/package/completion.ts';

const offers = offersOf(createProgram(), privilegedTable);
const directory = mkdtempSync(join(tmpdir(), 'mooring-completion-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('what shells complete', () => {
  it('are the commands of EXEC mode that begin with show, to their ends', () => {
    const shown = offers.filter(({ after }) => after.startsWith('show('));
    expect(shown.length).toBeGreaterThan(100);
    for (const { after, word } of shown) {
      const line = `${after.replace(/\(.*?\)\*/, '').replaceAll('[^ ]+', '1')} ${word}`;
      const read = readExecLine(line, privilegedTable, 0);
      // It may be that more must follow, or that the argument before it is none of this kind.
      expect(read.ok ? '' : read.error, line).not.toContain('Unrecognized');
    }
    expect(shown.filter(({ word }) => word === 'history')).toEqual([]);
  });
});

/** Has the shell say what it offers for the last of the words. */
const ASK: Readonly<Record<string, (script: string, words: readonly string[]) => string[]>> = {
  bash: (script, words) => [
    '-c',
    `. ${script}; COMP_WORDS=(mooring ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _mooring; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (script, words) => [
    '-fc',
    `_describe() { print -l -- \${\${(P)2}%%:*} }; _files() { print -l /etc }; . ${script}; words=(mooring ${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length + 1}; _mooring`,
  ],
  fish: (script, words) => [
    '--no-config',
    '-c',
    `source ${script}; complete -C 'mooring ${words.join(' ')}' | string replace -r '\\t.*' ''; true`,
  ],
};

describe.each(COMPLETIONS)('the completion for $shell', ({ shell, script }) => {
  const missing = spawnSync(shell, ['-c', 'true']).status !== 0;
  const file = join(directory, shell);
  writeFileSync(file, script(offers));
  const offered = (...words: string[]) =>
    execFileSync(shell, ASK[shell]?.(file, words) ?? [], {
      encoding: 'utf8',
      cwd: '/',
      env: { ...process.env, HOME: directory },
    })
      .split('\n')
      .filter((line) => line !== '')
      .sort();

  it.skipIf(missing)(
    `offers commands, their commands, options and choices (${missing ? `needs ${shell}` : shell})`,
    () => {
      expect(offered('sto')).toEqual(['store']);
      expect(offered('store', 'e')).toEqual(['export']);
      expect(offered('run', '--log-f')).toEqual(['--log-format']);
      expect(offered('run', '/etc/file.cfg', '--log-level', 'w')).toEqual(['warn']);
      expect(offered('run', '--log-level', '')).toEqual(['debug', 'error', 'info', 'warn']);
    },
  );

  it.skipIf(missing)('offers the words of show, behind arguments and options too', () => {
    expect(offered('show', 'ipv6', 'mobile', 'pmipv6', 'l')).toEqual(['lma']);
    expect(offered('show', 'ipv6', 'mobile', 'pmipv6', 'lma', 'binding', '')).toEqual(
      expect.arrayContaining(['mag', 'nai']),
    );
    expect(offered('show', '--control', '/run/a.sock', 'run')).toEqual(['running-config']);
    expect(offered('show', 'ipv6', 'mobile', 'pmipv6', 'lma', 'stats', 'mag', 'M1', '')).not.toContain(
      'running-config',
    );
    expect(offered('show', 'nothing', '')).toEqual([]);
  });

  it.skipIf(missing)('offers files elsewhere', () => {
    expect(offered('check', '/et').map((path) => path.replace(/\/$/, ''))).toContain('/etc');
  });
});
