import { describe, expect, it } from 'vitest';
import { type Backend, ShellSession } from '#cli/shell/index.ts';
import { editConfiguration } from '#config/index.ts';

/** A daemon that only keeps its configuration. */
class Configured implements Backend {
  text = '';

  async ask({ request, query, path, line }: Parameters<Backend['ask']>[0]): Promise<unknown> {
    if (request === 'show' && query === 'running-config') return { text: this.text };
    if (request === 'show' && query === 'version') return { mooring: '1.2.3' };
    if (request === 'enable' || request === 'disable') return null;
    if (request !== 'configure-line') throw new Error(`the daemon does not know ${request}`);
    const edit = editConfiguration(this.text, path as string[], line as string);
    if (!edit.ok) return edit;
    this.text = edit.text;
    const { hostname = 'router' } = edit.configuration;
    return { ok: true, path: edit.path, mode: edit.mode.name, hostname, messages: [] };
  }
}

function newSession(privileged = true): { shell: ShellSession; daemon: Configured } {
  const daemon = new Configured();
  return { shell: new ShellSession(daemon, { hostname: 'router', privileged }), daemon };
}

/** Types lines one after the other; gives what a terminal shows. */
async function transcript(shell: ShellSession, lines: readonly string[]): Promise<string> {
  let shown = '';
  for (const line of lines) shown += `${shell.prompt}${line}\n${(await shell.execute(line)).text}`;
  return shown + shell.prompt;
}

