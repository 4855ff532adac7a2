import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '#base/histogram.ts';
import type { OperationReport } from '#cli/load/operation-run.ts';
import type { MooringProcess } from '../../mooring-process.ts';
import { type ControlBed, GATEWAYS, type LoadOptions } from './bed.ts';
import { type GatewayFigures, measureGateway } from './gateway.ts';
import { type KeaFigures, measureKea } from './kea.ts';
import { type EchoFigures, measureEcho, measureStore, measureSync } from './references.ts';

/** Nearly all refreshes are like the one before, and answered as such; the first of a session is not. */
export const OPERATIONS = ['attach', 'first refresh', 'refresh', 'handover', 'detach'] as const;
export type MeasuredOperation = (typeof OPERATIONS)[number];
/** Each once by each mobile node. */
const ONCE = ['attach', 'first refresh', 'handover', 'detach'] as const;
/** How long refreshes go on that follow others: nodes are refreshed more than once in it, as they are as long as they stay. */
const REFRESH_SECONDS = 4;
/** Of the capacity. */
const LOADS = [0.25, 0.5, 0.9];
const GROUPS = [1, 64, 256];
const RATE_SECONDS = 4;
/** What the LMA allocates or compiles at the first of new mobile nodes is not the latency under a load that lasts. */
const WARM_UP_SECONDS = 1;
const WARM_UP_UNDER_LOAD_SECONDS = 5;
const WARM_UPS = 3;
/** Between two operations or loads: until then what the first has left to do is done, as writing refreshes that nobody waits for, and deleting what was given up. */
const PAUSE_SECONDS = 2;
/** What the load generator may need beyond the time that seating takes by the rate. */
const SEATING_SECONDS = 2;

export interface OperationFigures {
  readonly perSecond: number;
  /** Microseconds of processor time of the whole daemon for each, with what it does after the answer. */
  readonly cost: number;
}

export interface LmaFigures {
  readonly authenticated: boolean;
  readonly durable: boolean;
  readonly operations: Readonly<Record<MeasuredOperation, OperationFigures>>;
}

export interface LatencyFigures {
  readonly operation: 'attach' | 'refresh';
  /** Of what is answered at most. */
  readonly load: number;
  readonly perSecond: number;
  /** In microseconds, from when a message was due. */
  readonly latency: OperationReport['latencyMicroseconds'];
  /** The same of how late they were sent, which is in the latency. */
  readonly late: OperationReport['lateMicroseconds'];
}

export interface OverloadFigures {
  /** A second, of refreshes of mobile nodes that have a session, and of others that come. */
  readonly offered: { readonly refreshes: number; readonly attachments: number };
  readonly answered: { readonly refreshes: number; readonly attachments: number };
  /** Milliseconds that a refresh takes in the middle, at once after that. */
  readonly afterwards: number;
}

export interface SizeFigures {
  readonly bindings: number;
  readonly attachPerSecond: number;
  /** Octets of memory of the daemon for each, beside what an empty one has. */
  readonly octets: number;
  readonly total: number;
  /** From the kill to an answer, with all bindings. */
  readonly restartSeconds: number;
}

export interface ControlFigures {
  readonly echo: { readonly plain: EchoFigures; readonly signed: EchoFigures };
  readonly store: readonly { readonly group: number; readonly perSecond: number }[];
  /** Microseconds of a bare write and its fdatasync(2), before each of the loads of which latencies are. */
  readonly sync: { readonly p50: number; readonly p99: number };
  readonly kea: KeaFigures | undefined;
  readonly lma: readonly LmaFigures[];
  readonly latencies: readonly LatencyFigures[];
  readonly overload: OverloadFigures;
  readonly sizes: readonly SizeFigures[];
  readonly gateways: readonly GatewayFigures[];
}

