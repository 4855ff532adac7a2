import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';
import { LabError } from '../../lab-error.ts';
import {
  BENCH_ADDRESSES,
  type BenchNode,
  FIRST_HOPS,
  LAST_LINKS,
  namespaceFile,
  packetsReceived,
  type Way,
} from './bed.ts';
import { type Family, type PlaneKind, type PlaneRole, STATION } from './tunnels.ts';

const SOURCE = fileURLToPath(new URL('traffic.c', import.meta.url));
const PLANE = fileURLToPath(new URL('plane-process.ts', import.meta.url));
const PORTS = { sink: '5001', echo: '5002', serve: '5003' } as const;
const UDP_AND_IP = { IPv4: 28, IPv6: 48 } as const;
/** Answered by nobody, and taken by no router. */
const NOBODY = MacAddress.parse('02:00:00:00:00:ff') as MacAddress;
/** Beyond what a measurement takes. */
const PATIENCE_MS = 10_000;
/** What is still on its way when the sender has ended. */
const SETTLE_MS = 10;

/** Packets or octets, and the processor time that all of it took. */
interface Cost {
  readonly count: number;
  readonly nanoseconds: number;
}

/** How long and how often each measurement is taken. */
export interface Measures {
  readonly floodMs: number;
  readonly drainMs: number;
  readonly pings: number;
  /** Whether the kernel's routers go past their stacks, as with `ip cef`. */
  readonly way: 'express' | 'stack';
}

/** The processes at the ends of the traffic, and between them, all on one processor. Rates are those of a second of its time, whatever else it does. */
export class Traffic {
  readonly #cpu: number;
  readonly #measures: Measures;
  readonly #directory = mkdtempSync(join(tmpdir(), 'mooring-traffic-'));
  readonly #program: string;
  readonly #running = new Set<ChildProcess>();
  readonly #planes: ChildProcess[] = [];
  readonly #servers: ChildProcess[] = [];
  /** Does what of the kernel's work on packets is not done in the name of who sent them. */
  readonly #softirqs: number;

  /** Throws `LabError` without a C compiler. */
  constructor(cpu: number, measures: Measures) {
    this.#cpu = cpu;
    this.#measures = measures;
    this.#softirqs = softirqThread(cpu);
    this.#program = compileTraffic(this.#directory);
  }

  /** Starts the routers, and who answers at the correspondent node. */
  async begin(): Promise<void> {
    for (const [node, kind, role] of [
      ['mag', 'ebpf', 'mag'],
      ['lma', 'ebpf', 'lma'],
      ['umag', 'user', 'mag'],
      ['ulma', 'user', 'lma'],
    ] as const)
      await this.#startPlane(node, kind, role);
    for (const mode of ['sink', 'echo', 'serve'] as const) {
      const server = this.#start('cn', mode, PORTS[mode]);
      this.#servers.push(server);
      await line(server);
    }
  }

  /** The mobile node's packets go through this tunnel from now on, in the kernel's routers or in those in user space. */
  async use(kind: PlaneKind, tunnel: number): Promise<void> {
    for (const child of kind === 'ebpf' ? this.#planes.slice(0, 2) : this.#planes.slice(2)) {
      const answer = line(child);
      child.stdin?.write(`${tunnel}\n`);
      const text = await answer;
      if (text !== 'set') throw new LabError('forwarding-failed', text);
    }
  }

  /** Packets that come to the correspondent node in a second of processor time, of so many octets each, IP header included. */
  async packetRate(way: Way, family: Family, octets: number): Promise<number> {
    const frame = frameOf(
      BENCH_ADDRESSES.mn[way][family],
      BENCH_ADDRESSES.cn[way][family],
      FIRST_HOPS[way].mac,
      octets,
    );
    const before = packetsReceived(LAST_LINKS[way]);
    const { nanoseconds } = await this.#flood(FIRST_HOPS[way].link, frame);
    const received = packetsReceived(LAST_LINKS[way]) - before;
    if (received === 0) throw new LabError('bench-failed', `no packet came through: ${way}, ${family}`);
    return (received * 1e9) / nanoseconds;
  }

