import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { AnchorForwarding, ForwardingChange, NodeForwarding, Path } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { closeBed, namespaceFile, openBed } from './dataplane/bed.ts';
import { ScaleTraffic } from './dataplane/scale-traffic.ts';
import { type Family, TUNNEL_ENDS } from './dataplane/tunnels.ts';

const DEFAULT_BINDINGS = 1_000_000;
const GATEWAYS = 100;
/** Changes of one call, as the packet worker makes them when a store is read. */
const CHUNK = 10_000;
const SINGLES = 1000;
/** With which many are compared. */
const FEW = 16;
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const FIRST_HOMES = { IPv4: '100.64.0.0', IPv6: '3fff:0:0:0::1' } as const;
const POOLS = ['100.64.0.0/10', '3fff::/20'] as const;
const FAR_ENDS = '198.19.0.0/16';
/** At most so much; effect is the part of the throughput that is lost. */
const TARGETS = { attachUs: 50, effect: 0.05 } as const;

/** Seconds of processor time, and octets. */
interface ScaleFigures {
  readonly bindings: number;
  readonly filledSeconds: number;
  readonly oneMoreUs: { readonly median: number; readonly high: number };
  readonly mapsOctets: number;
  readonly processOctets: number;
  readonly comparedSeconds: number;
  readonly adoptedSeconds: number;
  readonly claimedSeconds: number;
  readonly reconciledSeconds: number;
  /** Nanoseconds of a packet into a tunnel. */
  readonly packetNs: Readonly<Record<Family, PacketCosts>>;
}

/** With few bindings in the maps; to the same few among all; to random ones of all, nothing of which is in the processor's caches. */
interface PacketCosts {
  readonly few: number;
  readonly among: number;
  readonly spread: number;
}

