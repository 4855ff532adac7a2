import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runTerminal, ShellSession } from '#cli/shell/index.ts';

const long = Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n');

/** A terminal of six lines, at which keys are pressed. */
function terminal() {
  const session = new ShellSession(
    { ask: async () => ({ text: `${long}\n` }) },
    { hostname: 'mag1', privileged: true },
  );
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (data) => {
    shown += data;
  });
  const running = runTerminal(session, { input, output, rows: () => 6 });
  const press = async (keys: string) => {
    shown = '';
    input.write(keys);
    await sleep(30);
    return shown;
  };
  return { press, running, ended: running.ended };
}

describe('a terminal', () => {
  it('helps as soon as "?" is pressed and keeps the line; Tab completes; control and V makes it a letter', async () => {
    const { press } = terminal();
    const help = await press('show ver?');
    expect(help).toContain('?\nversion\n');
    expect(help.endsWith('mag1#show ver') || help.includes('mag1#show ver')).toBe(true);
    expect(await press('\t')).toContain('sion');
    expect(await press('\x16?')).toContain('?');
  });

  it('shows long output page by page, a line more for the line end, and ends with any other key', async () => {
    const { press } = terminal();
    const first = await press('show running-config\r');
    expect(first).toContain('line 4\n --More-- ');
    expect(first).not.toContain('line 5');
    expect(await press('\r')).toMatch(/line 5\n --More-- $/);
    const rest = await press('q');
    expect(rest).not.toContain('line 6');
    expect(rest).toContain('mag1#');
  });

  it('shows what comes unasked above what is being typed, and after a command that is being carried out', async () => {
    const { press, running } = terminal();
    await press('show ru');
    running.notice('*a line\n');
    expect(await press('')).toBe('');
    expect(await press('n')).toBe('n');
    await press('ning-config\r');
    running.notice('*a second line\n');
    const rest = await press('q');
    expect(rest.indexOf('*a second line')).toBeGreaterThanOrEqual(0);
    expect(rest.indexOf('*a second line')).toBeLessThan(rest.indexOf('mag1#'));
  });

  it('leaves configuration modes with control and Z, and ends with exit', async () => {
    const { press, ended } = terminal();
    expect(await press('configure\r')).toContain('mag1(config)#');
    expect(await press('\x1a')).toContain('mag1#');
    await press('exit\r');
    await ended;
  });
});