  /** Nanoseconds that sending a packet costs by itself: to a router that does not take it. */
  async costOfSending(octets: number): Promise<number> {
    const { mn, cn } = BENCH_ADDRESSES;
    const { count, nanoseconds } = await this.#flood(
      'plain',
      frameOf(mn.plain.IPv4, cn.plain.IPv4, `${NOBODY}`, octets),
    );
    return nanoseconds / count;
  }

  /** Nanoseconds to the correspondent node and back, the median. */
  async roundTrip(way: Way, family: Family): Promise<number> {
    const { mn, cn } = BENCH_ADDRESSES;
    const words = ['ping', mn[way][family], cn[way][family], PORTS.echo, `${this.#measures.pings}`];
    const value = Number(await line(this.#start('mn', ...words)));
    if (value > 0) return value;
    throw new LabError('bench-failed', `${words.join(' ')} saw nothing`);
  }

  /** Bits of one TCP connection from the correspondent node in a second of processor time. */
  async tcpRate(way: Way, family: Family): Promise<number> {
    const { mn, cn } = BENCH_ADDRESSES;
    const words = ['drain', mn[way][family], cn[way][family], PORTS.serve, `${this.#measures.drainMs}`];
    const { count, nanoseconds } = await this.#costOf(words);
    return (count * 8e9) / nanoseconds;
  }

  /** Ends every process; the routers leave nothing. */
  async end(): Promise<void> {
    const ending = [...this.#running].map((child) => once(child, 'close'));
    for (const child of this.#running) child.stdin?.end();
    const timer = setTimeout(() => this.kill(), PATIENCE_MS);
    await Promise.all(ending);
    clearTimeout(timer);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  kill(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }

  async #startPlane(node: BenchNode, kind: PlaneKind, role: PlaneRole): Promise<void> {
    const command = [process.execPath, PLANE, namespaceFile(node), kind, role, this.#measures.way];
    const child = this.#spawn(['taskset', '-c', `${this.#cpu}`, ...command]);
    this.#planes.push(child);
    if ((await line(child)) !== 'ready') throw new LabError('data-plane', `the data plane of ${node} did not start`);
  }

  #flood(link: string, frame: Uint8Array): Promise<Cost> {
    return this.#costOf(['flood', link, Buffer.from(frame).toString('hex'), `${this.#measures.floodMs}`]);
  }

  /** With what the others have done meanwhile, and soon after. */
  async #costOf(words: readonly string[]): Promise<Cost> {
    const before = this.#timeOfOthers();
    const text = await line(this.#start('mn', ...words));
    if (text === '') throw new LabError('bench-failed', `${words[0]} ended without a figure`);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { count, nanoseconds } = JSON.parse(text) as Cost;
    return { count, nanoseconds: nanoseconds + this.#timeOfOthers() - before };
  }

  #timeOfOthers(): number {
    const pids = [...this.#planes, ...this.#servers].map(({ pid }) => pid as number);
    return [this.#softirqs, ...pids].map(processorTime).reduce((sum, one) => sum + one, 0);
  }

  #start(node: BenchNode, ...words: string[]): ChildProcess {
    return this.#spawn([this.#program, namespaceFile(node), `${this.#cpu}`, ...words]);
  }

  #spawn([command, ...words]: string[]): ChildProcess {
    const child = spawn(command as string, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }
}

/** Compiles the ends of the traffic; returns the program. Throws `LabError` without a C compiler. */
export function compileTraffic(directory: string): string {
  const program = join(directory, 'traffic');
  try {
    execFileSync('cc', ['-O2', '-o', program, SOURCE], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no C compiler; apt-get install gcc libc6-dev' : message;
    throw new LabError('no-reference', `the source of traffic in C cannot be made: ${reason}`);
  }
  return program;
}

/** The thread of the kernel for the softirqs of a processor. */
export function softirqThread(cpu: number): number {
  const name = `ksoftirqd/${cpu}`;
  const pid = readdirSync('/proc').find((one) => /^\d+$/.test(one) && read(`/proc/${one}/comm`).trim() === name);
  if (pid === undefined) throw new LabError('bench-failed', `the kernel's threads cannot be seen here: no ${name}`);
  return Number(pid);
}

/** Of a thread, in nanoseconds. */
export function processorTime(pid: number): number {
  return Number(read(`/proc/${pid}/schedstat`).split(' ')[0]);
}

/** Empty when the process is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The next line; empty when it ends without one, or has none for long. */
async function line(child: ChildProcess): Promise<string> {
  let text = '';
  const collect = (data: Buffer) => {
    text += data;
    if (text.includes('\n')) child.emit('line');
  };
  child.stdout?.on('data', collect);
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const waiting = new AbortController();
  await Promise.race(['line', 'close'].map((event) => once(child, event, { signal: waiting.signal })));
  waiting.abort();
  clearTimeout(timer);
  child.stdout?.off('data', collect);
  return text.split('\n')[0] as string;
}

/** A datagram from a mobile node to a correspondent's sink, of so many octets with the IP header, in a frame to `mac`. */
export function frameOf(
  source: string,
  destination: string,
  mac: string,
  octets: number,
  station = STATION,
): Uint8Array {
  const ends4 = { source: Ipv4Address.parse(source), destination: Ipv4Address.parse(destination) };
  const ends6 = { source: Ipv6Address.parse(source), destination: Ipv6Address.parse(destination) };
  const family: Family = ends4.source ? 'IPv4' : 'IPv6';
  const ends = (family === 'IPv4' ? ends4 : ends6) as { source: Ipv4Address; destination: Ipv4Address };
  const body = new Uint8Array(octets - UDP_AND_IP[family]);
  const datagram = encodeUdp({ ...ends, sourcePort: 4000, destinationPort: Number(PORTS.sink), payload: body });
  const payload =
    family === 'IPv4'
      ? encodeIpv4({ ...ends, ttl: 64, protocol: UDP_PROTOCOL, payload: datagram })
      : encodeIpv6({
          ...(ends6 as { source: Ipv6Address; destination: Ipv6Address }),
          hopLimit: 64,
          nextHeader: UDP_PROTOCOL,
          payload: datagram,
        });
  return encodeEthernet({
    destination: MacAddress.parse(mac) as MacAddress,
    source: MacAddress.parse(station) as MacAddress,
    tags: [],
    etherType: family === 'IPv4' ? EtherType.IPV4 : EtherType.IPV6,
    payload,
  });
}
