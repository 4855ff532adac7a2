import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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
  --spread       let the scheduler use all processors; otherwise everything runs on one,
                 so that the ratio is that of the processor time a packet costs
  --json FILE    write every figure to FILE
`;
const STREAM = fileURLToPath(new URL('dataplane-stream.ts', import.meta.url));
const PORT = 5001;
const CONNECT_SECONDS = 10;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly spread: boolean;
  readonly json: string | undefined;
}

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
const WAYS: readonly Way[] = ['plain', 'tunnel', 'vxlan'];

/**
 * TCP through the tunnel of two data planes against plain forwarding and the VXLAN device of the same kernel, in the same namespaces. Each round
 * measures every case all ways, one right after the other, so that what else the machine does meets all.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (!options) return;
  const bed = new DataPlaneBed();
  const ends = new Ends(options.spread);
  const close = () => {
    ends.killAll();
    bed.close();
  };
  const interrupt = () => {
    close();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  try {
    bed.open();
    for (const node of ['mn', 'cn'] as const) await serve(node, ends);
    const figures = await measure(options.rounds, options.seconds, ends);
    process.stdout.write(renderTable(figures, options.spread ? 'on all processors' : 'everything on one processor'));
    if (options.json !== undefined)
      writeFileSync(options.json, `${JSON.stringify({ ...options, figures }, undefined, 2)}\n`);
  } catch (error) {
    throw error instanceof DataPlaneError ? new LabError('data-plane', error.message) : error;
  } finally {
    close();
  }
}

async function measure(rounds: number, seconds: number, ends: Ends): Promise<CaseFigures[]> {
  const rates = CASES.map(() => ({ plain: [] as number[], tunnel: [] as number[], vxlan: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (const [i, each] of CASES.entries()) {
      // The one that comes first in a round may find the machine in another state than the second.
      for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
        rates[i]?.[way].push(await drain(each, way, seconds, ends));
      }
    }
  }
  return CASES.map(({ family, from, to }, i) =>
    figuresOf(`TCP ${family} ${from} → ${to}`, rates[i] as (typeof rates)[number]),
  );
}

/** The processes at the ends of the streams. */
class Ends {
  readonly #children = new Set<ChildProcess>();
  readonly #placement: readonly string[];

  constructor(spread: boolean) {
    this.#placement = spread ? [] : ['taskset', '-c', String(availableParallelism() - 1)];
  }

  start(node: BenchNode, args: readonly string[]): ChildProcess {
    const command = ['netns', 'exec', benchNamespace(node), ...this.#placement, process.execPath, STREAM, ...args];
    const child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  killAll(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

async function serve(node: BenchNode, ends: Ends): Promise<void> {
  const child = ends.start(node, ['serve', String(PORT)]);
  if ((await firstLine(child)) === 'listening') return;
  throw new LabError('bench-failed', `the sender in ${node} did not start`);
}

async function drain({ family, from, to }: Case, way: Way, seconds: number, ends: Ends): Promise<number> {
  const addresses = [BENCH_ADDRESSES[to][way][family], BENCH_ADDRESSES[from][way][family]];
  const child = ends.start(to, ['drain', ...addresses, String(PORT), String(seconds)]);
  const timer = setTimeout(() => child.kill('SIGKILL'), (seconds + CONNECT_SECONDS) * 1000);
  const bitsPerSecond = Number(await firstLine(child));
  clearTimeout(timer);
  if (bitsPerSecond > 0) return bitsPerSecond;
  throw new LabError('bench-failed', `no TCP from ${from} to ${to} over ${family}, way ${way}`);
}

/** Empty when it ends without having printed one. */
async function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (data) => {
    text += data;
    if (text.includes('\n')) child.emit('line');
  });
  await Promise.race([once(child, 'line'), once(child, 'close')]);
  return text.split('\n')[0] as string;
}

function readOptions(args: readonly string[]): Options | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '6' },
        seconds: { type: 'string', default: '1' },
        spread: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    const rounds = Number(values.rounds);
    const seconds = Number(values.seconds);
    if (values.help) {
      process.stdout.write(USAGE);
      return undefined;
    }
    const valid = Number.isInteger(rounds) && rounds > 0 && seconds > 0;
    if (!valid) throw new LabError('bad-option', `--rounds and --seconds are numbers above 0\n${USAGE}`);
    return { rounds, seconds, spread: values.spread, json: values.json };
  } catch (error) {
    throw error instanceof LabError ? error : new LabError('bad-option', `${(error as Error).message}\n${USAGE}`);
  }
}
