import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../figures.ts';
import { LabError } from '../../lab-error.ts';
import { BENCH_ADDRESSES, ip, namespaceFile, namespaceName, packetsReceived } from './bed.ts';
import { compileTraffic, frameOf, processorTime, softirqThread } from './traffic.ts';
import { type Family, TUNNEL_ENDS } from './tunnels.ts';

const FLOOD_MS = 150;
const ROUNDS = 7;
const OCTETS = 64;
/** Of the LMA on the correspondent's link. */
const LMA_MAC = '02:00:00:00:00:c1';
/** The tunnels end there, and no host takes what comes. */
const NOBODY = '02:00:00:00:00:ff';
/** Of the address in a frame: all 32 bits of IPv4's, and the second 32 of IPv6's. */
const WORD_AT = { IPv4: 30, IPv6: 42 } as const;

/** What a packet costs an anchor on its way into a tunnel, when it is for any of many mobile nodes. */
export class ScaleTraffic {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mooring-scale-'));
  readonly #program = compileTraffic(this.#directory);
  readonly #cpu = availableParallelism() - 1;
  readonly #softirqs = softirqThread(this.#cpu);

  /** In an open bed. `tunnels`: where all far ends are. Throws `LabError`. */
  constructor(tunnels: string) {
    ip(['-n', namespaceName('lma'), 'link', 'set', 'inet', 'address', LMA_MAC]);
    const { mag } = TUNNEL_ENDS.ebpf;
    ip(['-n', namespaceName('lma'), 'neigh', 'replace', mag.IPv4, 'lladdr', NOBODY, 'dev', 'core', 'nud', 'permanent']);
    ip(['-n', namespaceName('lma'), 'route', 'add', tunnels, 'via', mag.IPv4]);
  }

  /** Nanoseconds of processor time, sending included, to any of so many addresses from `first` on: the median of some rounds. */
  costOf(family: Family, first: string, count: number): number {
    const frame = Buffer.from(frameOf(BENCH_ADDRESSES.cn.plain[family], first, LMA_MAC, OCTETS)).toString('hex');
    const words = ['spread', 'inet', frame, `${FLOOD_MS}`, `${WORD_AT[family]}`, `${count}`];
    return median(Array.from({ length: ROUNDS }, () => this.#costOf(words))) ?? 0;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #costOf(words: readonly string[]): number {
    const [received, others] = [packetsReceived('core', 'mag'), processorTime(this.#softirqs)];
    const text = execFileSync(this.#program, [namespaceFile('cn'), `${this.#cpu}`, ...words], { encoding: 'utf8' });
    const { nanoseconds } = JSON.parse(text) as { nanoseconds: number };
    const packets = packetsReceived('core', 'mag') - received;
    if (packets === 0) throw new LabError('bench-failed', `no packet came through: ${words.slice(3).join(' ')}`);
    return (nanoseconds + processorTime(this.#softirqs) - others) / packets;
  }
}
