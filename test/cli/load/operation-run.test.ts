import { describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { type LoadPlan, type LoadSockets, OperationRun } from '#cli/load/operation-run.ts';
import { Population } from '#proto/load/index.ts';
import { type BindingUpdate, decodeMobilityHeader, encodeMobilityHeader } from '#wire/mobility/index.ts';

const LMA = Ipv6Address.parse('2001:db8::101') as Ipv6Address;
const GATEWAY = Ipv6Address.parse('2001:db8::15') as Ipv6Address;

/** An LMA that accepts what was sent, each time that answers are waited for, and has the machine stand still for so long before that. */
class StandingStill implements LoadSockets {
  #standMs: (round: number) => number;
  #rounds = 0;
  #updates: BindingUpdate[] = [];

  constructor(standMs: (round: number) => number) {
    this.#standMs = standMs;
  }

  send(_: number, octets: Uint8Array): void {
    const decoded = decodeMobilityHeader(octets);
    if (decoded.ok && decoded.value.kind === 'binding-update') this.#updates.push(decoded.value);
  }

  flush(): void {}

  round(_: number, handle: (gateway: number, octets: Uint8Array) => void): void {
    const until = performance.now() + this.#standMs(this.#rounds++);
    while (performance.now() < until);
    for (const { sequence, lifetime, options } of this.#updates.splice(0)) {
      const kept = options.map((option) =>
        option.kind === 'home-network-prefix'
          ? { ...option, prefix: Ipv6Prefix.parse('2001:db8:1::/64') as Ipv6Prefix }
          : option,
      );
      handle(
        0,
        encodeMobilityHeader({
          kind: 'binding-acknowledgement',
          ...{ status: 0, flags: 0x20, sequence, lifetime, options: kept },
        }),
      );
    }
  }
}

function attach(nodes: number, plan: Omit<LoadPlan, 'operations'>, standMs: (round: number) => number) {
  const population = new Population({
    ...{ lma: LMA, gateways: [GATEWAY], nodes, realm: 'example.com', service: 'ipv6', timestamps: false },
    ...{ lifetime: seconds(3600), patience: milliseconds(10_000), tries: 1 },
  });
  const run = new OperationRun('attach', population, new StandingStill(standMs), { operations: ['attach'], ...plan });
  run.work(10_000);
  return run.report();
}

describe('an operation of a load', () => {
  it('says how late its messages were, when the machine stood still', () => {
    // One is due each millisecond: those that fell into 40 ms are late by up to that.
    const report = attach(50, { rate: 1000, inFlight: 1000 }, (round) => (round === 3 ? 40 : 0));
    expect(report.accepted).toBe(50);
    expect(report.lateMicroseconds?.maximum).toBeGreaterThan(35_000);
    expect(report.lateMicroseconds?.p99).toBeLessThanOrEqual(report.latencyMicroseconds?.maximum ?? 0);
  });

  it('is not late itself when the answers hold it back, whose latencies count from when messages were due', () => {
    const report = attach(10, { rate: 1000, inFlight: 1 }, () => 20);
    expect(report.accepted).toBe(10);
    expect(report.latencyMicroseconds?.maximum).toBeGreaterThan(150_000);
    expect(report.lateMicroseconds?.p50).toBeLessThan(15_000);
  });

  it('is never late where nothing is due', () => {
    expect(attach(10, { inFlight: 2 }, () => 1).lateMicroseconds).toBeUndefined();
  });
});
