/** What the HTTP API costs a daemon's signalling, and how long it takes itself, with many bindings. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { inNetworkNamespace } from '#host/netns.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { MooringProcess } from '../mooring-process.ts';
import { ANCHOR, GATEWAYS, Gateways } from './http-gateways.ts';

export interface HttpWish {
  readonly wish: 'time' | 'wait' | 'follow' | 'leave';
  readonly url: string;
}

const PORT = 8099;
const BASE = `http://127.0.0.1:${PORT}`;
const SPELL_MS = 3000;

const configurationText = `
ip http port ${PORT}
ip http rate-limit 10000
ipv6 local pool V6 2001:db8:8000::/40 64
ipv6 mobile pmipv6-domain D
  no replay-protection timestamp
  mag M1
    ipv6-address ${GATEWAYS[0]}
  mag M2
    ipv6-address ${GATEWAYS[1]}
  nai anyone
    service ipv6
    network N
ipv6 mobile pmipv6-lma L domain D
  address ipv6 ${ANCHOR}
  bce maximum 4000000
  default profile anyone
  network N
    pool ipv6 V6 pfxlen 40
`;

type Mode = 'off' | 'on' | 'followed';

interface Spell {
  readonly perSecond: number;
  /** Microseconds of processor time of the whole daemon for each answer. */
  readonly cost: number;
}

export async function run(args: readonly string[]): Promise<void> {
  const { bindings, moves, rounds, json } = new Command('npm run bench -- http')
    .option('--bindings <n>', 'how many there are', Number, 100_000)
    .option('--moves <n>', 'handovers a second, of each of which an event tells', Number, 500)
    .option('--rounds <n>', 'how often each is measured, in turn', Number, 7)
    .option('--json <file>', 'write every figure to a file')
    .parse([...args], { from: 'user' })
    .opts<{ bindings: number; moves: number; rounds: number; json?: string }>();
  if (!(bindings >= 1 && moves >= 0 && rounds >= 1)) throw new LabError('bad-argument', 'numbers from 1 on');
  if (process.getuid?.() !== 0) throw new LabError('not-root', 'this makes network namespaces: run it as root');
  const bed = await Bed.open(bindings);
  try {
    await bed.gateways.registerAll();
    // Code that has run seldom is slow.
    await bed.gateways.load(3 * SPELL_MS, moves);
    const spells: Record<Mode, Spell[]> = { off: [], on: [], followed: [] };
    let events = 0;
    // In turn, so that what else the machine does weighs on all alike.
    for (let round = 0; round < rounds; round++) {
      for (const mode of ['off', 'on', 'followed'] as const) {
        await bed.serve(mode !== 'off');
        if (mode === 'followed') await bed.wish('follow', '/api/v1/events');
        spells[mode].push(await bed.spell(moves));
        if (mode === 'followed') events += await bed.wish('leave', '');
      }
    }
    process.stdout.write(report(spells, events / ((rounds * 2 * SPELL_MS) / 1000), bindings, moves));
    const milliseconds = await bed.times();
    process.stdout.write(
      `\n${formatTable([['', 'milliseconds'], ...milliseconds.map(([name, taken]) => [name, taken.toFixed(1)])])}`,
    );
    if (json !== undefined) writeFileSync(json, JSON.stringify({ bindings, moves, spells, milliseconds }));
  } finally {
    await bed.close();
  }
}

