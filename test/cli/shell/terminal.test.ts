import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Backend, runTerminal, ShellSession } from '#cli/shell/index.ts';

const long = Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n');

/** A terminal of six lines, at which keys are pressed. */
function terminal(options: { readonly password?: string; readonly idleSeconds?: number } = {}) {
  const { password, idleSeconds = 0 } = options;
  const asked: Parameters<Backend['ask']>[0][] = [];
  const session = new ShellSession(
    {
      ask: async (request) => {
        asked.push(request);
        if (request.request === 'configure-line')
          return { ok: true, path: [], mode: 'global', hostname: 'mag1', messages: [] };
        if (request.request !== 'enable' || password === undefined || request.password === password)
          return { text: `${long}\n` };
        const code = request.password === undefined ? 'password-required' : 'refused';
        throw Object.assign(new Error('no'), { code });
      },
    },
    { hostname: 'mag1', privileged: password === undefined },
  );
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (data) => {
    shown += data;
  });
  const running = runTerminal(session, { input, output, rows: () => 6, idleSeconds });
  const press = async (keys: string) => {
    shown = '';
    input.write(keys);
    await sleep(30);
    return shown;
  };
  return { press, asked, running, ended: running.ended };
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

  it('asks for what is not to be seen: nothing of it is shown, and it is no line', async () => {
    const { press, asked } = terminal({ password: 'open' });
    expect(await press('enable\r')).toMatch(/Password: $/);
    // One key too many, taken back.
    expect(await press('wronx\x7fg')).toBe('');
    expect(await press('\r')).toBe('\nPassword: ');
    expect(await press('open\rshow version\r')).toContain('mag1#');
    expect(asked.filter(({ request }) => request === 'enable').map(({ password }) => password)).toEqual([
      undefined,
      'wrong',
      'open',
    ]);
    expect(asked.at(-1)).toMatchObject({ request: 'show', query: 'version' });
    expect(await press('\x1b[A')).not.toContain('open');
  });

  it('refuses after three wrong ones', async () => {
    const { press } = terminal({ password: 'open' });
    for (const keys of ['enable\r', '1\r', '2\r']) expect(await press(keys)).toMatch(/Password: $/);
    expect(await press('3\r')).toMatch(/% Bad secrets\n\n.*mag1>/s);
  });

  it('shows what was typed, and ends when nobody is there', async () => {
    const { press, ended } = terminal({ idleSeconds: 0.2 });
    await press('terminal length 0\r');
    expect(await press('show history\r')).toContain('  terminal length 0\n  show history\n');
    await ended;
    expect(await press('')).toBe('');
  });

  it('leaves configuration modes with control and Z, which takes the line that was typed, and ends with exit', async () => {
    const { press, asked, ended } = terminal();
    expect(await press('configure\r')).toContain('mag1(config)#');
    expect(await press('\x1a')).toContain('mag1#');
    expect(asked).toEqual([]);
    await press('configure\rhostname r1');
    expect(await press('\x1a')).toContain('mag1#');
    expect(asked).toEqual([{ request: 'configure-line', path: [], line: 'hostname r1' }]);
    await press('show ver');
    expect(await press('\x1a')).toContain('mag1#');
    expect(asked).toHaveLength(1);
    await press('exit\r');
    await ended;
  });
});
