import { writeFileSync } from 'node:fs';
import { availableParallelism, setPriority } from 'node:os';
import { Command } from 'commander';
import { LabError } from '../../lab-error.ts';
import { closeBed, openBed, type Way } from './bed.ts';
import {
  type CaseFigures,
  figuresOf,
  isUncertain,
  renderFigures,
  type Sample,
  type Seen,
  type TcpSample,
} from './figures.ts';
import { type Measures, Traffic } from './traffic.ts';
import { BENCH_TUNNELS, type Family, type PlaneKind } from './tunnels.ts';

const SMALL = 64;
const LARGE = 1400;
/** Tunnels that are measured between two measurements of the ways that they are compared with. */
const GROUP = 4;
/** TCP of a tunnel is measured in more rounds until its interval is not wider, whatever the ratio is, as long as there is time. */
const WIDTH = 0.01;
/** Of all that takes part: others on the same processors would be in the way of one measurement and not of the next. */
const NICENESS = -15;
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const KINDS = FAMILIES.flatMap((family) => (['ebpf', 'user'] as const).map((plane) => ({ family, plane })));
/** Of the data plane in user space, which is the same code for all. */
const IN_USER_SPACE = ['IPv6', 'GRE with keys in UDP'];
const USUAL = { floodMs: 120, drainMs: 200, pings: 200 };
const QUICK = { floodMs: 60, drainMs: 100, pings: 50 };

interface Options {
  readonly rounds: string;
  readonly minutes: string;
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
 * TCP, which varies most, is measured between two measurements without a tunnel, and more often where that is not enough.
 */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const { json } = options;
  const rounds = options.quick ? 2 : Number(options.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new LabError('bad-option', '--rounds wants a number above 0');
  const minutes = options.quick ? 0 : Number(options.minutes);
  if (!(minutes >= 0)) throw new LabError('bad-option', '--minutes wants a number from 0');
  const measures: Measures = { ...(options.quick ? QUICK : USUAL), way: options.stack ? 'stack' : 'express' };
  const traffic = new Traffic(availableParallelism() - 1, measures);
  const interrupt = () => {
    traffic.kill();
    closeBed();
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  try {
    setPriority(NICENESS);
    openBed();
    await traffic.begin();
    const figures = await measure(traffic, rounds, minutes);
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
    .option('--minutes <n>', 'so long in all, while intervals of TCP are wide', '4')
    .option('--quick', 'two short rounds, to see that it works')
    .option('--stack', "through the kernel's stack, as without ip cef")
    .option('--json <file>', 'write every figure to a file')
    .parse([...args], { from: 'user' })
    .opts<Options>();
}

/** For so many minutes or rounds, whichever is longer. */
async function measure(traffic: Traffic, rounds: number, minutes: number): Promise<CaseFigures[]> {
  const end = performance.now() + 60_000 * minutes;
  const samples = CASES.map((): Sample[] => []);
  const tcp = CASES.map((): TcpSample[] => []);
  for (let round = 0; round < rounds; round++) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (const group of groupsOf([...CASES.keys()], round)) {
      const { family } = CASES[group[0] as number] as Case;
      const sendingNs = await traffic.costOfSending(SMALL);
      const plain = await see(traffic, 'plain', family);
      const vxlan = await see(traffic, 'vxlan', family);
      for (const i of group) {
        await use(traffic, i);
        samples[i]?.push({ tunnel: await see(traffic, wayOf(i), family), plain, vxlan, sendingNs });
      }
      await seeTcp(traffic, group, tcp);
    }
  }
  for (let round = rounds; ; round++) {
    const wanted = [...CASES.keys()].filter((i) => CASES[i]?.plane === 'ebpf' && isUncertain(tcp[i] ?? [], WIDTH));
    if (wanted.length === 0) return figuresOfAll(samples, tcp);
    for (const group of groupsOf(wanted, round)) {
      if (performance.now() >= end) return figuresOfAll(samples, tcp);
      await seeTcp(traffic, group, tcp);
    }
  }
}

function figuresOfAll(samples: readonly Sample[][], tcp: readonly TcpSample[][]): CaseFigures[] {
  return CASES.map(({ family, name, plane }, i) =>
    figuresOf({ family, tunnel: name, plane }, samples[i] as Sample[], tcp[i] as TcpSample[]),
  );
}

/**
 * A few of these cases of the same family and data plane at a time: that of user space is busy for a while after a measurement. What comes first in a round
 * may find the machine in another state than what comes last.
 */
function groupsOf(cases: readonly number[], round: number): number[][] {
  const order = round % 2 === 0 ? cases : cases.toReversed();
  return KINDS.flatMap((kind) => {
    const some = order.filter((i) => CASES[i]?.family === kind.family && CASES[i]?.plane === kind.plane);
    return Array.from({ length: Math.ceil(some.length / GROUP) }, (_, i) => some.slice(i * GROUP, (i + 1) * GROUP));
  });
}

/** TCP of each case, and without a tunnel before the first and after each. */
async function seeTcp(traffic: Traffic, group: readonly number[], tcp: readonly TcpSample[][]): Promise<void> {
  const { family } = CASES[group[0] as number] as Case;
  const vxlan = await traffic.tcpRate('vxlan', family);
  let before = await traffic.tcpRate('plain', family);
  for (const i of group) {
    await use(traffic, i);
    const tunnel = await traffic.tcpRate(wayOf(i), family);
    const after = await traffic.tcpRate('plain', family);
    tcp[i]?.push({ tunnel, plain: (before + after) / 2, vxlan });
    before = after;
  }
}

async function use(traffic: Traffic, index: number): Promise<void> {
  const { plane, tunnel } = CASES[index] as Case;
  await traffic.use(plane, tunnel);
}

function wayOf(index: number): Way {
  return CASES[index]?.plane === 'ebpf' ? 'tunnel' : 'user';
}

async function see(traffic: Traffic, way: Way, family: Family): Promise<Seen> {
  return {
    roundTripNs: await traffic.roundTrip(way, family),
    smallPerSecond: await traffic.packetRate(way, family, SMALL),
    largePerSecond: await traffic.packetRate(way, family, LARGE),
  };
}
