import { describe, expect, it } from 'vitest';
import { utcTime } from '#base/time.ts';
import { restartCounterAt } from '#daemon/restart-counter.ts';
import { decodeMobilityHeader, encodeMobilityHeader, findOption } from '#wire/mobility/index.ts';

describe('[RFC 5847 §3.2] the restart counter', () => {
  it('is greater after each restart, and fits the option', () => {
    const first = restartCounterAt(utcTime(Date.UTC(2026, 10, 21, 12, 0, 0)));
    const second = restartCounterAt(utcTime(Date.UTC(2026, 10, 21, 12, 0, 1)));
    expect(second).toBe(first + 1);
    const octets = encodeMobilityHeader({
      kind: 'heartbeat',
      response: true,
      unsolicited: false,
      sequence: 1,
      options: [{ kind: 'restart-counter', counter: second }],
    });
    const read = decodeMobilityHeader(octets);
    const options = read.ok && read.value.kind === 'heartbeat' ? read.value.options : [];
    expect(findOption(options, 'restart-counter')?.counter).toBe(second);
  });
});
