import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { AnchorForwarding, ForwardingChange, NodeForwarding, Path } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { Netlink } from '#host/netlink.ts';
import { addRoute, hostPrefix } from '#host/netlink-requests.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { ifNameToIndex } from '#host/posix.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { closeBed, namespaceFile, openBed } from './dataplane/bed.ts';
import {
  ANCHORS,
  type Crowd,
  type PacketCosts,
  ROUTERS,
  ScaleTraffic,
  type ScaleWay,
} from './dataplane/scale-traffic.ts';
import type { Family } from './dataplane/tunnels.ts';

const DEFAULT_BINDINGS = 1_000_000;
const GATEWAYS = 100;
/** Changes of one call, as the packet worker makes them when a store is read. */
const CHUNK = 10_000;
const SINGLES = 1000;
/** As many are set one by one before that, as a daemon has rehearsed it. */
const REHEARSED = 600;
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
  /** Nanoseconds of a packet into a tunnel, and of one that the kernel forwards by as many routes. */
  readonly packetNs: Readonly<Record<Family, Readonly<Record<ScaleWay, PacketCosts>>>>;
}

/**
 * What so many bindings of an anchor cost, each of an IPv4 address and a /64: setting them, one more of them, comparing them with the kernel's tables,
 * adopting them in the place of a killed process, and what packets to all of them cost more than packets to a few, beside what they cost the kernel with a
 * route for each. In network namespaces of its own.
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

const inside = <T>(anchor: Crowd, action: () => T): T =>
  inNetworkNamespace(namespaceFile(ANCHORS[anchor].node), action);

function measure(count: number): ScaleFigures {
  const traffic = new ScaleTraffic(FAR_ENDS);
  let plane = new BpfDataPlane();
  const restart = () => {
    plane.close({ keep: true });
    plane = new BpfDataPlane();
    plane.start(nodeFor('many', count + REHEARSED + SINGLES));
  };
  try {
    inside('many', () => plane.start(nodeFor('many', count + REHEARSED + SINGLES)));
    const filledSeconds = seconds(() => fill(plane, 'many', 0, count));
    const mapsOctets = memoryOfMaps();
    const processOctets = ownMemory();
    const packetNs = packetCosts(traffic, count);
    const oneMoreUs = oneMore(plane, count);
    const comparedSeconds = seconds(() => expectNothing(plane.audit().missing, 'missing'));
    const adoptedSeconds = seconds(() => inside('many', restart));
    const claimedSeconds = seconds(() => fill(plane, 'many', 0, count));
    const reconciledSeconds = seconds(() =>
      expectNothing(inside('many', () => plane.reconcile()).repaired, 'repaired'),
    );
    const times = { filledSeconds, oneMoreUs, comparedSeconds, adoptedSeconds, claimedSeconds, reconciledSeconds };
    return { bindings: count, ...times, mapsOctets, processOctets, packetNs };
  } finally {
    inside('many', () => plane.close());
    traffic.close();
  }
}

/** Beside an anchor with maps as large, and few bindings in them. */
function packetCosts(traffic: ScaleTraffic, count: number): ScaleFigures['packetNs'] {
  const plane = new BpfDataPlane();
  try {
    inside('few', () => plane.start(nodeFor('few', count + REHEARSED + SINGLES)));
    fill(plane, 'few', 0, FEW);
    addRoutes('many', count);
    addRoutes('few', FEW);
    const costs = (family: Family) => traffic.costs(family, FIRST_HOMES[family], FEW, count);
    return { IPv4: costs('IPv4'), IPv6: costs('IPv6') };
  } finally {
    inside('few', () => plane.close());
  }
}

/** To the same addresses and prefixes, at a router. */
function addRoutes(router: Crowd, count: number): void {
  const { node, link, nextHop } = ROUTERS[router];
  const via = { IPv4: Ipv4Address.parse(nextHop.IPv4), IPv6: Ipv6Address.parse(nextHop.IPv6) };
  inNetworkNamespace(namespaceFile(node), () => {
    const [netlink, device] = [new Netlink(), ifNameToIndex(link)];
    for (let first = 0; first < count; first += CHUNK) {
      const requests = Array.from({ length: Math.min(CHUNK, count - first) }, (_, i) => [
        addRoute({ destination: hostPrefix(homeAddress(first + i)), device, via: via.IPv4 }),
        addRoute({ destination: homePrefix(first + i), device, via: via.IPv6 }),
      ]).flat();
      expectNothing(netlink.batch(requests).length, 'refused');
    }
    netlink.close();
  });
}

