import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { AnchorForwarding, ForwardingChange, NodeForwarding, Path } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { inNewNetworkNamespace } from '#host/netns.ts';
import { formatTable, median } from '../figures.ts';
import { LabError } from '../lab-error.ts';

const DEFAULT_BINDINGS = 1_000_000;
const GATEWAYS = 100;
/** Changes of one call, as the packet worker makes them when a store is read. */
const CHUNK = 10_000;
const SINGLES = 1000;
const LOCAL = Ipv4Address.parse('127.0.0.1') as Ipv4Address;

/**
 * `dataplane-scale [--bindings N]`: what so many bindings of an anchor cost, each of an IPv4 address and a /64: setting them, one more of them, comparing
 * them with the kernel's tables, and adopting them in the place of a killed process. In a network namespace of its own.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { bindings: { type: 'string' } } });
  const count = Number(values.bindings ?? DEFAULT_BINDINGS);
  if (!Number.isInteger(count) || count < 1) throw new LabError('usage', '--bindings wants a number');
  process.stdout.write(inNewNetworkNamespace(() => measure(count)));
}

function measure(count: number): string {
  const node = nodeFor(count + SINGLES);
  const first = new BpfDataPlane();
  const free = kernelMemory();
  first.start(node);
  let second: BpfDataPlane | undefined;
  try {
    const filled = seconds(() => fill(first, count));
    const memory = free - kernelMemory();
    const one = oneMore(first, count);
    const audited = seconds(() => expectNothing(first.audit().missing, 'missing'));
    first.close({ keep: true });
    second = new BpfDataPlane();
    const next = second;
    const adopted = seconds(() => next.start(node));
    const claimed = seconds(() => fill(next, count));
    const reconciled = seconds(() => expectNothing(next.reconcile().repaired, 'repaired'));
    return `${count} bindings\n${formatTable([
      ['set, a binding', `${((filled / count) * 1e6).toFixed(1)} µs`, `all ${filled.toFixed(1)} s`],
      ['one more, median and worst of 99 %', `${one.median.toFixed(1)} µs`, `${one.high.toFixed(1)} µs`],
      ['memory, the process included', `${(memory / 2 ** 20).toFixed(0)} MiB`, ''],
      ['compared with the tables', `${audited.toFixed(1)} s`, ''],
      ['adopted by the next process', `${adopted.toFixed(2)} s`, 'forwards on meanwhile'],
      ['set again, a binding', `${((claimed / count) * 1e6).toFixed(1)} µs`, `all ${claimed.toFixed(1)} s`],
      ['reconciled', `${reconciled.toFixed(1)} s`, ''],
    ])}`;
  } finally {
    (second ?? first).close();
  }
}

function fill(plane: BpfDataPlane, count: number): void {
  for (let start = 0; start < count; start += CHUNK) {
    const changes = Array.from({ length: Math.min(CHUNK, count - start) }, (_, i) => binding(start + i));
    expectNothing(plane.apply(changes).failed.length, 'refused');
  }
}

function oneMore(plane: BpfDataPlane, count: number): { median: number; high: number } {
  const times = Array.from({ length: SINGLES }, (_, i) => {
    const change = binding(count + i);
    return seconds(() => expectNothing(plane.apply([change]).failed.length, 'refused')) * 1e6;
  }).sort((a, b) => a - b);
  return { median: median(times) ?? 0, high: times[Math.floor(SINGLES * 0.99)] ?? 0 };
}

function binding(index: number): ForwardingChange {
  const path: Path = {
    encapsulation: { kind: 'ip' },
    local: LOCAL,
    remote: new Ipv4Address(0x0b000001 + (index % GATEWAYS)),
  };
  const forwarding: AnchorForwarding = {
    kind: 'anchor',
    id: `mn${index}`,
    customer: 0,
    homeAddress: new Ipv4Address(0x0a000000 + index),
    prefixes: [new Ipv6Prefix(new Ipv6Address(0x20010db8, index, 0, 0), 64)],
    paths: [path],
  };
  return { kind: 'set', forwarding };
}

function nodeFor(maximumBindings: number): NodeForwarding {
  return {
    pools: {
      ipv4: [new Ipv4Prefix(new Ipv4Address(0x0a000000), 8)],
      ipv6: [new Ipv6Prefix(new Ipv6Address(0x20010db8, 0, 0, 0), 32)],
    },
    accessInterfaces: [],
    localAddresses: [],
    tunnelMtu: 1400,
    maximumBindings,
  };
}

function kernelMemory(): number {
  const available = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(available) * 1024;
}

/** Of processor time. */
function seconds(action: () => void): number {
  const start = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function expectNothing(count: number, what: string): void {
  if (count > 0) throw new LabError('measurement-failed', `${count} parts or bindings are ${what}`);
}
