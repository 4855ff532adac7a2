import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it.each(['mooring.service', 'mooring@.service'])('%s binds what ExecStartPre makes only where it is there', (unit) => {
  const text = readFileSync(new URL(`../../packaging/systemd/${unit}`, import.meta.url), 'utf8');
  const [, made = 'nothing'] = /^ExecStartPre=\+.* (\/\S+)$/m.exec(text) ?? [];
  // systemd.exec: sources of BindPaths are needed by every process of the unit, those of ExecStartPre=+ too, unless "-" is before.
  expect(/^BindPaths=(\S+):\S+$/m.exec(text)?.[1]).toBe(`-${made}`);
});