function render(figures: ScaleFigures): string {
  const { bindings, filledSeconds, oneMoreUs, mapsOctets, processOctets, packetNs } = figures;
  const each = (all: number) => `${((all / bindings) * 1e6).toFixed(1)} µs each`;
  const mebibytes = (octets: number) => `${(octets / 2 ** 20).toFixed(0)} MiB`;
  return `${bindings.toLocaleString('en')} bindings of an IPv4 address and a /64; seconds of processor time\n${formatTable(
    [
      ['maps filled', `${filledSeconds.toFixed(2)} s`, each(filledSeconds)],
      [
        'one more',
        `${oneMoreUs.median.toFixed(1)} µs`,
        `99 % within ${oneMoreUs.high.toFixed(0)} µs (≤ ${TARGETS.attachUs} µs)`,
      ],
      ['memory of the kernel in maps', mebibytes(mapsOctets), `${(mapsOctets / bindings).toFixed(0)} octets each`],
      ['memory of the process alone', mebibytes(processOctets), ''],
      ['compared with the maps', `${figures.comparedSeconds.toFixed(2)} s`, ''],
      ['adopted by the next process', `${figures.adoptedSeconds.toFixed(2)} s`, 'packets go on meanwhile'],
      ['claimed by it', `${figures.claimedSeconds.toFixed(2)} s`, each(figures.claimedSeconds)],
      ['compared and rid of the rest', `${figures.reconciledSeconds.toFixed(2)} s`, ''],
    ],
  )}\n${renderPackets(bindings, packetNs)}`;
}

function renderPackets(bindings: number, packetNs: ScaleFigures['packetNs']): string {
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  const whole = (value: number) => value.toFixed(0);
  const rows = FAMILIES.flatMap((family) =>
    (['tunnel', 'route'] as const).map((way) => {
      const { few, among, spread, lostAmong, lostSpread } = packetNs[family][way];
      const name =
        way === 'tunnel' ? `${family} into a tunnel, by its binding` : `${family} by a route of the kernel's`;
      return [name, whole(few), whole(among), percent(lostAmong), whole(spread), percent(lostSpread)];
    }),
  );
  return `Nanoseconds of a packet to ${FEW} destinations alone, to the same among ${bindings.toLocaleString('en')}, and to any of these at random; less throughput (≤ ${TARGETS.effect * 100} %)\n${formatTable(
    [['', 'alone', 'among', 'less', 'random', 'less'], ...rows],
  )}`;
}

function fill(plane: BpfDataPlane, anchor: Crowd, start: number, end: number): void {
  for (let first = start; first < end; first += CHUNK) {
    const changes = Array.from({ length: Math.min(CHUNK, end - first) }, (_, i) => binding(anchor, first + i));
    expectNothing(plane.apply(changes).failed.length, 'refused');
  }
}

function oneMore(plane: BpfDataPlane, count: number): ScaleFigures['oneMoreUs'] {
  const times = Array.from({ length: REHEARSED + SINGLES }, (_, i) => {
    const change = binding('many', count + i);
    const start = performance.now();
    expectNothing(plane.apply([change]).failed.length, 'refused');
    return (performance.now() - start) * 1000;
  })
    .slice(REHEARSED)
    .sort((a, b) => a - b);
  return { median: median(times) ?? 0, high: times[Math.floor(SINGLES * 0.99)] ?? 0 };
}

function binding(anchor: Crowd, index: number): ForwardingChange {
  const path: Path = {
    encapsulation: { kind: 'ip' },
    local: Ipv4Address.parse(ANCHORS[anchor].ends.lma.IPv4) as Ipv4Address,
    remote: (Ipv4Address.parse('198.19.0.1') as Ipv4Address).plus(index % GATEWAYS),
  };
  const forwarding: AnchorForwarding = {
    kind: 'anchor',
    id: `mn${index}`,
    customer: 0,
    homeAddress: homeAddress(index),
    prefixes: [homePrefix(index)],
    paths: [path],
  };
  return { kind: 'set', forwarding };
}

function homeAddress(index: number): Ipv4Address {
  return (Ipv4Address.parse(FIRST_HOMES.IPv4) as Ipv4Address).plus(index);
}

function homePrefix(index: number): Ipv6Prefix {
  return new Ipv6Prefix(new Ipv6Address(0x3fff0000, index, 0, 0), 64);
}

function nodeFor(anchor: Crowd, maximumBindings: number): NodeForwarding {
  const [pool4, pool6] = POOLS;
  return {
    pools: { ipv4: [Ipv4Prefix.parse(pool4) as Ipv4Prefix], ipv6: [Ipv6Prefix.parse(pool6) as Ipv6Prefix] },
    accessInterfaces: [],
    localAddresses: [Ipv4Address.parse(ANCHORS[anchor].ends.lma.IPv4) as Ipv4Address],
    tunnelMtu: 1400,
    maximumBindings,
  };
}

/** Octets of this process but for what it has in common with others and with the kernel. */
function ownMemory(): number {
  return Number(/^RssAnon:\s*(\d+) kB$/m.exec(readText('/proc/self/status'))?.[1] ?? 0) * 1024;
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
