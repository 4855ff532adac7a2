import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { LabError } from '../../lab-error.ts';
import { closeBed, openBed, type Way } from './bed.ts';
import { type CaseFigures, figuresOf, renderFigures, type Sample, type Seen } from './figures.ts';
import { type Measures, Traffic } from './traffic.ts';
import { BENCH_TUNNELS, type Family, type PlaneKind } from './tunnels.ts';

const SMALL = 64;
const LARGE = 1400;
/** Tunnels that are measured between two measurements of the ways that they are compared with. */
const GROUP = 4;
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
/** Of the data plane in user space, which is the same code for all. */
const IN_USER_SPACE = ['IPv6', 'GRE with keys in UDP'];
const USUAL = { floodMs: 120, drainMs: 200, pings: 200 };
const QUICK = { floodMs: 60, drainMs: 100, pings: 50 };

interface Options {
  readonly rounds: string;
  readonly quick?: boolean;
  readonly stack?: boolean;
  readonly json?: string;
}

/** What is measured: a tunnel by a data plane. */
interface Case {
  readonly tunnel: number;
  readonly name: string;
  readonly plane: PlaneKind;
  readonly family: Family;
}

const CASES: readonly Case[] = FAMILIES.flatMap((family) => {
  const kernel = BENCH_TUNNELS.map(({ name }, tunnel): Case => ({ tunnel, name, plane: 'ebpf', family }));
  const user = kernel.filter(({ name }) => IN_USER_SPACE.includes(name));
  return [...kernel, ...user.map((one): Case => ({ ...one, plane: 'user' }))];
});

/**
 * Every tunnel of the data plane with both families inside, against plain forwarding and the VXLAN device of the same kernel in the same namespaces, and the
 * data plane in user space beside them. Each round measures all ways, the references between every few tunnels, so that what else the machine does meets all.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const { json } = options;
  const rounds = options.quick ? 2 : Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new LabError('bad-option', '--rounds wants a number above 0');
  const measures: Measures = { ...(options.quick ? QUICK : USUAL), way: options.stack ? 'stack' : 'express' };
  const traffic = new Traffic(availableParallelism() - 1, measures);
  const interrupt = () => {
    traffic.kill();
    closeBed();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  try {
    openBed();
    await traffic.begin();
    const figures = await measure(traffic, rounds);
    process.stdout.write(renderFigures(figures, { rounds, way: measures.way }));
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ rounds, way: measures.way, figures }, undefined, 2)}\n`);
  } finally {
    await traffic.end();
    closeBed();
  }
}

function readOptions(args: readonly string[]): Options {
  return new Command('npm run bench -- dataplane')
    .option('--rounds <n>', 'interleaved rounds', '6')
    .option('--quick', 'two short rounds, to see that it works')
    .option('--stack', "through the kernel's stack, as without ip cef")
    .option('--json <file>', 'write every figure to a file')
    .parse([...args], { from: 'user' })
    .opts<Options>();
}

async function measure(traffic: Traffic, rounds: number): Promise<CaseFigures[]> {
  const samples = CASES.map((): Sample[] => []);
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    const order = [...CASES.keys()];
    // What comes first in a round may find the machine in another state than what comes last.
    if (round % 2 === 1) order.reverse();
    for (let at = 0; at < order.length; ) {
      const { family } = CASES[order[at] as number] as Case;
      const group = order.slice(at, at + GROUP).filter((i) => CASES[i]?.family === family);
      at += group.length;
      const sendingNs = await traffic.costOfSending(SMALL);
      const plain = await see(traffic, 'plain', family);
      const vxlan = await see(traffic, 'vxlan', family);
      for (const i of group) {
        const { plane, tunnel } = CASES[i] as Case;
        await traffic.use(plane, tunnel);
        samples[i]?.push({
          tunnel: await see(traffic, plane === 'ebpf' ? 'tunnel' : 'user', family),
          plain,
          vxlan,
          sendingNs,
        });
      }
    }
  }
  return CASES.map(({ family, name, plane }, i) => figuresOf({ family, tunnel: name, plane }, samples[i] as Sample[]));
}

async function see(traffic: Traffic, way: Way, family: Family): Promise<Seen> {
  return {
    roundTripNs: await traffic.roundTrip(way, family),
    smallPerSecond: await traffic.packetRate(way, family, SMALL),
    largePerSecond: await traffic.packetRate(way, family, LARGE),
    bitsPerSecond: await traffic.tcpRate(way, family),
  };
}
