import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRequest } from '#cli/control-client.ts';
import { ControlSession } from '#cli/control-session.ts';
import { runLines, ShellSession } from '#cli/shell/index.ts';
import { Daemon, eventually, obstacle } from './network.ts';

const namespace = `mts${process.pid}`;
const PORT = '2022';
const KEY = newKey('ed25519');
const OTHER_KEY = newKey('ed25519');
const text = `hostname mag1
enable secret openSesame
username admin privilege 15 secret cisco123
username viewer secret look-only
ip ssh pubkey-chain
 username viewer
  key-string
${inLines(KEY.public)}
   exit
ip ssh version 2
ip ssh port ${PORT}
line vty 0 4
 login local
 transport input ssh
`;

const missing = ['ssh', 'script', 'stty'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
const why = obstacle !== '' ? obstacle : missing.length > 0 ? `needs ${missing.join(', ')}` : '';

describe.skipIf(why !== '')(`operators (${why || 'root, OpenSSH'})`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-ssh-'));
  const file = join(directory, 'node.cfg');
  const knownHosts = join(directory, 'known_hosts');
  const socket = join(directory, 'node.sock');
  let daemon: Daemon;

  beforeAll(async () => {
    execFileSync('ip', ['netns', 'add', namespace]);
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    // The process of SSH has no rights, and must get to its socket.
    chmodSync(directory, 0o755);
    writeFileSync(file, text);
    await start();
  });

  afterAll(async () => {
    daemon.kill('SIGKILL');
    await daemon.ended;
    execFileSync('ip', ['netns', 'delete', namespace]);
    for (const path of [directory, dirname(KEY.file), dirname(OTHER_KEY.file)]) rmSync(path, { recursive: true });
  });

  async function start(): Promise<void> {
    daemon = new Daemon(namespace, file, socket);
    await daemon.ready();
    await eventually(async () => daemon.output.includes('ssh-started') || undefined);
  }

  /** The words of an OpenSSH client; `password` is what it is given whenever it asks. */
  function client(user: string, password: string, ...more: string[]): { words: string[]; env: NodeJS.ProcessEnv } {
    const askpass = join(directory, `askpass-${user}-${password}`);
    writeFileSync(askpass, `#!/bin/sh\necho '${password}'\n`);
    chmodSync(askpass, 0o755);
    const options = ['PubkeyAuthentication=no', `UserKnownHostsFile=${knownHosts}`, 'StrictHostKeyChecking=accept-new'];
    return {
      words: [
        ...['netns', 'exec', namespace, 'ssh', '-p', PORT, '-F', 'none'],
        ...options.flatMap((option) => ['-o', option]),
        ...more,
        `${user}@127.0.0.1`,
      ],
      env: { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' },
    };
  }

  function command(user: string, password: string, line: string) {
    const { words, env } = client(user, password, '-o', 'NumberOfPasswordPrompts=1');
    return spawnSync('ip', [...words, line], { env, encoding: 'utf8', timeout: 20_000 });
  }

  it('keep no password as it was typed, in the configuration or in the file that is written', async () => {
    const { text: running } = (await controlRequest(socket, { request: 'show', query: 'running-config' })) as {
      text: string;
    };
    expect(running).toMatch(/^enable secret 8 \$8\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}$/m);
    expect(running).toMatch(/^username admin privilege 15 secret 8 \$8\$/m);
    expect(running).not.toMatch(/openSesame|cisco123|look-only/);
    await expect(controlRequest(socket, { request: 'operators' })).rejects.toThrow('nobody is told');
  });

  it('log in by SSH with the name and password of a username, and are let do what its privilege says', () => {
    const shown = command('admin', 'cisco123', 'show version');
    expect(shown).toMatchObject({ status: 0, stdout: expect.stringContaining('mooring') });
    expect(command('admin', 'cisco123', 'show running-config').stdout).toContain('username admin privilege 15');
    const refused = command('viewer', 'look-only', 'show running-config');
    expect(refused).toMatchObject({ status: 1, stdout: expect.stringContaining('Invalid input') });
    expect(command('viewer', 'look-only', 'show version').status).toBe(0);
  });

  it('log in by SSH with a key of theirs, and with no other and under no other name', () => {
    const byKey = (user: string, { file: identity }: typeof KEY) => {
      const { words, env } = client(user, 'wrong', '-o', 'PreferredAuthentications=publickey', '-i', identity);
      const given = words.map((word) => (word === 'PubkeyAuthentication=no' ? 'PubkeyAuthentication=yes' : word));
      return spawnSync('ip', [...given, 'show version'], { env, encoding: 'utf8', timeout: 20_000 });
    };
    expect(byKey('viewer', KEY)).toMatchObject({ status: 0, stdout: expect.stringContaining('mooring') });
    expect(byKey('viewer', OTHER_KEY).status).toBe(255);
    expect(byKey('admin', KEY).status).toBe(255);
  });

  it('are not let in by a key that was only named, nor by what another signed', async () => {
    const key = KEY.public.split(' ')[1] as string;
    const ask = { request: 'login-key', user: 'viewer', key, from: '192.0.2.1' };
    expect(await controlRequest(`${socket}-ssh`, ask)).toBeNull();
    await expect(controlRequest(`${socket}-ro`, ask)).rejects.toThrow('SSH alone');
    await expect(controlRequest(`${socket}-ssh`, { ...ask, user: 'admin' })).rejects.toThrow('Access denied');
    const signed = Buffer.concat([Buffer.from('viewer'), Buffer.from(key, 'base64')]);
    for (const signature of [Buffer.alloc(64), sign(null, signed, generateKeyPairSync('ed25519').privateKey)]) {
      const proof = { signed: signed.toString('base64'), signature: signature.toString('base64') };
      await expect(controlRequest(`${socket}-ssh`, { ...ask, ...proof })).rejects.toThrow('Access denied');
    }
  });

  it('have a shell whose pages follow the size of the terminal', async () => {
    const { words, env } = client('admin', 'cisco123', '-tt');
    const inner = `tty; stty rows 6 cols 90; exec ip ${words.map((word) => `'${word}'`).join(' ')}`;
    const terminal: ChildProcess = spawn('script', ['-qfec', inner, '/dev/null'], { env });
    let shown = '';
    terminal.stdout?.on('data', (data) => {
      shown += data;
    });
    const sees = (pattern: RegExp) => eventually(async () => pattern.exec(shown) ?? undefined);
    const device = (await sees(/\/dev\/pts\/\d+/))[0];
    await sees(/mag1#/);
    shown = '';
    terminal.stdin?.write('show running-config\r');
    await sees(/ --More-- /);
    expect(shown.slice(shown.indexOf('\n')).split('\n').length - 1).toBe(6);
    terminal.stdin?.write('q');
    await sees(/mag1#[^\n]*$/);
    execFileSync('stty', ['-F', device, 'rows', '9']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    shown = '';
    terminal.stdin?.write('show running-config\r');
    await sees(/ --More-- /);
    expect(shown.slice(shown.indexOf('\n')).split('\n').length - 1).toBe(9);
    terminal.stdin?.write('q');
    await sees(/mag1#[^\n]*$/);
    terminal.stdin?.write('exit\r');
    const status = await new Promise((resolve) => terminal.once('exit', resolve));
    expect(status).toBe(0);
  });

  it('ask for privileged mode with the enable secret, which is not shown', async () => {
    const { words, env } = client('viewer', 'look-only', '-tt');
    const terminal: ChildProcess = spawn('ip', words, { env });
    let shown = '';
    terminal.stdout?.on('data', (data) => {
      shown += data;
    });
    const sees = (pattern: RegExp) => eventually(async () => pattern.test(shown) || undefined);
    await sees(/mag1>/);
    terminal.stdin?.write('enable\r');
    await sees(/Password: $/);
    terminal.stdin?.write('wrong\r');
    await sees(/Password: \r\nPassword: $/);
    terminal.stdin?.write('openSesame\r');
    await sees(/mag1#/);
    expect(shown).not.toMatch(/wrong|openSesame/);
    terminal.stdin?.write('exit\r');
    await new Promise((resolve) => terminal.once('exit', resolve));
  });

  it('run in a process without rights, whose end is made good', async () => {
    const pid = execFileSync('pgrep', ['-f', `-P`, String((await daemon.request<{ pid: number }>('ping')).pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n')
      .find((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('server-process'));
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^Groups:\t\s*$/m);
    process.kill(Number(pid), 'SIGKILL');
    await eventually(async () => (daemon.output.match(/ssh-started/g)?.length ?? 0) >= 2 || undefined);
    expect(command('admin', 'cisco123', 'show version').status).toBe(0);
  });

  it('meet the same host key after a restart', async () => {
    const before = readFileSync(`${file}.ssh-host-key`, 'utf8');
    expect(statSync(`${file}.ssh-host-key`).mode & 0o777).toBe(0o600);
    daemon.kill('SIGTERM');
    await daemon.ended;
    await start();
    expect(readFileSync(`${file}.ssh-host-key`, 'utf8')).toBe(before);
    // The client would refuse another one.
    expect(command('admin', 'cisco123', 'show version').status).toBe(0);
  });

  it('are not let in with a wrong password, nor after many of them with the right one for a minute', async () => {
    const began = Date.now();
    for (let i = 0; i < 5; i++) expect(command('admin', `wrong-${i}`, 'show version').status).toBe(255);
    expect(Date.now() - began).toBeGreaterThan(5000);
    expect(command('admin', 'cisco123', 'show version').status).toBe(255);
    await eventually(async () => daemon.output.match(/login-failed/g)?.length === 5 || undefined);
  });

  it('look, and no more, at the socket for that; a script gives the enable secret in its next line', async () => {
    const reading = `${socket}-ro`;
    await expect(controlRequest(reading, { request: 'clear-bindings' })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(controlRequest(reading, { request: 'show', query: 'running-config' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(controlRequest(reading, { request: 'show', query: 'version' })).resolves.toMatchObject({});
    const backend = await ControlSession.open(reading);
    await backend.ask({ request: 'session' });
    const shell = new ShellSession(backend, { hostname: 'mag1', privileged: false });
    let shown = '';
    const lines = Readable.from(['enable\nopenSesame\nconfigure terminal\nline vty 0 4\ntransport input none\nend\n']);
    expect(
      await runLines(shell, lines, (part) => {
        shown += part;
      }),
    ).toBe(true);
    expect(shown).toContain('mag1#configure terminal');
    expect(shown).not.toContain('openSesame');
    backend.close();
    await eventually(async () => daemon.output.includes('ssh-stopped') || undefined);
    expect(command('admin', 'cisco123', 'show version').stderr).toContain('refused');
  });
});

/** A key pair of OpenSSH. */
function newKey(type: string): { readonly file: string; readonly public: string } {
  const file = join(mkdtempSync(join(tmpdir(), 'mooring-key-')), 'key');
  const { status } = spawnSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
  return { file, public: status === 0 ? readFileSync(`${file}.pub`, 'utf8').trim() : '' };
}

/** As IOS takes a key that is too long for a line. */
function inLines(key: string): string {
  const [type, data = ''] = key.split(' ');
  return [type, ...(data.match(/.{1,30}/g) ?? [])].map((line) => `    ${line}`).join('\n');
}
