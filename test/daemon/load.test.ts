import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchor, Daemon, obstacle, root } from './network.ts';

const namespace = `mtld${process.pid}`;
const GATEWAYS = ['2001:db8:cafe:1025::15', '2001:db8:cafe:1025::16'];
const text = `ip local pool V4 10.0.0.1 10.0.15.253
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D
  auth-option spi 100 key ascii sharedSecret
${GATEWAYS.map((address, i) => `  mag M${i}\n    ipv6-address ${address}`).join('\n')}
  nai anyone
    service dual
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${anchor}
  default profile anyone
  network N
    pool ipv4 V4 pfxlen 20
    pool ipv6 V6 pfxlen 48
`;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(obstacle !== '')(`mooring load (${obstacle || 'root, BPF'})`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-load-'));
  let daemon: Daemon;

  beforeAll(async () => {
    const file = join(directory, 'lma.cfg');
    writeFileSync(file, text);
    execFileSync('ip', ['netns', 'add', namespace]);
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    for (const address of [anchor, ...GATEWAYS])
      execFileSync('ip', ['-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad']);
    daemon = new Daemon(namespace, file, join(directory, 'lma.sock'));
    await daemon.ready();
  });

  afterAll(async () => {
    daemon.kill('SIGKILL');
    await daemon.ended;
    execFileSync('ip', ['netns', 'delete', namespace]);
    rmSync(directory, { recursive: true });
  });

  function load(...words: string[]): Promise<Ended> {
    return loadBy([], ...words);
  }

  /** Started by another command, as one that takes rights away. */
  function loadBy(starter: readonly string[], ...words: string[]): Promise<Ended> {
    const command = [
      ...starter,
      process.execPath,
      join(root, 'bin/mooring'),
      'load',
      `${anchor}`,
      '--mag',
      GATEWAYS.join('-'),
      ...words,
    ];
    return new Promise((resolve) => {
      execFile('ip', ['netns', 'exec', namespace, ...command], { cwd: root }, (error, stdout, stderr) =>
        resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  }

  /** Bindings of the LMA that are not about to end. */
  async function active(): Promise<number> {
    const rows = await daemon.request<{ readonly state: string }[]>('show', { query: 'lma-binding' });
    return rows.filter(({ state }) => state === 'active').length;
  }

  it('registers, refreshes, moves and de-registers mobile nodes, and says how long it took', async () => {
    const operations = ['attach', 'refresh', 'handover', 'detach'];
    const words = ['--nodes', '200', '--operations', operations.join(), '--spi', '100', '--key', 'sharedSecret'];
    const { status, stdout } = await load(...words, '--pause', '0.2', '--json', '-');
    const report = JSON.parse(stdout);
    expect(status).toBe(0);
    expect(report.operations).toMatchObject(
      operations.map((operation) => ({
        ...{ operation, sent: 200, accepted: 200, refused: {}, lost: 0, notAuthentic: 0 },
        ...{ changedAddresses: 0, givenTwice: 0 },
      })),
    );
    expect(report.operations[0].latencyMicroseconds.p99).toBeGreaterThan(0);
    const starts: number[] = report.operations.map(({ startedAt }: { startedAt: number }) => startedAt);
    expect(Math.abs(Date.now() - (starts[0] ?? 0))).toBeLessThan(60_000);
    for (const [i, start] of starts.slice(1).entries()) expect(start - (starts[i] ?? 0)).toBeGreaterThanOrEqual(200);
    expect(await active()).toBe(0);
  });

  it('leaves mobile nodes registered when it does not detach them, and says so', async () => {
    const words = [
      '--nodes',
      '20',
      '--operations',
      'attach',
      '--rate',
      '1000',
      '--spi',
      '100',
      '--key',
      'sharedSecret',
    ];
    const { status, stdout, stderr } = await load(...words);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ +accepted +seconds[^\n]* late p99 ms [^\n]*\nattach +20 /);
    expect(stderr).toContain('20 mobile nodes stay registered');
    expect(await active()).toBe(20);
  });

  it('needs no right to make network namespaces', async () => {
    const words = ['--nodes', '5', '--operations', 'attach,detach', '--spi', '100', '--key', 'sharedSecret'];
    const { status, stdout } = await loadBy(['setpriv', '--bounding-set', '-sys_admin'], ...words);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nattach +5 /);
  });

  it('says what an LMA refuses', async () => {
    const words = ['--nodes', '4', '--realm', 'x', '--lifetime', '100', '--operations', 'refresh'];
    const { status, stderr } = await load(...words, '--spi', '100', '--key', 'sharedSecret');
    expect(status).toBe(1);
    expect(stderr).toContain('accepted nothing');
  });

  it.each([
    ['--mag 2001:db8::9 --nodes 1', 4, 'ip address add 2001:db8::9/128 dev lo'],
    ['--nodes 0', 2, 'positive'],
    ['--operations roam', 2, 'operations are attach, refresh, handover, detach'],
    ['--spi 100', 2, '--spi and --key go together'],
    ['--spi 12', 2, 'hexadecimal'],
    ['--mag 192.0.2.1', 2, 'family'],
  ])('refuses %s', async (words, status, reason) => {
    const ended = await load(...words.split(' '));
    expect(ended.stderr).toContain(reason);
    expect(ended.status).toBe(status);
  });
});
