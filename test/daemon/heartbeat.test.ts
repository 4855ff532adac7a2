import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { controlRequest } from '#cli/control-client.ts';
import type { HeartbeatView } from '#cli/show/index.ts';
import { preflight } from '#daemon/preflight.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import * as posix from '#host/posix.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';

const root = new URL('../../', import.meta.url).pathname;
const prefix = `mth${process.pid}`;
const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
const INTERVAL = 10;
const RETRIES = 1;
type Role = 'lma' | 'mag' | 'mn';

const obstacle = findObstacle();

function findObstacle(): string {
  if (process.geteuid?.() !== 0) return 'needs root';
  if (spawnSync('tshark', ['--version']).status !== 0) return 'needs tshark';
  return preflight().join('; ');
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

function command(role: Role, ...words: string[]): ChildProcess {
  return spawn('ip', ['netns', 'exec', `${prefix}-${role}`, ...words], { cwd: root, stdio: 'ignore' });
}

async function eventually<T>(look: () => Promise<T | undefined | false>, seconds: number): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
    const found = await look().catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

describe.skipIf(obstacle !== '')(`heartbeats between two daemons (${obstacle || 'root, BPF, tshark'})`, () => {
  let directory: string;
  let capture: ChildProcess;
  const daemons: Partial<Record<Role, ChildProcess>> = {};
  const socketOf = (role: Role) => join(directory, `${role}.sock`);

  const show = <T>(role: 'lma' | 'mag', what: string) =>
    controlRequest(socketOf(role), { request: 'show', query: `${role}-${what}` }) as Promise<T[]>;
  const path = async (role: 'lma' | 'mag') => (await show<HeartbeatView>(role, 'heartbeat'))[0]?.paths[0];

  async function start(role: 'lma' | 'mag'): Promise<void> {
    const file = join(directory, `${role}.cfg`);
    daemons[role] = command(role, process.execPath, 'bin/mooring', 'run', file, '--control', socketOf(role));
    await eventually(() => controlRequest(socketOf(role), { request: 'ping' }), 20);
  }

  /** The access point of the MAG announces the mobile node. */
  function announce(): void {
    inNetworkNamespace(`/run/netns/${prefix}-mn`, () => {
      const fd = posix.check('socket', posix.socket(posix.AF_PACKET, posix.SOCK_RAW, 0));
      posix.check('bind', posix.bind(fd, posix.sockaddrLl(posix.ifNameToIndex('eth0'), 0), 20));
      const frame = encodeLayer2Update(station);
      posix.check('send', posix.send(fd, frame, frame.length, 0));
      posix.close(fd);
    });
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mooring-heartbeat-'));
    for (const [role, example] of [
      ['lma', 'lma.cfg'],
      ['mag', 'mag1.cfg'],
    ] as const) {
      const text = readFileSync(join(root, 'examples', example), 'utf8');
      const line = ` heartbeat interval ${INTERVAL} retries ${RETRIES}`;
      writeFileSync(join(directory, `${role}.cfg`), text.replace(/^ipv6 mobile pmipv6-(lma|mag) .*$/m, `$&\n${line}`));
    }
    for (const role of ['lma', 'mag', 'mn']) {
      ip('netns', 'add', `${prefix}-${role}`);
      ip('-n', `${prefix}-${role}`, 'link', 'set', 'lo', 'up');
    }
    // The kernel of the mobile node's end says nothing by itself, which would be a second mobile node.
    for (const of of ['all', 'default']) {
      ip('netns', 'exec', `${prefix}-mn`, 'sysctl', '-qw', `net.ipv6.conf.${of}.disable_ipv6=1`);
    }
    ip('-n', `${prefix}-lma`, 'link', 'add', 'core', 'type', 'veth', 'peer', 'name', 'core', 'netns', `${prefix}-mag`);
    ip('-n', `${prefix}-mag`, 'link', 'add', 'acc', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${prefix}-mn`);
    for (const [role, link, address] of [
      ['lma', 'core', '2001:db8:cafe:1024::101'],
      ['mag', 'core', '2001:db8:cafe:1025::15'],
      ['mag', 'acc', undefined],
      ['mn', 'eth0', undefined],
    ] as const) {
      ip('-n', `${prefix}-${role}`, 'link', 'set', link, 'up');
      if (address) ip('-n', `${prefix}-${role}`, 'address', 'add', `${address}/64`, 'dev', link, 'nodad');
    }
    ip('-n', `${prefix}-lma`, 'route', 'add', '2001:db8:cafe:1025::/64', 'dev', 'core');
    ip('-n', `${prefix}-mag`, 'route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core');
    capture = command('lma', 'tshark', '-q', '-i', 'core', '-f', 'ip6 proto 135', '-w', join(directory, 'core.pcap'));
    await Promise.all([start('lma'), start('mag')]);
    announce();
    await eventually(async () => (await show<MagBindingRow>('mag', 'binding'))[0]?.state === 'ACTIVE', 10);
  }, 60_000);

  afterAll(async () => {
    await end(capture, 'SIGTERM');
    for (const child of Object.values(daemons)) await end(child, 'SIGKILL');
    for (const role of ['lma', 'mag', 'mn']) ip('netns', 'delete', `${prefix}-${role}`);
    rmSync(directory, { recursive: true });
  });

  it('[RFC 5847 §3] both ends see each other', async () => {
    for (const role of ['lma', 'mag'] as const) {
      const row = await eventually(async () => {
        const seen = await path(role);
        return seen?.status ? seen : undefined;
      }, 5);
      expect(row).toMatchObject({ state: 'up', sessions: 1, missing: 0, interval: INTERVAL, retries: RETRIES });
      expect(row.roundTripMs).toBeLessThan(1000);
    }
  });

  it('[RFC 5847 §3.1] the LMA sees within the time allowed that a killed MAG is dead, and keeps the binding', async () => {
    await end(daemons.mag, 'SIGKILL');
    await eventually(async () => (await path('lma'))?.state === 'down', INTERVAL * (RETRIES + 2) + 2);
    expect(await show<LmaBindingRow>('lma', 'binding')).toMatchObject([
      { state: 'active', careOfAddresses: [{ peer: 'M1', path: 'down' }] },
    ]);
  }, 60_000);

  it('[RFC 5847 §3.2] the MAG that starts again tells the LMA at once, and what it lost is invalid', async () => {
    await start('mag');
    await eventually(async () => (await show<LmaBindingRow>('lma', 'binding'))[0]?.state === 'invalid', 5);
    const [{ hoa } = { hoa: null }] = await show<LmaBindingRow>('lma', 'binding');
    announce();
    const back = await eventually(async () => (await show<MagBindingRow>('mag', 'binding'))[0], 10);
    expect(back.llid).toBe(station.toCiscoString());
    await eventually(async () => (await show<LmaBindingRow>('lma', 'binding'))[0]?.state === 'active', 5);
    expect(await show<LmaBindingRow>('lma', 'binding')).toMatchObject([{ hoa }]);
  }, 60_000);

  it('[RFC 5847 §3.2] the MAG registers its sessions again as soon as a killed LMA is back', async () => {
    await eventually(async () => (await path('mag'))?.status, 5);
    const [before] = await show<MagBindingRow>('mag', 'binding');
    await end(daemons.lma, 'SIGKILL');
    await start('lma');
    const [after] = await eventually(async () => {
      const rows = await show<LmaBindingRow>('lma', 'binding');
      return rows.length > 0 ? rows : undefined;
    }, 5);
    expect(after).toMatchObject({ state: 'active', hoa: before?.hoa, hnps: before?.hnps });
  }, 60_000);

  it('tshark finds nothing malformed in what was said', async () => {
    await end(capture, 'SIGTERM');
    const file = join(directory, 'core.pcap');
    const tshark = (...words: string[]) =>
      execFileSync('tshark', ['-r', file, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const types = tshark('-T', 'fields', '-e', 'mip6.mhtype').trim().split('\n');
    expect(types.filter((type) => type === '13').length).toBeGreaterThan(8);
    expect(tshark('-Y', '_ws.malformed || _ws.expert.severity >= 6291456')).toBe('');
  }, 60_000);
});
