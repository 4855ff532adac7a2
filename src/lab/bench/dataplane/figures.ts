import { formatTable, median } from '../../figures.ts';
import type { Family } from './tunnels.ts';

/** What was seen of one way in one round; a second is one of processor time. */
export interface Seen {
  readonly bitsPerSecond: number;
  /** Packets of 64 and of 1,400 octets. */
  readonly smallPerSecond: number;
  readonly largePerSecond: number;
  readonly roundTripNs: number;
}

/** Of one round: a tunnel, and what was measured right before or after it. */
export interface Sample {
  readonly tunnel: Seen;
  readonly plain: Seen;
  readonly vxlan: Seen;
  /** Nanoseconds that sending a packet of 64 octets costs by itself. */
  readonly sendingNs: number;
}

/** Of all rounds; ratios are of the same round. */
export interface CaseFigures {
  readonly family: Family;
  readonly tunnel: string;
  readonly plane: 'ebpf' | 'user';
  readonly gigabits: Spread;
  readonly smallKpps: Spread;
  readonly largeKpps: Spread;
  readonly toPlain: Readonly<Record<'tcp' | 'small' | 'large', Spread>>;
  readonly toVxlan: Readonly<Record<'tcp' | 'small' | 'large', Spread>>;
  /** Microseconds of processor time of a packet of 64 octets on its whole way, without those of its sender; and of one that is forwarded plainly. */
  readonly cpu: Spread;
  readonly cpuPlain: Spread;
  /** Microseconds on the way of one packet that plain forwarding does not take. */
  readonly latency: Spread;
}

export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Of the data plane in the kernel: at least so much of plain forwarding, and of VXLAN. */
export const TARGETS = { tcpToPlain: 0.95, smallToPlain: 0.9, smallToVxlan: 1.25 } as const;

const FIELDS = { tcp: 'bitsPerSecond', small: 'smallPerSecond', large: 'largePerSecond' } as const;

export function figuresOf(
  name: Pick<CaseFigures, 'family' | 'tunnel' | 'plane'>,
  samples: readonly Sample[],
): CaseFigures {
  const of = (value: (sample: Sample) => number) => spreadOf(samples.map(value));
  const ratios = (other: 'plain' | 'vxlan') => ({
    tcp: of((one) => one.tunnel[FIELDS.tcp] / one[other][FIELDS.tcp]),
    small: of((one) => one.tunnel[FIELDS.small] / one[other][FIELDS.small]),
    large: of((one) => one.tunnel[FIELDS.large] / one[other][FIELDS.large]),
  });
  const cost = (way: 'tunnel' | 'plain') => of((one) => (1e9 / one[way].smallPerSecond - one.sendingNs) / 1000);
  return {
    ...name,
    gigabits: of(({ tunnel }) => tunnel.bitsPerSecond / 1e9),
    smallKpps: of(({ tunnel }) => tunnel.smallPerSecond / 1000),
    largeKpps: of(({ tunnel }) => tunnel.largePerSecond / 1000),
    toPlain: ratios('plain'),
    toVxlan: ratios('vxlan'),
    cpu: cost('tunnel'),
    cpuPlain: cost('plain'),
    latency: of(({ tunnel, plain }) => (tunnel.roundTripNs - plain.roundTripNs) / 2000),
  };
}

export function renderFigures(
  all: readonly CaseFigures[],
  { rounds, way }: { readonly rounds: number; readonly way: 'express' | 'stack' },
): string {
  const tables = (['IPv4', 'IPv6'] as const).map((family) =>
    table(
      all.filter((one) => one.family === family),
      family,
    ),
  );
  return `${tables.join('\n')}\nMedians over ${rounds} rounds. Rates are those of one processor that does nothing else: of the processor time of senders, routers and receivers
together. ${way === 'express' ? 'Routers have "ip cef": packets go past their stacks.' : 'Packets pass the stack of each router twice, as without "ip cef".'} "To plain" and "to VXLAN" are ratios of the same round. Packets go from the mobile node, TCP goes to it.\n\n${targets(all)}`;
}

function table(all: readonly CaseFigures[], family: Family): string {
  const two = ({ median: value }: Spread) => value.toFixed(2);
  return `${family} in\n${formatTable([
    ['', 'TCP', 'to', 'to', '64 B', 'to', 'to', '1400 B', 'to', 'to', 'CPU µs', 'plain', 'latency'],
    ['', 'Gbit/s', 'plain', 'VXLAN', 'kpps', 'plain', 'VXLAN', 'kpps', 'plain', 'VXLAN', 'a packet', 'CPU µs', '+µs'],
    ...all.map(({ tunnel, plane, gigabits, smallKpps, largeKpps, toPlain, toVxlan, cpu, cpuPlain, latency }) => [
      plane === 'user' ? `${tunnel}, user space` : tunnel,
      ...[two(gigabits), two(toPlain.tcp), two(toVxlan.tcp)],
      ...[smallKpps.median.toFixed(0), two(toPlain.small), two(toVxlan.small)],
      ...[largeKpps.median.toFixed(0), two(toPlain.large), two(toVxlan.large)],
      ...[two(cpu), two(cpuPlain), latency.median.toFixed(1)],
    ]),
  ])}`;
}

function targets(all: readonly CaseFigures[]): string {
  const kernel = all.filter(({ plane }) => plane === 'ebpf');
  const met = (what: string, target: number, value: (one: CaseFigures) => Spread) => {
    const values = kernel.map((one) => value(one).median);
    const reached = values.filter((one) => one >= target).length;
    return [
      what,
      `≥ ${target}`,
      `${reached} of ${values.length}`,
      (median(values) ?? 0).toFixed(2),
      Math.min(...values).toFixed(2),
    ];
  };
  return formatTable(
    [
      ['Targets of the kernel', '', 'met by', 'median', 'least'],
      met('TCP to plain', TARGETS.tcpToPlain, ({ toPlain }) => toPlain.tcp),
      met('64 B to plain', TARGETS.smallToPlain, ({ toPlain }) => toPlain.small),
      met('64 B to VXLAN', TARGETS.smallToVxlan, ({ toVxlan }) => toVxlan.small),
    ],
    '',
  );
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values) ?? 0, lowest: Math.min(...values), highest: Math.max(...values) };
}
