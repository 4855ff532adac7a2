/** What debugging costs a busy node: its forwarding, and its signalling. */
import { Command } from 'commander';
import { DEBUG_FLAGS } from '#daemon/debug/flags.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { DebugForwarding } from './debug-forwarding.ts';
import { DebugSignalling } from './debug-signalling.ts';
import type { Debugging } from './debug-terminal.ts';

const ALL = Object.keys(DEBUG_FLAGS);
const OFF: Debugging = { name: 'off', flags: [] };

const OF_FORWARDING: readonly Debugging[] = [
  OFF,
  { name: 'debug ipv6 mobile packets', flags: ['mobile-packets'], watched: true },
  { name: 'debug ip cef packet … input rate 10', flags: [], packets: { of: 'one', rate: 10 } },
  { name: 'debug ip cef packet … input rate 1000', flags: [], packets: { of: 'one', rate: 1000 } },
  {
    name: 'debug all, and of four interfaces both ways',
    flags: ALL,
    packets: { of: 'all', rate: 1000 },
    watched: true,
  },
];
const OF_SIGNALLING: readonly Debugging[] = [
  OFF,
  { name: 'debug ipv6 mobile packets', flags: ['mobile-packets'] },
  { name: 'debug all', flags: ALL },
  { name: 'debug all, on a terminal', flags: ALL, watched: true },
];

export async function run(args: readonly string[]): Promise<void> {
  const { rounds, bindings, prefix } = new Command('npm run bench -- debug')
    .option('--rounds <n>', 'how often each is measured, in turn', Number, 9)
    .option('--bindings <n>', 'of the LMA whose signalling is measured', Number, 20_000)
    .option('--prefix <name>', 'of the namespaces', 'mtdebug')
    .parse([...args], { from: 'user' })
    .opts<{ rounds: number; bindings: number; prefix: string }>();
  if (!(rounds >= 1 && bindings >= 1)) throw new LabError('bad-argument', 'numbers from 1 on');
  if (process.getuid?.() !== 0) throw new LabError('not-root', 'this makes network namespaces: run it as root');
  const forwarding = await DebugForwarding.open(prefix);
  try {
    const rates = await inTurn(rounds, OF_FORWARDING, (debugging) => forwarding.rate(debugging));
    process.stdout.write(table('forwarding, through an access gateway and an anchor', 'packets/s', rates));
  } finally {
    await forwarding.close();
  }
  const signalling = await DebugSignalling.open(prefix, bindings);
  try {
    const rates = await inTurn(rounds, OF_SIGNALLING, (debugging) => signalling.rate(debugging));
    process.stdout.write(table(`signalling of an anchor, ${bindings.toLocaleString('en')} bindings`, 'PBU/s', rates));
    process.stdout.write(`a terminal was told ${signalling.told} lines, and of ${signalling.dropped} dropped ones\n`);
  } finally {
    await signalling.close();
  }
}

type Rates = readonly { readonly name: string; readonly rates: readonly number[] }[];

/** In turn, so that what else the machine does weighs on all alike. */
async function inTurn(
  rounds: number,
  ways: readonly Debugging[],
  measure: (debugging: Debugging) => Promise<number>,
): Promise<Rates> {
  const found = ways.map(({ name }) => ({ name, rates: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, way] of ways.entries()) found[index]?.rates.push(await measure(way));
  }
  return found;
}

function table(title: string, unit: string, rates: Rates): string {
  const off = rates[0]?.rates ?? [];
  const rows = rates.map(({ name, rates: own }) => {
    // Of each round by itself: what else the machine does changes from one to the next.
    const ratio = median(own.map((rate, round) => rate / (off[round] ?? rate))) ?? 0;
    return [name, Math.round(median(own) ?? 0).toLocaleString('en'), ratio.toFixed(2)];
  });
  return `${title}\n${formatTable([['', unit, 'ratio'], ...rows])}`;
}