/**
 * What so many bindings of an anchor cost, each of an IPv4 address and a /64: setting them, one more of them, comparing them with the kernel's tables,
 * adopting them in the place of a killed process, and what packets to all of them cost more than packets to a few. In network namespaces of its own.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { bindings, json } = new Command('npm run bench -- dataplane-scale')
    .option('--bindings <n>', 'how many', `${DEFAULT_BINDINGS}`)
    .option('--json <file>', 'write every figure to a file')
    .parse([...args], { from: 'user' })
    .opts<{ bindings: string; json?: string }>();
  const count = Number(bindings);
  if (!Number.isInteger(count) || count < FEW)
    throw new LabError('bad-option', `--bindings wants a number from ${FEW} on`);
  try {
    openBed();
    const figures = measure(count);
    process.stdout.write(render(figures));
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, undefined, 2)}\n`);
  } finally {
    closeBed();
  }
}

const inside = <T>(action: () => T): T => inNetworkNamespace(namespaceFile('lma'), action);

function measure(count: number): ScaleFigures {
  const node = nodeFor(count + SINGLES);
  const traffic = new ScaleTraffic(FAR_ENDS);
  const costs = (to: number) => FAMILIES.map((family) => traffic.costOf(family, FIRST_HOMES[family], to));
  let plane = new BpfDataPlane();
  const restart = (keep: boolean) => {
    plane.close({ keep });
    plane = new BpfDataPlane();
    plane.start(node);
  };
  try {
    inside(() => plane.start(node));
    fill(plane, 0, FEW);
    const few = costs(FEW);
    const filledSeconds = seconds(() => fill(plane, FEW, count));
    const mapsOctets = memoryOfMaps();
    const processOctets = process.memoryUsage().rss;
    const among = costs(FEW);
    const spread = costs(count);
    const oneMoreUs = oneMore(plane, count);
    const comparedSeconds = seconds(() => expectNothing(plane.audit().missing, 'missing'));
    const adoptedSeconds = seconds(() => inside(() => restart(true)));
    const claimedSeconds = seconds(() => fill(plane, 0, count));
    const reconciledSeconds = seconds(() => expectNothing(inside(() => plane.reconcile()).repaired, 'repaired'));
    inside(() => restart(false));
    fill(plane, 0, FEW);
    const fewAgain = costs(FEW);
    const packetNs = Object.fromEntries(
      FAMILIES.map((family, i): [Family, PacketCosts] => {
        const at = (all: readonly number[]) => all[i] as number;
        return [family, { few: (at(few) + at(fewAgain)) / 2, among: at(among), spread: at(spread) }];
      }),
    ) as ScaleFigures['packetNs'];
    const times = { filledSeconds, oneMoreUs, comparedSeconds, adoptedSeconds, claimedSeconds, reconciledSeconds };
    return { bindings: count, ...times, mapsOctets, processOctets, packetNs };
  } finally {
    inside(() => plane.close());
    traffic.close();
  }
}

function render(figures: ScaleFigures): string {
  const { bindings, filledSeconds, oneMoreUs, mapsOctets, processOctets, packetNs } = figures;
  const each = (all: number) => `${((all / bindings) * 1e6).toFixed(1)} µs each`;
  const mebibytes = (octets: number) => `${(octets / 2 ** 20).toFixed(0)} MiB`;
  const lost = (less: number, more: number) => `${((1 - less / more) * 100).toFixed(1)} % less throughput`;
  const packets = FAMILIES.flatMap((family) => {
    const { few, among, spread } = packetNs[family];
    return [
      [`${family} packet into a tunnel, of ${FEW} alone`, `${few.toFixed(0)} ns`, ''],
      [`  of the same ${FEW} among all`, `${among.toFixed(0)} ns`, `${lost(few, among)} (≤ ${TARGETS.effect * 100} %)`],
      ['  of any of all, at random', `${spread.toFixed(0)} ns`, lost(few, spread)],
    ];
  });
  return `${bindings.toLocaleString('en')} bindings of an IPv4 address and a /64; seconds of processor time\n${formatTable(
    [
      ['maps filled', `${filledSeconds.toFixed(2)} s`, each(filledSeconds)],
      [
        'one more',
        `${oneMoreUs.median.toFixed(1)} µs`,
        `99 % within ${oneMoreUs.high.toFixed(0)} µs (≤ ${TARGETS.attachUs} µs)`,
      ],
      ['memory of the kernel in maps', mebibytes(mapsOctets), `${(mapsOctets / bindings).toFixed(0)} octets each`],
      ['memory of the process', mebibytes(processOctets), ''],
      ['compared with the maps', `${figures.comparedSeconds.toFixed(2)} s`, ''],
      ['adopted by the next process', `${figures.adoptedSeconds.toFixed(2)} s`, 'packets go on meanwhile'],
      ['claimed by it', `${figures.claimedSeconds.toFixed(2)} s`, each(figures.claimedSeconds)],
      ['compared and rid of the rest', `${figures.reconciledSeconds.toFixed(2)} s`, ''],
      ...packets,
    ],
  )}`;
}

function fill(plane: BpfDataPlane, start: number, end: number): void {
  for (let first = start; first < end; first += CHUNK) {
    const changes = Array.from({ length: Math.min(CHUNK, end - first) }, (_, i) => binding(first + i));
    expectNothing(plane.apply(changes).failed.length, 'refused');
  }
}

function oneMore(plane: BpfDataPlane, count: number): ScaleFigures['oneMoreUs'] {
  const times = Array.from({ length: SINGLES }, (_, i) => {
    const change = binding(count + i);
    const start = performance.now();
    expectNothing(plane.apply([change]).failed.length, 'refused');
    return (performance.now() - start) * 1000;
  }).sort((a, b) => a - b);
  return { median: median(times) ?? 0, high: times[Math.floor(SINGLES * 0.99)] ?? 0 };
}

function binding(index: number): ForwardingChange {
  const path: Path = {
    encapsulation: { kind: 'ip' },
    local: Ipv4Address.parse(TUNNEL_ENDS.ebpf.lma.IPv4) as Ipv4Address,
    remote: (Ipv4Address.parse('198.19.0.1') as Ipv4Address).plus(index % GATEWAYS),
  };
  const forwarding: AnchorForwarding = {
    kind: 'anchor',
    id: `mn${index}`,
    customer: 0,
    homeAddress: (Ipv4Address.parse(FIRST_HOMES.IPv4) as Ipv4Address).plus(index),
    prefixes: [new Ipv6Prefix(new Ipv6Address(0x3fff0000, index, 0, 0), 64)],
    paths: [path],
  };
  return { kind: 'set', forwarding };
}

function nodeFor(maximumBindings: number): NodeForwarding {
  const [pool4, pool6] = POOLS;
  return {
    pools: { ipv4: [Ipv4Prefix.parse(pool4) as Ipv4Prefix], ipv6: [Ipv6Prefix.parse(pool6) as Ipv6Prefix] },
    accessInterfaces: [],
    localAddresses: [Ipv4Address.parse(TUNNEL_ENDS.ebpf.lma.IPv4) as Ipv4Address],
    tunnelMtu: 1400,
    maximumBindings,
  };
}

/** Octets that the kernel has for the BPF maps of this process, as it tells of their descriptors. */
function memoryOfMaps(): number {
  const told = readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    const text = readText(`/proc/self/fdinfo/${fd}`);
    const [id] = /^map_id:\t(\d+)$/m.exec(text)?.slice(1) ?? [];
    return id === undefined ? [] : [[id, Number(/^memlock:\t(\d+)$/m.exec(text)?.[1] ?? 0)] as const];
  });
  return [...new Map(told).values()].reduce((sum, octets) => sum + octets, 0);
}

/** Empty when the descriptor is gone. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Of processor time of this process. */
function seconds(action: () => void): number {
  const start = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function expectNothing(count: number, what: string): void {
  if (count > 0) throw new LabError('measurement-failed', `${count} parts or bindings are ${what}`);
}
