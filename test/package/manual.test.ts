import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createProgram } from '#cli/main.ts';
import { bashCompletion, manualPage } from '../../tools/package/manual.ts';

const program = createProgram();

describe('the manual page', () => {
  it('has every command with its options', () => {
    const page = manualPage(program, '1.2.3', '2026-01-31');
    expect(page).toContain('.TH MOORING 1 "2026-01-31" "mooring 1.2.3"');
    for (const command of program.commands.filter(({ commands }) => commands.length === 0)) {
      expect(page).toContain(`.B mooring ${command.name().replaceAll('-', '\\-')} `);
      for (const { flags } of command.options) expect(page).toContain(`.B ${flags.replaceAll('-', '\\-')}`);
    }
    expect(page).toContain('.B mooring store check ');
  });
});

describe('the completion for bash', () => {
  const script = bashCompletion(program);
  /** What is offered for the last of the words. */
  function offered(...words: string[]): string[] {
    const asked = `${script}COMP_WORDS=(mooring ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _mooring; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', asked], { encoding: 'utf8', cwd: '/' })
      .split('\n')
      .filter((line) => line !== '');
  }

  it('offers commands, their commands, options and choices', () => {
    expect(offered('sto')).toEqual(['store']);
    expect(offered('store', 'e')).toEqual(['export']);
    expect(offered('run', '--log-f')).toEqual(['--log-format']);
    expect(offered('run', '--log-level', 'w')).toEqual(['warn']);
  });

  it('offers files elsewhere', () => {
    expect(offered('check', '/et')).toContain('/etc');
  });
});