function report(
  spells: Readonly<Record<Mode, readonly Spell[]>>,
  eventsPerSecond: number,
  bindings: number,
  moves: number,
): string {
  const middle = (mode: Mode, of: keyof Spell) => median(spells[mode].map((spell) => spell[of])) ?? 0;
  // Of each round by itself: what else the machine does changes from one to the next.
  const ratio = (mode: Mode, to: Mode) =>
    median(spells[mode].map(({ perSecond }, i) => perSecond / (spells[to][i]?.perSecond ?? perSecond))) ?? 0;
  const row = (name: string, mode: Mode) => [
    name,
    Math.round(middle(mode, 'perSecond')).toLocaleString('en'),
    ratio(mode, 'off').toFixed(2),
    ratio(mode, 'on').toFixed(2),
    middle(mode, 'cost').toFixed(1),
  ];
  const table = formatTable([
    ['the HTTP API is', 'PBU/s', 'to off', 'to on', 'CPU µs each'],
    row('off', 'off'),
    row('on', 'on'),
    row('followed by one client', 'followed'),
  ]);
  const heading = `${bindings.toLocaleString('en')} bindings, ${moves} handovers a second among refreshes, 64 messages under way\n`;
  return `${heading}${table}the client was told ${Math.round(eventsPerSecond)} events a second\n`;
}

/** An LMA in a namespace, its MAGs in this process, and a client of its API. */
class Bed {
  readonly gateways: Gateways;
  readonly #namespace: string;
  readonly #directory: string;
  readonly #lma: MooringProcess;
  readonly #client: ChildProcess;

  static async open(bindings: number): Promise<Bed> {
    const namespace = `mthttp${process.pid}`;
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const address of [ANCHOR, ...GATEWAYS])
      ip('-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
    const directory = mkdtempSync(join(tmpdir(), 'mooring-http-'));
    const file = join(directory, 'lma.cfg');
    writeFileSync(file, configurationText);
    const control = join(directory, 'lma.sock');
    const lma = await MooringProcess.start({ namespace, file, control, state: 'memory' });
    return new Bed(namespace, directory, lma, bindings);
  }

  private constructor(namespace: string, directory: string, lma: MooringProcess, bindings: number) {
    this.#namespace = namespace;
    this.#directory = directory;
    this.#lma = lma;
    const client = new URL('./http-client-process.ts', import.meta.url).pathname;
    const inside = ['netns', 'exec', namespace, process.execPath, client];
    this.#client = spawn('ip', inside, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.gateways = inNetworkNamespace(`/run/netns/${namespace}`, () => new Gateways(bindings));
  }

  async serve(on: boolean): Promise<void> {
    await this.#lma.request({ request: 'configure-line', path: [], line: `${on ? '' : 'no '}ip http server` });
    // What starting and ending it costs is another question.
    if (on) await this.wish('wait', '/api/v1/health');
    await sleep(500);
  }

  async wish(wish: HttpWish['wish'], path: string): Promise<number> {
    const answered = once(this.#client, 'message');
    this.#client.send({ wish, url: BASE + path } satisfies HttpWish);
    return (await answered)[0] as number;
  }

  async spell(moves: number): Promise<Spell> {
    // By then the history of mobile nodes is full, where one is kept.
    await this.gateways.load(SPELL_MS, moves);
    const before = this.#lma.processorTime;
    const started = performance.now();
    const perSecond = await this.gateways.load(SPELL_MS, moves);
    const answers = (perSecond * (performance.now() - started)) / 1000;
    return { perSecond, cost: (this.#lma.processorTime - before) / answers };
  }

  /** Of the API, with nothing else to do. */
  async times(): Promise<[name: string, milliseconds: number][]> {
    await this.serve(true);
    const rows: [string, number][] = [];
    for (const [name, path, count] of [
      ['bindings, the first page', '/api/v1/bindings', 1],
      ['bindings, a page after that', '/api/v1/bindings?sort=nai&limit=100', 9],
      ['bindings, the first page in another order', '/api/v1/bindings?sort=address', 1],
      ['bindings, a search', '/api/v1/bindings?q=mn512', 9],
      ['a scrape of metrics', '/metrics', 9],
    ] as const) {
      const taken: number[] = [];
      for (let i = 0; i < count; i++) taken.push(await this.wish('time', path));
      rows.push([name, median(taken) ?? 0]);
    }
    return rows;
  }

  async close(): Promise<void> {
    this.gateways.close();
    this.#client.disconnect();
    await this.#lma.end('SIGKILL');
    ip('netns', 'delete', this.#namespace);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