/** Measures all of it, one after the other, in one bed. Rejects with `LabError`. */
export async function measureControl(
  bed: ControlBed,
  {
    nodes,
    sizes,
    stations,
  }: { readonly nodes: number; readonly sizes: readonly number[]; readonly stations: readonly number[] },
  say: (text: string) => void,
): Promise<ControlFigures> {
  say('references');
  const echo = { plain: await measureEcho(bed, nodes, false), signed: await measureEcho(bed, nodes, true) };
  const store = GROUPS.map((group) => ({ group, perSecond: measureStore(bed, group) }));
  const syncs = new Histogram();
  measureSync(bed, syncs);
  const kea = await measureKea(bed);
  const lma: LmaFigures[] = [];
  for (const [authenticated, durable] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    say(`${authenticated ? 'authenticated' : 'plain'}, ${durable ? 'durable' : 'in memory'}`);
    lma.push({ authenticated, durable, operations: await measureLma(bed, nodes, authenticated, durable) });
  }
  const whole = lma.at(-1) as LmaFigures;
  say('latencies and overload');
  const { latencies, overload } = await measureUnderLoad(bed, nodes, whole, syncs);
  const bySize: SizeFigures[] = [];
  for (const bindings of sizes) {
    say(`${bindings.toLocaleString('en')} bindings`);
    bySize.push(await measureSize(bed, bindings));
  }
  const gateways: GatewayFigures[] = [];
  for (const count of stations) {
    say(`${count.toLocaleString('en')} mobile nodes of a MAG`);
    gateways.push(await measureGateway(count));
  }
  const sync = { p50: syncs.quantile(0.5), p99: syncs.quantile(0.99) };
  return { echo, store, sync, kea, lma, latencies, overload, sizes: bySize, gateways };
}

async function measureLma(
  bed: ControlBed,
  nodes: number,
  authenticated: boolean,
  durable: boolean,
): Promise<LmaFigures['operations']> {
  const lma = await bed.startLma(authenticated, durable ? bed.newState() : 'memory');
  try {
    const all: Partial<Record<MeasuredOperation, OperationFigures>> = {};
    await warmUp(bed, nodes, authenticated);
    const measured = async (options: Pick<LoadOptions, 'operations' | 'seconds' | 'realm'>) => {
      await sleep(PAUSE_SECONDS * 1000);
      const used = lma.followProcessorTime();
      const reports = await bed.load({ ...options, nodes, authenticated, pause: PAUSE_SECONDS });
      await sleep(PAUSE_SECONDS * 1000);
      used.stop();
      return reports.map(({ startedAt, perSecond, accepted }, i) => {
        const end = reports[i + 1]?.startedAt ?? Date.now();
        return { perSecond, cost: used.between(startedAt, end) / accepted };
      });
    };
    const once = await measured({ operations: ONCE.map(asked) });
    for (const [i, figures] of once.entries()) all[ONCE[i] as MeasuredOperation] = figures;
    const staying = { seconds: REFRESH_SECONDS, realm: 'staying.example' };
    const refreshed = await measured({ operations: ['attach', 'refresh', 'refresh'], ...staying });
    all.refresh = refreshed.at(-1) as OperationFigures;
    return all as LmaFigures['operations'];
  } finally {
    await lma.end('SIGINT');
  }
}

/** The word for it in `mooring load`. */
function asked(operation: MeasuredOperation): OperationReport['operation'] {
  return operation === 'first refresh' ? 'refresh' : operation;
}

/** What is compiled on the way is compiled before it counts: an LMA runs for months. It answers half as many attachments again the third time as the first, and a tenth more after that. */
async function warmUp(bed: ControlBed, nodes: number, authenticated: boolean): Promise<void> {
  const operations = ['attach', 'refresh', 'refresh', 'handover', 'detach'] as const;
  for (let i = 0; i < WARM_UPS; i++) {
    await bed.load({ nodes, operations, authenticated, realm: `warm${i}.example` });
    await sleep(PAUSE_SECONDS * 1000);
  }
}

/** The engine goes on compiling for a quarter of a minute of such a load, on the processor that the LMA has: in an LMA that runs for months that is over. */
async function warmUpUnderLoad(bed: ControlBed, rate: number): Promise<void> {
  const nodes = Math.ceil(rate * WARM_UP_UNDER_LOAD_SECONDS);
  const coming = { nodes, rate, operations: ['attach', 'detach'], authenticated: true, inFlight: 8192 } as const;
  for (const realm of ['first.example', 'second.example']) {
    await bed.load({ ...coming, realm });
    await sleep(PAUSE_SECONDS * 1000);
  }
}

