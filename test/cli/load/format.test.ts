import { describe, expect, it } from 'vitest';
import { formatReports } from '#cli/load/format.ts';
import type { OperationReport } from '#cli/load/operation-run.ts';

const percentiles = { p50: 40, p99: 1690, p999: 4770, maximum: 6940 };
const report: OperationReport = {
  ...{
    operation: 'attach',
    startedAt: 0,
    seconds: 3.64,
    perSecond: 11_000,
    sent: 40_000,
    accepted: 40_000,
    retransmitted: 0,
  },
  ...{ refused: {}, lost: 0, notAuthentic: 0, changedAddresses: 0, givenTwice: 0 },
  latencyMicroseconds: percentiles,
  lateMicroseconds: undefined,
};

describe('the figures of a load', () => {
  it('are a table', () => {
    expect(formatReports([report])).toBe(
      '        accepted  seconds  per second  p50 ms  p99 ms  p99.9 ms  longest ms\n' +
        'attach     40000     3.64       11000    0.04    1.69      4.77        6.94\n',
    );
  });

  it('show with a rate how late messages were sent', () => {
    const late = { p50: 10, p99: 500, p999: 4010, maximum: 6640 };
    expect(formatReports([{ ...report, lateMicroseconds: late }])).toBe(
      '        accepted  seconds  per second  p50 ms  p99 ms  p99.9 ms  longest ms  late p50 ms  late p99 ms  late p99.9 ms  latest ms\n' +
        'attach     40000     3.64       11000    0.04    1.69      4.77        6.94         0.01         0.50           4.01       6.64\n',
    );
  });

  it('say what did not go well', () => {
    const bad = { ...report, accepted: 1, refused: { INSUFFICIENT_RESOURCES: 3 }, lost: 2, notAuthentic: 1 };
    const [, , ...faults] = formatReports([bad]).split('\n');
    expect(faults).toEqual([
      'attach: 3 refused with INSUFFICIENT_RESOURCES',
      'attach: 2 without an answer',
      'attach: 1 answers not authentic',
      '',
    ]);
  });
});
