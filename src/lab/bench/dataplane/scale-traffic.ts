import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../figures.ts';
import { LabError } from '../../lab-error.ts';
import { BENCH_ADDRESSES, ip, namespaceFile, namespaceName, packetsReceived } from './bed.ts';
import { compileTraffic, frameOf, processorTime, softirqThread } from './traffic.ts';
import { type Family, TUNNEL_ENDS } from './tunnels.ts';

const FLOOD_MS = 100;
/** What is still on its way when the sender has ended. */
const SETTLE_MS = 20;
const ROUNDS = 15;
const OCTETS = 64;
/** Of an anchor on the correspondent's link. */
const ANCHOR_MAC = '02:00:00:00:00:c1';
/** The tunnels end there, and no host takes what comes. */
const NOBODY = '02:00:00:00:00:ff';
/** Of the address in a frame: all 32 bits of IPv4's, and the second 32 of IPv6's. */
const WORD_AT = { IPv4: 30, IPv6: 42 } as const;

/** Where an anchor of the bed is, with its own correspondent's link and gateway. */
export const ANCHORS = {
  many: {
    node: 'lma',
    gateway: 'mag',
    link: 'inet',
    ends: TUNNEL_ENDS.ebpf,
    correspondent: BENCH_ADDRESSES.cn.plain,
  },
  few: {
    node: 'ulma',
    gateway: 'umag',
    link: 'uinet',
    ends: TUNNEL_ENDS.user,
    correspondent: BENCH_ADDRESSES.cn.user,
  },
} as const;
export type Anchor = keyof typeof ANCHORS;

/** What a packet costs in nanoseconds: at the anchor with few bindings, to the same few at the one with many, to any of all there. */
export interface PacketCosts {
  readonly few: number;
  readonly among: number;
  readonly spread: number;
  /** Parts of the throughput of the few that are lost, of the same round. */
  readonly lostAmong: number;
  readonly lostSpread: number;
}

/** What a packet costs an anchor on its way into a tunnel, when it is for any of few or of many mobile nodes. */
export class ScaleTraffic {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mooring-scale-'));
  readonly #program = compileTraffic(this.#directory);
  readonly #cpu = availableParallelism() - 1;
  readonly #softirqs = softirqThread(this.#cpu);

  /** In an open bed. `tunnels`: where all far ends are. Throws `LabError`. */
  constructor(tunnels: string) {
    for (const { node, ends } of Object.values(ANCHORS)) {
      const name = namespaceName(node);
      const { IPv4: gateway } = ends.mag;
      ip(['-n', name, 'link', 'set', 'inet', 'address', ANCHOR_MAC]);
      ip(['-n', name, 'neigh', 'replace', gateway, 'lladdr', NOBODY, 'dev', 'core', 'nud', 'permanent']);
      ip(['-n', name, 'route', 'add', tunnels, 'via', gateway]);
    }
  }

  /** To `few` addresses from `first` on at both anchors, and to `many` at the one that has so many: the medians of rounds that measure all in turn. */
  costs(family: Family, first: string, few: number, many: number): PacketCosts {
    const rounds = Array.from({ length: ROUNDS }, () => ({
      few: this.#cost('few', family, first, few),
      among: this.#cost('many', family, first, few),
      spread: this.#cost('many', family, first, many),
    }));
    const of = (value: (round: (typeof rounds)[number]) => number) => median(rounds.map(value)) ?? 0;
    return {
      few: of((round) => round.few),
      among: of((round) => round.among),
      spread: of((round) => round.spread),
      lostAmong: of((round) => 1 - round.few / round.among),
      lostSpread: of((round) => 1 - round.few / round.spread),
    };
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Of processor time, sending included. */
  #cost(anchor: Anchor, family: Family, first: string, count: number): number {
    const { gateway, link, correspondent } = ANCHORS[anchor];
    const frame = Buffer.from(frameOf(correspondent[family], first, ANCHOR_MAC, OCTETS)).toString('hex');
    const words = ['spread', link, frame, `${FLOOD_MS}`, `${WORD_AT[family]}`, `${count}`];
    const [received, others] = [packetsReceived('core', gateway), processorTime(this.#softirqs)];
    const text = execFileSync(this.#program, [namespaceFile('cn'), `${this.#cpu}`, ...words], { encoding: 'utf8' });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MS);
    const { nanoseconds } = JSON.parse(text) as { nanoseconds: number };
    const packets = packetsReceived('core', gateway) - received;
    if (packets === 0) throw new LabError('measurement-failed', `no packet came through: ${words.slice(3).join(' ')}`);
    return (nanoseconds + processorTime(this.#softirqs) - others) / packets;
  }
}