async function measureUnderLoad(
  bed: ControlBed,
  nodes: number,
  { operations }: LmaFigures,
  syncs: Histogram,
): Promise<Pick<ControlFigures, 'latencies' | 'overload'>> {
  const lma = await bed.startLma(true, bed.newState());
  const authenticated = true;
  try {
    await warmUp(bed, nodes, authenticated);
    await warmUpUnderLoad(bed, operations.attach.perSecond / 2);
    const latencies: LatencyFigures[] = [];
    for (const operation of ['attach', 'refresh'] as const) {
      const capacity = operations[operation].perSecond;
      for (const load of LOADS) {
        // The disk is not the same from minute to minute: what it takes is measured in between.
        measureSync(bed, syncs);
        const rate = capacity * load;
        const seconds = WARM_UP_SECONDS + RATE_SECONDS;
        // As many refresh as did when the capacity was measured, more than once each.
        const reports = await bed.load({
          ...(operation === 'attach'
            ? { nodes: Math.ceil(rate * seconds), operations: ['attach', 'detach'] }
            : { nodes, seconds, operations: ['attach', 'refresh', 'refresh', 'detach'] }),
          ...{ authenticated, rate, inFlight: 8192, warmUp: WARM_UP_SECONDS },
        });
        const report = reports.findLast((one) => one.operation === operation) as OperationReport;
        const { perSecond, latencyMicroseconds: latency, lateMicroseconds: late } = report;
        latencies.push({ operation, load, perSecond, latency, late });
        await sleep(PAUSE_SECONDS * 1000);
      }
    }
    return { latencies, overload: await measureOverload(bed, nodes, operations) };
  } finally {
    await lma.end('SIGINT');
  }
}

/** Mobile nodes of one MAG refresh at half of what the LMA bears, while new ones come at the other at one and a half times of it. */
async function measureOverload(
  bed: ControlBed,
  nodes: number,
  { attach, refresh }: LmaFigures['operations'],
): Promise<OverloadFigures> {
  const offered = { refreshes: refresh.perSecond / 2, attachments: attach.perSecond * 1.5 };
  const one = { authenticated: true, inFlight: 65_536 };
  const seated = { ...one, gateways: [GATEWAYS[0]], realm: 'seated.example' };
  const coming = { ...one, gateways: [GATEWAYS[1]], realm: 'coming.example' };
  const seconds = 2 * RATE_SECONDS;
  // They are seated before the others come.
  const comeAfterMs = (nodes / offered.refreshes + SEATING_SECONDS) * 1000;
  const [refreshes, attachments] = await Promise.all([
    bed.load({
      ...{ ...seated, nodes, operations: ['attach', 'refresh'] },
      ...{ rate: offered.refreshes, seconds: seconds + SEATING_SECONDS },
    }),
    sleep(comeAfterMs).then(() =>
      bed.load({
        ...{ ...coming, nodes: Math.ceil(offered.attachments * seconds), operations: ['attach'] },
        rate: offered.attachments,
      }),
    ),
  ]);
  const after = await bed.load({ ...seated, nodes: 1000, operations: ['attach', 'refresh'], rate: 1000 });
  const rateOf = (reports: readonly OperationReport[], operation: MeasuredOperation) =>
    reports.find((report) => report.operation === operation)?.perSecond ?? 0;
  return {
    offered,
    answered: { refreshes: rateOf(refreshes, 'refresh'), attachments: rateOf(attachments, 'attach') },
    afterwards: (after.find(({ operation }) => operation === 'refresh')?.latencyMicroseconds?.p50 ?? 0) / 1000,
  };
}

async function measureSize(bed: ControlBed, bindings: number): Promise<SizeFigures> {
  const state = bed.newState();
  let lma: MooringProcess = await bed.startLma(true, state);
  try {
    const empty = lma.memory;
    const [attach] = await bed.load({ nodes: bindings, operations: ['attach', 'refresh'], authenticated: true });
    const total = lma.memory;
    await lma.end('SIGKILL');
    const killed = performance.now();
    lma = await bed.startLma(true, state);
    const restartSeconds = (performance.now() - killed) / 1000;
    return {
      bindings,
      attachPerSecond: attach?.perSecond ?? 0,
      octets: (total - empty) / bindings,
      total,
      restartSeconds,
    };
  } finally {
    await lma.end('SIGINT');
  }
}
