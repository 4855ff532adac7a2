/** A burst of mobile nodes at a MAG whose profiles come from a RADIUS server: one that answers, and others that do not, or wrongly. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { controlRequest } from '#cli/control-client.ts';
import { preflight } from '#daemon/preflight.ts';
import { formatTable } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { projectDirectory } from '../processes.ts';
import {
  ACCESS,
  ANCHOR,
  type Behaviour,
  type BurstFigures,
  BurstPeers,
  behaviours,
  configurationText,
  GATEWAY,
  OTHERS,
  others,
  STATIONS,
} from './burst-peers.ts';

/** An access interface takes 4096. */
const NODES_MAXIMUM = 4000;
const READY_MS = 20_000;
/** How long nobody new has to be registered for the burst to be over: longer than the time-outs of `configurationText`. */
const QUIET_MS = 5000;

interface Figures extends BurstFigures {
  readonly rssBeforeMb: number;
  readonly rssMostMb: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const { nodes, inside } = new Command('npm run bench -- aaa-burst')
    .option('--nodes <n>', 'mobile nodes that come at once', Number, 2000)
    .option('--inside', 'in a namespace of its own already')
    .parse([...args], { from: 'user' })
    .opts<{ nodes: number; inside?: boolean }>();
  if (!(nodes >= 1 && nodes <= NODES_MAXIMUM))
    throw new LabError('bad-argument', `nodes is a number from 1 to ${NODES_MAXIMUM}`);
  const obstacles = process.getuid?.() === 0 ? preflight() : ['this makes a network namespace: run it as root'];
  if (obstacles.length > 0) throw new LabError('not-root', obstacles.join('; '));
  if (inside) await measureAll(nodes);
  else await inNamespace(nodes);
}

async function inNamespace(nodes: number): Promise<void> {
  const namespace = `mtburst${process.pid}`;
  ip('netns', 'add', namespace);
  try {
    const main = join(projectDirectory, 'src/lab/bench/main.ts');
    const words = ['netns', 'exec', namespace, process.execPath, main, 'aaa-burst', '--inside', '--nodes', `${nodes}`];
    const [status] = await once(spawn('ip', words, { stdio: 'inherit' }), 'exit');
    if (status !== 0) process.exitCode = 1;
  } finally {
    ip('netns', 'delete', namespace);
  }
}

async function measureAll(nodes: number): Promise<void> {
  ip('link', 'set', 'lo', 'up');
  for (const address of [ANCHOR, GATEWAY]) ip('address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
  ip('link', 'add', ACCESS, 'type', 'veth', 'peer', 'name', STATIONS);
  for (const link of [ACCESS, STATIONS]) ip('link', 'set', link, 'up');
  const rows: string[][] = [
    [
      '',
      'registered',
      'per second',
      'p50 ms',
      'p99 ms',
      'same access point',
      'p99',
      'by frames',
      'p99',
      'refreshes',
      'p99',
      'RSS MB',
      'at most',
    ],
    rowOf('(no burst)', await measure('answers in 50 ms', 0)),
  ];
  for (const behaviour of behaviours) {
    const figures = await measure(behaviour, nodes);
    const registered = figures.waits.length;
    const expected = behaviour === 'answers in 50 ms' ? nodes : 0;
    if (registered !== expected)
      throw new LabError(
        'wrong-service',
        `a server that ${behaviour}: ${registered} nodes were registered, not ${expected}`,
      );
    for (const kind of others) {
      const missing = OTHERS - figures.otherWaits[kind].length;
      if (missing > 0)
        throw new LabError('not-served', `a server that ${behaviour}: ${missing} others (${kind}) were not served`);
    }
    rows.push(rowOf(behaviour, figures));
  }
  process.stdout.write(
    `${formatTable(rows)}${nodes} mobile nodes at once at a MAG, from an access point's record to the Proxy Binding Update; the same of ${OTHERS} with a local profile that the same access
point tells of, and of ${OTHERS} that a frame on the access link shows; and how late the refreshes of ${OTHERS} are that were here before
`,
  );
}

function rowOf(title: string, { waits, otherWaits, seconds, rssBeforeMb, rssMostMb }: Figures): string[] {
  return [
    title,
    `${waits.length}`,
    waits.length === 0 ? '-' : Math.round(waits.length / seconds).toLocaleString('en'),
    ...[waits, ...others.map((kind) => otherWaits[kind])].flatMap((list) => [
      quantile(list, 0.5),
      quantile(list, 0.99),
    ]),
    rssBeforeMb.toFixed(0),
    rssMostMb.toFixed(0),
  ];
}

async function measure(behaviour: Behaviour, nodes: number): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-burst-'));
  const file = join(directory, 'mag.cfg');
  const control = join(directory, 'mag.sock');
  writeFileSync(file, configurationText);
  const options = ['--control', control, '--state', 'memory', '--log-level', 'error'];
  const mag = spawn(process.execPath, [join(projectDirectory, 'bin/mooring'), 'run', file, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const peers = await BurstPeers.open(behaviour, nodes);
  try {
    const pid = await ready(control, mag);
    const rssBeforeMb = rssMb(pid, 'VmRSS');
    peers.prepare();
    for (const end = Date.now() + READY_MS; !peers.isPrepared && Date.now() < end; await sleep(1)) peers.receive();
    peers.begin();
    while (!peers.isComplete && performance.now() - peers.lastRegistered < QUIET_MS) {
      peers.receive();
      await sleep(1);
    }
    return { ...peers.figures(), rssBeforeMb, rssMostMb: rssMb(pid, 'VmHWM') };
  } finally {
    peers.close();
    mag.kill('SIGINT');
    if (mag.exitCode === null) await once(mag, 'exit');
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Resolves to the identifier of the process. */
async function ready(control: string, mag: ChildProcess): Promise<number> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(20)) {
    if (mag.exitCode !== null) break;
    const identity = await controlRequest(control, { request: 'ping' }).catch(() => undefined);
    if (identity) return (identity as { pid: number }).pid;
  }
  throw new LabError('not-ready', 'the MAG did not start');
}

function rssMb(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

function quantile(numbers: readonly number[], part: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]?.toFixed(1) ?? '-';
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
