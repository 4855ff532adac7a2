import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const launcher = join(root, 'bin/mooring');
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-cli-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function written(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

interface Outcome {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function mooring(...words: string[]): Outcome {
  return runWith({}, ...words);
}

function runWith(options: { env?: NodeJS.ProcessEnv }, ...words: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...words], {
    encoding: 'utf8',
    cwd: root,
    ...options,
  });
  return { status, output: stdout, errors: stderr };
}

describe('mooring', () => {
  it.each(['run', 'check', 'doctor', 'ipsec-policy', 'show', 'clear', 'attach', 'detach', 'decode'])(
    'explains "%s" and gives an example',
    (command) => {
      const { status, output } = mooring(command, '--help');
      expect(status).toBe(0);
      expect(output).toContain(`mooring ${command}`);
      expect(output).toMatch(/Examples?:/);
    },
  );

  it('lists its commands and exit statuses', () => {
    const { status, output } = mooring('--help');
    expect(status).toBe(0);
    for (const word of ['run', 'check', 'show', 'clear', 'attach', 'detach', 'decode', 'Exit status:'])
      expect(output).toContain(word);
  });

  it.each(['--help', 'run --help', 'check examples/lma.cfg', 'show ?', 'walk'])(
    'ends "%s" quietly when nobody reads it to the end',
    (words) => {
      const script = `( ${process.execPath} ${launcher} ${words} 2>&3; echo $? >&4 ) | true`;
      const { output } = spawnSync('bash', ['-c', script], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      });
      const [errors, status] = [output[3], output[4]].map(String);
      expect(status).toBe(words === 'walk' ? '2\n' : '0\n');
      expect(errors).not.toContain('EPIPE');
    },
  );

  it('says that its output cannot be written', () => {
    const { status, stderr } = spawnSync('bash', ['-c', `${process.execPath} ${launcher} --help > /dev/full`], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^mooring: cannot write the output: ENOSPC[^\n]*\n$/);
  });

  it('tells its version', () => {
    expect(mooring('--version')).toMatchObject({ status: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [['walk']],
    [['run']],
    [['run', 'a', '--what']],
    [['run', 'a', '--log-level', 'loud']],
    [['show']],
    [['clear', 'all']],
  ])('refuses the command line %j with status 2', (words) => {
    const { status, errors } = mooring(...words);
    expect(status).toBe(2);
    expect(errors).not.toBe('');
    expect(errors).not.toContain('    at ');
  });

  it.each(['check', 'run'])('"%s" marks a wrong line of a configuration and ends with status 1', (command) => {
    const file = join(directory, 'wrong.cfg');
    writeFileSync(file, 'hostname x\nipv6 mobile pmipv6-domain D1\n fixed-link-local-address 2001:db8::1\n');
    const { status, output, errors } = mooring(command, file);
    expect(status).toBe(1);
    expect(output + errors).toContain(`${file}:3:27: error: "2001:db8::1" is not a link-local address`);
    expect(output + errors).toMatch(/\n +\^~+/);
  });

  it('names a file that cannot be read', () => {
    const { status, errors } = mooring('run', '/nowhere.cfg');
    expect(status).toBe(1);
    expect(errors).toContain('cannot read /nowhere.cfg');
  });

  it.each([
    ['a directory', () => directory, 'cannot read .*: it is a directory'],
    ['a missing file', () => join(directory, 'none.cfg'), 'cannot read .*: there is no such file'],
    ['octets that are no text', () => written('octets.cfg', Uint8Array.of(0x7f, 0x45, 0, 1)), 'it is not text'],
    ['a file without end', () => '/dev/zero', 'too large for a configuration'],
  ])('"check" and "run" refuse %s with status 1 and the reason', (_name, place, reason) => {
    for (const command of ['check', 'run']) {
      const { status, errors } = mooring(command, place());
      expect(status).toBe(1);
      expect(errors).toMatch(new RegExp(`^mooring: .*${reason}`));
      expect(errors.split('\n').length).toBeLessThan(4);
    }
  });

  it('"check" says of an empty file that there is nothing to run; a daemon may begin with it', () => {
    const file = written('empty.cfg', '');
    const nothing = 'nothing to run: add "ipv6 mobile pmipv6-lma';
    expect(mooring('check', file)).toMatchObject({ status: 0, errors: expect.stringContaining(`yet:\n  ${nothing}`) });
    expect(mooring('check', '--strict', file)).toMatchObject({
      status: 1,
      errors: expect.stringContaining(`cannot be run:\n  ${nothing}`),
    });
  });

  it('"check --strict" takes a reference to something undefined for an error', () => {
    const text = readFileSync(join(root, 'examples/lma.cfg'), 'utf8').replace(/^ip local pool .*$/m, '');
    const file = written('undefined.cfg', text);
    expect(mooring('check', '--strict', file)).toMatchObject({
      status: 1,
      output: expect.stringMatching(/error: .*\n/),
    });
    expect(mooring('check', file)).toMatchObject({
      status: 0,
      output: expect.stringContaining('no errors, 1 warning'),
      errors: expect.stringContaining(
        'this will not run yet:\n  ipv6 mobile pmipv6-lma lma1, network example_A: there is no pool',
      ),
    });
  });

  it('accepts its own examples', () => {
    for (const name of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.cfg'))) {
      expect(mooring('check', `examples/${name}`)).toMatchObject({ status: 0 });
    }
  });

  it.skipIf(process.geteuid?.() !== 0)('says which capabilities are missing (needs root to give them up)', () => {
    const { status, stderr: errors } = spawnSync(
      'setpriv',
      ['--bounding-set=-all', process.execPath, launcher, 'run', 'examples/lma.cfg', '--control', join(directory, 'x')],
      { encoding: 'utf8', cwd: root },
    );
    expect(status).toBe(4);
    expect(errors).toContain('lacks CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF');
  });

  it('says how to start a daemon when none answers, with status 3', () => {
    const { status, errors } = mooring('show', 'version', '--control', join(directory, 'none.sock'));
    expect(status).toBe(3);
    expect(errors).toContain('start one with "mooring run FILE"');
  });

  it('tells what is not a daemon', async () => {
    const path = join(directory, 'other.sock');
    const server = createServer((socket) => socket.end('220 mail\n'));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const { controlRequest } = await import('#cli/control-client.ts');
    await expect(controlRequest(path, { request: 'ping' })).rejects.toMatchObject({ code: 'bad-reply' });
    server.close();
  });

  it('lists what may follow in a show command', () => {
    const { status, output } = mooring('show', 'ipv6', 'mobile', 'pmipv6', '?');
    expect(status).toBe(0);
    expect(output.split('\n').map((line) => line.trim().split(' ')[0])).toEqual(['lma', 'mag', 'store', '']);
    expect(mooring('show', 'weather')).toMatchObject({ status: 2, errors: expect.stringContaining('running-config') });
  });
});
