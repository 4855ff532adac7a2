import { FEWEST_FOR_INTERVAL, formatTable, median, medianInterval } from '../../figures.ts';
import type { Family } from './tunnels.ts';

/** What was seen of one way in one round; a second is one of processor time. */
export interface Seen {
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

/** Bits of TCP a second: through a tunnel, without one right before and right after it, and through VXLAN in the same round. */
export interface TcpSample {
  readonly tunnel: number;
  readonly plain: number;
  readonly vxlan: number;
}

/** Of all rounds; ratios are of the same round. */
export interface CaseFigures {
  readonly family: Family;
  readonly tunnel: string;
  readonly plane: 'ebpf' | 'user';
  /** Rounds of TCP. */
  readonly tcpRounds: number;
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

/** With where the true median is, with a confidence of 95 %. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Of the data plane in the kernel: at least so much of plain forwarding, and of VXLAN. */
export const TARGETS = { tcpToPlain: 0.95, smallToPlain: 0.9, smallToVxlan: 1.25 } as const;

/** Whether more rounds would tell more about TCP than its figures will show. */
export function isUncertain(samples: readonly TcpSample[], width: number): boolean {
  const { low, high } = spreadOf(samples.map(({ tunnel, plain }) => tunnel / plain));
  return high - low > width;
}

export function figuresOf(
  name: Pick<CaseFigures, 'family' | 'tunnel' | 'plane'>,
  samples: readonly Sample[],
  tcp: readonly TcpSample[],
): CaseFigures {
  const of = (value: (sample: Sample) => number) => spreadOf(samples.map(value));
  const ratios = (other: 'plain' | 'vxlan') => ({
    tcp: spreadOf(tcp.map((one) => one.tunnel / one[other])),
    small: of((one) => one.tunnel.smallPerSecond / one[other].smallPerSecond),
    large: of((one) => one.tunnel.largePerSecond / one[other].largePerSecond),
  });
  const cost = (way: 'tunnel' | 'plain') => of((one) => (1e9 / one[way].smallPerSecond - one.sendingNs) / 1000);
  return {
    ...name,
    tcpRounds: tcp.length,
    gigabits: spreadOf(tcp.map(({ tunnel }) => tunnel / 1e9)),
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
  const most = Math.max(...all.map(({ tcpRounds }) => tcpRounds));
  return `${tables.join('\n')}\nMedians over ${rounds} rounds, of TCP over ${rounds} to ${most}, as its interval wants; "95 %" is where the true ratio of TCP is, with that confidence. Rates are those of one processor that does nothing else: of the processor time of senders, routers and receivers
together. ${way === 'express' ? 'Routers have "ip cef": packets go past their stacks.' : 'Packets pass the stack of each router twice, as without "ip cef".'} "To plain" and "to VXLAN" are ratios of the same round, those of TCP to plain forwarding right before and right after. Packets go from the mobile node, TCP goes to it.\n\n${targets(all, rounds)}`;
}

function table(all: readonly CaseFigures[], family: Family): string {
  const two = ({ median: value }: Spread) => value.toFixed(2);
  return `${family} in\n${formatTable([
    ['', 'TCP', 'to', '', 'to', '64 B', 'to', 'to', '1400 B', 'to', 'to', 'CPU µs', 'plain', 'latency'],
    [
      '',
      'Gbit/s',
      'plain',
      '95 %',
      'VXLAN',
      'kpps',
      'plain',
      'VXLAN',
      'kpps',
      'plain',
      'VXLAN',
      'a packet',
      'CPU µs',
      '+µs',
    ],
    ...all.map(
      ({ tunnel, plane, tcpRounds, gigabits, smallKpps, largeKpps, toPlain, toVxlan, cpu, cpuPlain, latency }) => [
        plane === 'user' ? `${tunnel}, user space` : tunnel,
        ...[two(gigabits), two(toPlain.tcp), interval(toPlain.tcp, tcpRounds), two(toVxlan.tcp)],
        ...[smallKpps.median.toFixed(0), two(toPlain.small), two(toVxlan.small)],
        ...[largeKpps.median.toFixed(0), two(toPlain.large), two(toVxlan.large)],
        ...[two(cpu), two(cpuPlain), latency.median.toFixed(1)],
      ],
    ),
  ])}`;
}

function interval({ low, high }: Spread, rounds: number): string {
  return rounds < FEWEST_FOR_INTERVAL ? '-' : `${low.toFixed(2)}–${high.toFixed(2)}`;
}

function targets(all: readonly CaseFigures[], rounds: number): string {
  const kernel = all.filter(({ plane }) => plane === 'ebpf');
  const met = (what: string, target: number, value: (one: CaseFigures) => Spread) => {
    const spreads = kernel.map(value);
    const medians = spreads.map((one) => one.median);
    const count = (is: (one: Spread) => boolean) => `${spreads.filter(is).length}`;
    return [
      what,
      `≥ ${target}`,
      `${count((one) => one.median >= target)} of ${spreads.length}`,
      ...(rounds < FEWEST_FOR_INTERVAL
        ? ['-', '-']
        : [count((one) => one.low >= target), count((one) => one.high < target)]),
      (median(medians) ?? 0).toFixed(2),
      Math.min(...medians).toFixed(2),
    ];
  };
  return formatTable(
    [
      ['', '', '', 'with 95 %', 'confidence', '', ''],
      ['Targets of the kernel', '', 'met by', 'met by', 'missed by', 'median', 'least'],
      met('TCP to plain', TARGETS.tcpToPlain, ({ toPlain }) => toPlain.tcp),
      met('64 B to plain', TARGETS.smallToPlain, ({ toPlain }) => toPlain.small),
      met('64 B to VXLAN', TARGETS.smallToVxlan, ({ toVxlan }) => toVxlan.small),
    ],
    '',
  );
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values) ?? 0, ...(medianInterval(values) ?? { low: 0, high: 0 }) };
}
