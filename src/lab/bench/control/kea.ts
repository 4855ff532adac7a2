import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlBed, ip, PROCESSORS } from './bed.ts';
import { highestRate } from './highest-rate.ts';

export interface KeaFigures {
  readonly version: string;
  /** Exchanges of four messages a second, of which at most one in a hundred had no answer. */
  readonly exchangesPerSecond: number;
}

const SERVER = '198.18.0.1';
const CLIENT = '198.18.0.2';
const RATES = [500, 1000, 2000, 4000, 8000, 16_000, 32_000];
/** A sixteenth of the distance of two rates is left: a sixteenth of the figure at most. */
const HALVINGS = 4;
const SECONDS = 3;
const START_MS = 1500;
const LOST_PERCENT = 1;

/**
 * Kea's DHCPv4 server, which many know, with `perfdhcp` of the same project as a relay with many clients: addresses handed out and written to its file of
 * leases (which it does not wait for). `undefined` where they are not installed: Debian's package would begin to serve.
 */
export async function measureKea(bed: ControlBed): Promise<KeaFigures | undefined> {
  const version = versionOf();
  if (version === undefined) return undefined;
  const clients = `${bed.namespace}k`;
  ip('netns', 'add', clients);
  let server: ChildProcess | undefined;
  try {
    ip('-n', bed.namespace, 'link', 'add', 'kea0', 'type', 'veth', 'peer', 'name', 'kea1', 'netns', clients);
    for (const [namespace, name, address] of [
      [bed.namespace, 'kea0', SERVER],
      [clients, 'kea1', CLIENT],
    ] as const) {
      ip('-n', namespace, 'address', 'add', `${address}/15`, 'dev', name);
      ip('-n', namespace, 'link', 'set', name, 'up');
    }
    server = start(bed);
    await sleep(START_MS);
    const exchangesPerSecond = await highestRate(RATES, HALVINGS, async (rate) => {
      const { perSecond, lostPercent } = await exchange(clients, rate);
      return lostPercent > LOST_PERCENT ? undefined : perSecond;
    });
    return { version, exchangesPerSecond };
  } finally {
    if (server && server.exitCode === null) {
      const ended = once(server, 'exit');
      server.kill('SIGTERM');
      await ended;
    }
    ip('netns', 'delete', clients);
  }
}

function versionOf(): string | undefined {
  try {
    execFileSync('perfdhcp', ['-v'], { stdio: 'ignore' });
    return execFileSync('kea-dhcp4', ['-v'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

function start(bed: ControlBed): ChildProcess {
  const directory = join(bed.directory, 'kea');
  mkdirSync(directory);
  const file = join(directory, 'kea.json');
  const Dhcp4 = {
    'interfaces-config': { interfaces: ['kea0'], 'dhcp-socket-type': 'udp' },
    'lease-database': { type: 'memfile', persist: true, name: join(directory, 'leases.csv'), 'lfc-interval': 0 },
    'valid-lifetime': 3600,
    subnet4: [{ subnet: '198.18.0.0/15', pools: [{ pool: '198.18.1.0 - 198.19.255.254' }] }],
    loggers: [{ name: 'kea-dhcp4', severity: 'ERROR', output_options: [{ output: 'stderr' }] }],
  };
  writeFileSync(file, JSON.stringify({ Dhcp4 }));
  const on = ['netns', 'exec', bed.namespace, 'taskset', '-c', `${PROCESSORS.served}`];
  const environment = { ...process.env, KEA_PIDFILE_DIR: directory, KEA_LOCKFILE_DIR: 'none' };
  return spawn('ip', [...on, 'kea-dhcp4', '-c', file], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
}

async function exchange(namespace: string, rate: number): Promise<{ perSecond: number; lostPercent: number }> {
  const clients = ['-4', '-l', CLIENT, '-r', `${rate}`, '-R', `${rate * SECONDS}`, '-p', `${SECONDS}`, SERVER];
  const on = ['netns', 'exec', namespace, 'taskset', '-c', `${PROCESSORS.load}`];
  const run = spawn('ip', [...on, 'perfdhcp', ...clients], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  run.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(run, 'close');
  const perSecond = Number(/Rate: ([\d.]+) 4-way/.exec(text)?.[1] ?? 0);
  const sent = Number(/REQUEST-ACK[\s\S]*?sent packets: (\d+)/.exec(text)?.[1] ?? 0);
  const received = Number(/REQUEST-ACK[\s\S]*?received packets: (\d+)/.exec(text)?.[1] ?? 0);
  const offered = rate * SECONDS;
  return { perSecond, lostPercent: sent === 0 ? 100 : (1 - received / offered) * 100 };
}