describe('a session', () => {
  it('goes through the modes with the prompts of IOS', async () => {
    const { shell, daemon } = newSession(false);
    const lines = [
      'enable',
      'configure terminal',
      'hostname mag1',
      'ipv6 mobile pmipv6-domain D1',
      'nai mn0@example.com',
      'service ipv4',
      'exit',
      'end',
      'disable',
    ];
    expect(await transcript(shell, lines)).toBe(
      [
        'router>enable',
        'router#configure terminal',
        'Enter configuration commands, one per line.  End with CNTL/Z.',
        'router(config)#hostname mag1',
        'mag1(config)#ipv6 mobile pmipv6-domain D1',
        'mag1(config-ipv6-pmipv6-domain)#nai mn0@example.com',
        'mag1(config-ipv6-pmipv6-domain-mn)#service ipv4',
        'mag1(config-ipv6-pmipv6-domain-mn)#exit',
        'mag1(config-ipv6-pmipv6-domain)#end',
        'mag1#disable',
        'mag1>',
      ].join('\n'),
    );
    expect(daemon.text).toContain(' nai mn0@example.com\n  service ipv4\n');
  });

  it('says what is wrong with a line in the forms of IOS, and changes nothing', async () => {
    const { shell, daemon } = newSession();
    const lines = [
      'conf t',
      'ipv6 mobile pmipv6-lma l domain D',
      'bce maximum 0',
      'bce',
      'b maximum 3',
      'bogus',
      'exit',
      'exit',
    ];
    expect(await transcript(shell, lines)).toContain(
      [
        'router(config-ipv6-pmipv6-lma)#bce maximum 0',
        '                                           ^',
        "% Invalid input detected at '^' marker.",
        '',
        '% "0" is not in the range 1 to 4000000; expected: <1-4000000> (Binding cache entries)',
        'router(config-ipv6-pmipv6-lma)#bce',
        '% Incomplete command.',
        'router(config-ipv6-pmipv6-lma)#b maximum 3',
        '% Ambiguous command:  "b maximum 3"',
        'router(config-ipv6-pmipv6-lma)#bogus',
        '                               ^',
        "% Invalid input detected at '^' marker.",
        '',
        'router(config-ipv6-pmipv6-lma)#exit',
        'router(config)#exit',
        'router#',
      ].join('\n'),
    );
    expect(daemon.text).not.toContain('bce');
  });

  it('does EXEC commands in a configuration mode behind "do", and has nothing of privileged mode for a user', async () => {
    const { shell } = newSession();
    await shell.execute('configure terminal');
    expect((await shell.execute('do show version')).text).toContain('mooring: 1.2.3\n');
    const user = newSession(false).shell;
    expect(await user.execute('configure terminal')).toMatchObject({ failed: true });
    expect(user.help('')).not.toContain('configure');
    expect((await user.execute('show version')).text).toContain('mooring: 1.2.3\n');
  });

  it('filters output, and prints the data as JSON', async () => {
    const { shell, daemon } = newSession();
    daemon.text = 'hostname a\n!\nipv6 mobile pmipv6-domain D1\n nai x\n  service dual\n!\nend\n';
    expect((await shell.execute('show running-config | include nai|host')).text).toBe('hostname a\n nai x\n');
    expect((await shell.execute('show running-config | exclude n')).text).toBe('!\n  service dual\n!\n');
    expect((await shell.execute('sh run | sec domain')).text).toBe(
      'ipv6 mobile pmipv6-domain D1\n nai x\n  service dual\n',
    );
    expect((await shell.execute('show running-config | begin service')).text).toBe('  service dual\n!\nend\n');
    expect((await shell.execute('show running-config | count ^ ')).text).toContain('= 7\n');
    expect(JSON.parse((await shell.execute('show version | json')).text)).toEqual({ mooring: '1.2.3' });
    expect((await shell.execute('show version | weed x')).text).toBe('% unknown output filter "weed"\n');
    expect((await shell.execute('show version | include (')).text).toBe('% "(" is no regular expression\n');
  });

  it('helps and completes where the line ends', async () => {
    const { shell } = newSession();
    expect(shell.help('show ipv6 mobile pmipv6 lma l heart')).toBe('heartbeat\n');
    expect(shell.help('show ver')).toBe('version\n');
    expect(shell.help('terminal length ')).toBe('  <0-512>  Lines of a page; 0 for no paging\n');
    expect(shell.help('walk ')).toBe('% Unrecognized command\n');
    expect(shell.complete('conf')).toEqual(['configure']);
    expect(shell.complete('show version | e')).toEqual(['exclude']);
    expect(shell.help('')).toContain('  no         Tell no more of what is debugged\n');
    await shell.execute('configure');
    expect(shell.complete('ipv6 uni')).toEqual(['unicast-routing']);
    expect(shell.complete('do sh')).toEqual(['show']);
    expect(shell.complete('e')).toEqual(['enable', 'end', 'exit']);
    await shell.execute('ipv6 mobile pmipv6-lma l domain D');
    const words = shell
      .help('')
      .split('\n')
      .map((line) => line.trim().split(' ')[0]);
    expect(words).toEqual(expect.arrayContaining(['bce', 'do', 'end', 'exit', 'no', 'tunnel']));
    expect(words.slice(0, -1)).toEqual(words.slice(0, -1).toSorted());
    expect(shell.help('b ')).toBe('% Ambiguous command:  "b"\n');
  });

  it('leaves modes by "exit" and "end" in short, where no command of the mode is meant', async () => {
    const { shell } = newSession();
    const lines = ['conf t', 'ipv6 mobile pmipv6-lma l domain D', 'ex', 'en', 'ipv6 mobile pmipv6-lma l domain D', 'e'];
    expect(await transcript(shell, [...lines, 'network n', 'en', 'conf t', 'exi'])).toContain(
      [
        'router(config-ipv6-pmipv6-lma)#ex',
        'router(config)#en',
        '% Incomplete command.',
        'router(config)#ipv6 mobile pmipv6-lma l domain D',
        'router(config-ipv6-pmipv6-lma)#e',
        '% Ambiguous command:  "e"',
        'router(config-ipv6-pmipv6-lma)#network n',
        'router(config-ipv6-pmipv6lma-network)#en',
        'router#conf t',
        'Enter configuration commands, one per line.  End with CNTL/Z.',
        'router(config)#exi',
        'router#',
      ].join('\n'),
    );
  });

  it('clears bindings and counters of a role, a node, an NAI, a link-layer address or a MAG', async () => {
    const asked: unknown[] = [];
    const daemon: Backend = {
      ask: async (request) => {
        asked.push(request);
        return request.request === 'clear-stats' ? { cleared: ['M1'] } : { bindings: request.mac ? 0 : 2 };
      },
    };
    const shell = new ShellSession(daemon, { hostname: 'router', privileged: true });
    const lines = [
      'clear ipv6 mobile pmipv6 lma binding all',
      'clear ipv6 mobile pmipv6 mag M1 binding',
      'clear ipv6 mobile pmipv6 lma lma1 binding mag M1',
      'clear ipv6 mobile pmipv6 mag binding nai mn0@example.com',
      'clear ipv6 mobile pmipv6 mag binding mac 0024.d78e.21a4',
      'clear ipv6 mobile pmipv6 mag M1 stats',
      'clear bindings mn0@example.com',
      'clear ipv6 mobile pmipv6 mag binding mac nonsense',
    ];
    expect(await transcript(shell, lines)).toBe(
      [
        'router#clear ipv6 mobile pmipv6 lma binding all',
        '2 bindings told to end',
        'router#clear ipv6 mobile pmipv6 mag M1 binding',
        '2 bindings told to end',
        'router#clear ipv6 mobile pmipv6 lma lma1 binding mag M1',
        '2 bindings told to end',
        'router#clear ipv6 mobile pmipv6 mag binding nai mn0@example.com',
        '2 bindings told to end',
        'router#clear ipv6 mobile pmipv6 mag binding mac 0024.d78e.21a4',
        '% no binding of 0024.d78e.21a4',
        'router#clear ipv6 mobile pmipv6 mag M1 stats',
        'counters of M1 cleared',
        'router#clear bindings mn0@example.com',
        '2 bindings told to end',
        'router#clear ipv6 mobile pmipv6 mag binding mac nonsense',
        '                                                ^',
        "% Invalid input detected at '^' marker.",
        '',
        '% "nonsense" is not a hardware address; expected: H.H.H (Link-layer address of a mobile node)',
        'router#',
      ].join('\n'),
    );
    expect(asked).toEqual([
      { request: 'clear-bindings', role: 'lma' },
      { request: 'clear-bindings', role: 'mag', node: 'M1' },
      { request: 'clear-bindings', role: 'lma', node: 'lma1', mag: 'M1' },
      { request: 'clear-bindings', role: 'mag', nai: 'mn0@example.com' },
      { request: 'clear-bindings', role: 'mag', mac: '0024.d78e.21a4' },
      { request: 'clear-stats', role: 'mag', node: 'M1' },
      { request: 'clear-bindings', nai: 'mn0@example.com' },
    ]);
    expect(shell.help('clear ipv6 mobile pmipv6 lma binding ')).toContain('mag');
    expect(shell.help('clear ipv6 mobile pmipv6 mag binding ')).not.toContain('mag ');
  });

  it('tells what the daemon says of a request that fails, and goes on', async () => {
    const { shell } = newSession();
    expect(await shell.execute('write memory')).toEqual({
      text: '% the daemon does not know write-memory\n',
      failed: true,
    });
    expect(await shell.execute('exit')).toMatchObject({ leave: true });
  });
});
