import { Command, InvalidArgumentError } from 'commander';
import { seconds } from '#base/time.ts';
import { SimulationFault } from '#sim/scheduler.ts';
import { runSwarm, type SwarmRun } from '#sim/swarm.ts';

interface Options {
  readonly seed?: number;
  readonly seeds?: readonly [number, number];
  readonly minutes: number;
}

/** Seeds that are run when none is named. */
const DEFAULT_SEEDS = [1, 100] as const;
const PROGRESS_MS = 2000;

new Command('sim')
  .description(
    'runs domains of mobile nodes, MAGs and an LMA in virtual time, with faults drawn from a seed, and checks invariants after every step',
  )
  .option('--seed <n>', 'one seed', whole)
  .option('--seeds <a-b>', `a range of them (default: ${DEFAULT_SEEDS.join('-')})`, range)
  .option(
    '--minutes <m>',
    'virtual minutes in which things go wrong; then all becomes whole, and both ends must agree',
    positive,
    2,
  )
  .addHelpText(
    'after',
    `
A failing seed ends the run with status 1 and is named with the command that replays it, step by step the same.

Examples:
  npm run sim -- --seed 4711 --minutes 10
  npm run sim -- --seeds 1-20000`,
  )
  .action((options: Options) => {
    process.exitCode = runSeeds(options) ? 0 : 1;
  })
  .parse();

function runSeeds({ seed, seeds: named, minutes }: Options): boolean {
  const [first, last] = seed === undefined ? (named ?? DEFAULT_SEEDS) : [seed, seed];
  const runs: SwarmRun[] = [];
  let told = Date.now();
  for (let each = first; each <= last; each++) {
    try {
      runs.push(runSwarm(each, seconds(minutes * 60)));
    } catch (error) {
      if (!(error instanceof SimulationFault)) throw error;
      console.error(`seed ${each}: ${error.invariant}: ${error.message}`);
      console.error(`replay it with: npm run sim -- --seed ${each} --minutes ${minutes}`);
      return false;
    }
    if (Date.now() - told < PROGRESS_MS) continue;
    told = Date.now();
    console.error(`seed ${each} of ${last}`);
  }
  report(runs);
  return true;
}

function report(runs: readonly SwarmRun[]): void {
  const sum = (of: (run: SwarmRun) => number) => runs.reduce((total, run) => total + of(run), 0);
  const rows: readonly (readonly [string, number])[] = [
    ['seeds without a fault', runs.length],
    ['virtual hours', Math.round(sum(({ virtualSeconds }) => virtualSeconds) / 360) / 10],
    ['mobile nodes', sum(({ options }) => options.mobileNodes ?? 0)],
    ['steps', sum(({ steps }) => steps)],
    ['signalling messages', sum(({ signals }) => signals)],
    ['handovers', sum(({ handovers }) => handovers)],
    ['bindings revoked at MAGs', sum(({ revocations }) => revocations)],
    ['packets lost', sum(({ lostPackets }) => lostPackets)],
    ['packets doubled', sum(({ doubledPackets }) => doubledPackets)],
  ];
  for (const [label, value] of rows) console.log(`${label.padEnd(26)}${String(value).padStart(12)}`);
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('it is a whole number');
  return Number(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 10_000)) throw new InvalidArgumentError('it is more than 0 and at most 10000');
  return value;
}

function range(text: string): readonly [number, number] {
  const [, first, last] = /^(\d{1,9})-(\d{1,9})$/.exec(text) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last)) {
    throw new InvalidArgumentError('it is two numbers, as in 1-200');
  }
  return [Number(first), Number(last)];
}
