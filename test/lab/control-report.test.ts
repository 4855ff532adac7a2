import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { highestRate } from '#lab/bench/control/highest-rate.ts';
import type { ControlFigures, MeasuredOperation } from '#lab/bench/control/measure.ts';
import { asText, tables } from '#lab/bench/control/report.ts';
import { ProcessorTimeLine } from '#lab/processor-time-line.ts';

const percentiles = { p50: 40, p99: 1690, p999: 4770, maximum: 6940 };

/** Whose costs are 10, 18, 20, 30 and 40 microseconds and more. */
function operations(more: number): Record<MeasuredOperation, { perSecond: number; cost: number }> {
  const figures = (perSecond: number, cost: number) => ({ perSecond, cost: cost + more });
  return {
    ...{ attach: figures(20_000, 10), 'first refresh': figures(20_000, 18), refresh: figures(40_000, 20) },
    ...{ handover: figures(10_000, 30), detach: figures(30_000, 40) },
  };
}

const figures: ControlFigures = {
  echo: { plain: { perSecond: 90_000, cost: 5 }, signed: { perSecond: 60_000, cost: 8 } },
  ...{
    store: [{ group: 1, perSecond: 5000 }],
    sync: { p50: 200, p99: 5000 },
    kea: { version: '2.2.0', exchangesPerSecond: 10_000 },
  },
  lma: [
    { authenticated: false, durable: false, operations: operations(0) },
    { authenticated: true, durable: true, operations: { ...operations(14), attach: { perSecond: 15_000, cost: 24 } } },
  ],
  latencies: [
    { operation: 'refresh', load: 0.5, perSecond: 20_000, latency: percentiles, late: { ...percentiles, p99: 500 } },
  ],
  overload: {
    ...{ offered: { refreshes: 2, attachments: 3 }, answered: { refreshes: 2, attachments: 1 }, afterwards: 0.1 },
  },
  ...{ sizes: [], gateways: [] },
};

describe('the figures of the control plane', () => {
  // However wide the columns are.
  const text = asText(tables(figures)).replaceAll(/ +/g, ' ');

  it('have the processor time of each operation beside that of the server in C that does as much', () => {
    expect(text).toContain(
      ` attach to C first refresh to C refresh to C handover to C detach to C
 C, turned round 5.0
 C, verified and signed 8.0
 LMA, plain, in memory 10.0 2.00 18.0 3.60 20.0 4.00 30.0 6.00 40.0 8.00
 LMA, authenticated, durable 24.0 3.00 32.0 4.00 34.0 4.25 44.0 5.50 54.0 6.75
`,
    );
  });

  it('have both beside Kea, which proves nothing and does not wait for the disk: what is asked of the LMA, and what does as little', () => {
    expect(text).toContain(
      ` per second attach to it plain, in memory
 the store alone, groups of 1 5,000 3.00
 C, verified and signed 60,000 0.25
 Kea 2.2.0 DHCPv4, exchanges 10,000 1.50 2.00
`,
    );
  });

  it('tell the part of a latency that is of whoever sends', () => {
    expect(text).toContain(
      ` load per second p50 p99 p99.9 p99 to fdatasync late p50 late p99
 refresh 50 % 20,000 0.04 1.69 4.77 0.34 0.04 0.50
`,
    );
  });
});

describe('the most that is borne of what is offered', () => {
  /** A server that answers so many a second, of what is asked. */
  const server = (capacity: number) => {
    const offered: number[] = [];
    return {
      offered,
      offer: async (rate: number) => {
        offered.push(rate);
        return rate > capacity ? undefined : rate;
      },
    };
  };

  it('is looked for between the highest rate that was borne and the lowest that was not', async () => {
    const { offered, offer } = server(11_000);
    expect(await highestRate([4000, 8000, 16_000, 32_000], 4, offer)).toBe(11_000);
    expect(offered).toEqual([4000, 8000, 16_000, 12_000, 10_000, 11_000, 11_500]);
  });

  it('is the last rate where all are borne, and is looked for below the first where none is', async () => {
    expect(await highestRate([4000, 8000], 4, server(9000).offer)).toBe(8000);
    expect(await highestRate([4000, 8000], 4, server(1000).offer)).toBe(1000);
    expect(await highestRate([4000], 1, server(0).offer)).toBe(0);
  });
});

describe('the processor time of a process over the day', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is that between two times, as far as it was followed', () => {
    let used = 1000;
    const line = new ProcessorTimeLine(() => used);
    const pass = (milliseconds: number, until: number) => {
      vi.advanceTimersByTime(milliseconds);
      used = until;
      return Date.now();
    };
    const first = pass(60, 4000);
    const second = pass(60, 9000);
    pass(10, 9000);
    line.stop();
    const third = pass(60, 50_000);
    expect(line.between(first, second)).toBe(3000);
    expect(line.between(first, third)).toBe(8000);
    expect(line.between(0, first)).toBe(0);
  });
});
