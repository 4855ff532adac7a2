import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../figures.ts';
import { LabError } from '../../lab-error.ts';
import { BENCH_ADDRESSES, FIRST_HOPS, ip, namespaceFile, namespaceName, packetsReceived } from './bed.ts';
import { compileTraffic, frameOf, processorTime, softirqThread } from './traffic.ts';
import { type Family, TUNNEL_ENDS } from './tunnels.ts';

const FLOOD_MS = 100;
/** What is still on its way when the sender has ended. */
const SETTLE_MS = 20;
const ROUNDS = 15;
const OCTETS = 64;
/** Of an anchor on the correspondent's link. */
const ANCHOR_MAC = '02:00:00:00:00:c1';
/** The tunnels and the routes end there, and no host takes what comes. */
const NOBODY = '02:00:00:00:00:ff';
/** Of the address in a frame: all 32 bits of IPv4's, and the second 32 of IPv6's. */
const WORD_AT = { IPv4: 30, IPv6: 42 } as const;

/** Where an anchor of the bed is, with its own correspondent's link and gateway. */
export const ANCHORS = {
  many: { node: 'lma', ends: TUNNEL_ENDS.ebpf },
  few: { node: 'ulma', ends: TUNNEL_ENDS.user },
} as const;

/** The others of the bed are ordinary routers here, which have as many routes through one next hop. */
export const ROUTERS = {
  many: { node: 'mag', link: 'plain', nextHop: { IPv4: '10.0.0.2', IPv6: '2001:db8:1::2' } },
  few: { node: 'umag', link: 'core', nextHop: TUNNEL_ENDS.user.lma },
} as const;

/** How many mobile nodes or destinations it has. */
export type Crowd = 'many' | 'few';
/** Into a tunnel, as the binding says, or out through a link, as the kernel's route does. */
export type ScaleWay = 'tunnel' | 'route';

/** Who sends to whom there, and where it is counted what came through. */
const PLACES = {
  tunnel: {
    many: {
      from: { node: 'cn', link: 'inet', mac: ANCHOR_MAC, addresses: BENCH_ADDRESSES.cn.plain },
      to: { node: 'mag', link: 'core' },
    },
    few: {
      from: { node: 'cn', link: 'uinet', mac: ANCHOR_MAC, addresses: BENCH_ADDRESSES.cn.user },
      to: { node: 'umag', link: 'core' },
    },
  },
  route: {
    many: {
      from: { node: 'mn', ...FIRST_HOPS.plain, addresses: BENCH_ADDRESSES.mn.plain },
      to: { node: 'lma', link: 'plain' },
    },
    few: {
      from: { node: 'mn', ...FIRST_HOPS.user, addresses: BENCH_ADDRESSES.mn.user },
      to: { node: 'ulma', link: 'core' },
    },
  },
} as const;

/** What a packet costs in nanoseconds: to few where there are no others, to the same few among many, and to any of these. */
export interface PacketCosts {
  readonly few: number;
  readonly among: number;
  readonly spread: number;
  /** Parts of the throughput of the few that are lost, of the same round. */
  readonly lostAmong: number;
  readonly lostSpread: number;
}

/** What a packet costs an anchor on its way into a tunnel, and a router of the kernel's, when it is for any of few or of many. */
export class ScaleTraffic {
  readonly #directory = mkdtempSync(join(tmpdir(), 'mooring-scale-'));
  readonly #program = compileTraffic(this.#directory);
  readonly #cpu = availableParallelism() - 1;
  readonly #softirqs = softirqThread(this.#cpu);

  /** In an open bed. `tunnels`: where all far ends are. Throws `LabError`. */
  constructor(tunnels: string) {
    for (const { node, ends } of Object.values(ANCHORS)) {
      const { IPv4: gateway } = ends.mag;
      ip(['-n', namespaceName(node), 'link', 'set', 'inet', 'address', ANCHOR_MAC]);
      toNobody(node, gateway, 'core');
      ip(['-n', namespaceName(node), 'route', 'add', tunnels, 'via', gateway]);
    }
    for (const { node, link, nextHop } of Object.values(ROUTERS))
      for (const address of Object.values(nextHop)) toNobody(node, address, link);
    ip(['-n', namespaceName(ROUTERS.few.node), 'link', 'set', 'acc', 'address', FIRST_HOPS.user.mac]);
  }

  /**
   * By both ways to `few` addresses from `first` on where there are no others and where there are `many`, and to all of these: the medians of rounds that
   * measure all in turn.
   */
  costs(family: Family, first: string, few: number, many: number): Readonly<Record<ScaleWay, PacketCosts>> {
    const rounds = Array.from({ length: ROUNDS }, (_, round) => {
      const cases = (['tunnel', 'route'] as const).flatMap((way) => [
        { way, name: 'few', crowd: 'few', count: few } as const,
        { way, name: 'among', crowd: 'many', count: few } as const,
        { way, name: 'spread', crowd: 'many', count: many } as const,
      ]);
      const seen = { tunnel: { few: 0, among: 0, spread: 0 }, route: { few: 0, among: 0, spread: 0 } };
      // What comes first may find the machine in another state than what comes last.
      for (const { way, name, crowd, count } of round % 2 === 0 ? cases : cases.reverse())
        seen[way][name] = this.#cost(way, crowd, family, first, count);
      return seen;
    });
    return { tunnel: costsOf(rounds.map(({ tunnel }) => tunnel)), route: costsOf(rounds.map(({ route }) => route)) };
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Of processor time, sending included. */
  #cost(way: ScaleWay, crowd: Crowd, family: Family, first: string, count: number): number {
    const { from, to } = PLACES[way][crowd];
    const frame = Buffer.from(frameOf(from.addresses[family], first, from.mac, OCTETS)).toString('hex');
    const words = ['spread', from.link, frame, `${FLOOD_MS}`, `${WORD_AT[family]}`, `${count}`];
    const [received, others] = [packetsReceived(to.link, to.node), processorTime(this.#softirqs)];
    const text = execFileSync(this.#program, [namespaceFile(from.node), `${this.#cpu}`, ...words], {
      encoding: 'utf8',
    });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SETTLE_MS);
    const { nanoseconds } = JSON.parse(text) as { nanoseconds: number };
    const packets = packetsReceived(to.link, to.node) - received;
    if (packets === 0) throw new LabError('measurement-failed', `no packet came through: ${words.slice(3).join(' ')}`);
    return (nanoseconds + processorTime(this.#softirqs) - others) / packets;
  }
}

function costsOf(rounds: readonly Pick<PacketCosts, 'few' | 'among' | 'spread'>[]): PacketCosts {
  const of = (value: (round: (typeof rounds)[number]) => number) => median(rounds.map(value)) ?? 0;
  return {
    few: of((round) => round.few),
    among: of((round) => round.among),
    spread: of((round) => round.spread),
    lostAmong: of((round) => 1 - round.few / round.among),
    lostSpread: of((round) => 1 - round.few / round.spread),
  };
}

/** A neighbour that takes nothing. */
function toNobody(node: (typeof ANCHORS | typeof ROUTERS)[Crowd]['node'], address: string, link: string): void {
  ip(['-n', namespaceName(node), 'neigh', 'replace', address, 'lladdr', NOBODY, 'dev', link, 'nud', 'permanent']);
}
