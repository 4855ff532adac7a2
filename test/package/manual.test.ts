import { describe, expect, it } from 'vitest';
import { createProgram } from '#cli/main.ts';
import { manualPage } from '../../tools/package/manual.ts';

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
