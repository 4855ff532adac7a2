import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DataPlaneError } from '#dataplane/dataplane.ts';
import { LabError } from '../lab-error.ts';
import {
  BENCH_ADDRESSES,
  type BenchNode,
  benchNamespace,
  DataPlaneBed,
  type Family,
  type Way,
} from './dataplane-bed.ts';
import { type CaseFigures, figuresOf, renderTable } from './dataplane-figures.ts';

const USAGE = `usage: npm run bench -- dataplane [options]
  --rounds N     interleaved rounds (default 6)
  --seconds S    of each measurement (default 1)
  --json FILE    write every figure to FILE
`;
const STREAM = fileURLToPath(new URL('dataplane-stream.ts', import.meta.url));
const PORT = 5001;
const CONNECT_SECONDS = 10;

interface Case {
  readonly family: Family;
  /** The node that sends, and the one that receives. */
  readonly from: 'mn' | 'cn';
  readonly to: 'mn' | 'cn';
}

const CASES: readonly Case[] = (['IPv4', 'IPv6'] as const).flatMap((family) => [
  { family, from: 'mn', to: 'cn' } as const,
  { family, from: 'cn', to: 'mn' } as const,
]);
const WAYS: readonly Way[] = ['plain', 'tunnel'];

/**
 * TCP through the tunnel of two data planes against plain forwarding by the same kernel in the same namespaces. Each round measures every
 * case both ways, one right after the other, so that what else the machine does meets both.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (!options) return;
  const bed = new DataPlaneBed();
  const children = new Set<ChildProcess>();
  const close = () => {
    for (const child of children) child.kill('SIGKILL');
    bed.close();
  };
  const interrupt = () => {
    close();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  try {
    bed.open();
    for (const node of ['mn', 'cn'] as const) await serve(node, children);
    const figures = await measure(options.rounds, options.seconds, children);
    process.stdout.write(renderTable(figures));
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ ...options, figures }, undefined, 2)}\n`);
  } catch (error) {
    throw error instanceof DataPlaneError ? new LabError('data-plane', error.message) : error;
  } finally {
    close();
  }
}

async function measure(rounds: number, seconds: number, children: Set<ChildProcess>): Promise<CaseFigures[]> {
  const rates = CASES.map(() => ({ plain: [] as number[], tunnel: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (const [i, each] of CASES.entries()) {
      // The one that comes first in a round may find the machine in another state than the second.
      for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
        rates[i]?.[way].push(await drain(each, way, seconds, children));
      }
    }
  }
  return CASES.map(({ family, from, to }, i) =>
    figuresOf(`TCP ${family} ${from} → ${to}`, rates[i] ?? { plain: [], tunnel: [] }),
  );
}

async function serve(node: BenchNode, children: Set<ChildProcess>): Promise<void> {
  const child = start(node, ['serve', String(PORT)], children);
  if ((await firstLine(child)) !== 'listening')
    throw new LabError('bench-failed', `the sender in ${node} did not start`);
}

async function drain(
  { family, from, to }: Case,
  way: Way,
  seconds: number,
  children: Set<ChildProcess>,
): Promise<number> {
  const child = start(
    to,
    ['drain', BENCH_ADDRESSES[to][way][family], BENCH_ADDRESSES[from][way][family], String(PORT), String(seconds)],
    children,
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), (seconds + CONNECT_SECONDS) * 1000);
  const bitsPerSecond = Number(await firstLine(child));
  clearTimeout(timer);
  if (bitsPerSecond > 0) return bitsPerSecond;
  throw new LabError('bench-failed', `no TCP from ${from} to ${to} over ${family}, way ${way}`);
}

function start(node: BenchNode, args: readonly string[], children: Set<ChildProcess>): ChildProcess {
  const command = ['netns', 'exec', benchNamespace(node), process.execPath, STREAM, ...args];
  const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Empty when it ends without having printed one. */
async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (data) => {
    text += data;
  });
  while (!text.includes('\n')) {
    const ended = await Promise.race([
      once(child, 'close').then(() => true),
      once(child.stdout as NonNullable<typeof child.stdout>, 'data').then(() => false),
    ]);
    if (ended) break;
  }
  return text.split('\n')[0] as string;
}

function readOptions(
  args: readonly string[],
): { rounds: number; seconds: number; json: string | undefined } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '6' },
        seconds: { type: 'string', default: '1' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const rounds = Number(values.rounds);
    const seconds = Number(values.seconds);
    if (values.help) process.stdout.write(USAGE);
    else if (Number.isInteger(rounds) && rounds > 0 && seconds > 0) return { rounds, seconds, json: values.json };
    else throw new LabError('bad-option', `--rounds and --seconds are numbers above 0\n${USAGE}`);
    return undefined;
  } catch (error) {
    throw error instanceof LabError ? error : new LabError('bad-option', `${(error as Error).message}\n${USAGE}`);
  }
}
