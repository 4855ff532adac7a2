/** That `docs/decode.md` shows what the commands print. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'mooring-docs-'));
for (const name of ['docs', 'README.md']) symlinkSync(join(root, name), join(directory, name));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const consoles = [...readFileSync(join(root, 'docs/decode.md'), 'utf8').matchAll(/^```console\n(.*?)^```$/gms)].map(
  (match) => match[1] as string,
);

describe('docs/decode.md', () => {
  it('has examples', () => expect(consoles.length).toBeGreaterThan(5));

  it('shows what its commands print', () => {
    for (const shown of consoles) {
      const commands = [...shown.matchAll(/^\$ (.*)$/gm)].map((match) => match[1] as string);
      expect(commands.map((command) => `$ ${command}\n${output(command)}`).join('')).toBe(shown);
    }
  });
});

function output(command: string): string {
  const env = { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` };
  const { stdout } = spawnSync('bash', ['-c', `{ ${command}; } 2>&1`], { encoding: 'utf8', cwd: directory, env });
  return stdout;
}
