import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { instant, milliseconds, utcTime } from '#base/time.ts';
import { DurableState } from '#daemon/durable-state.ts';
import { LogLimiter } from '#daemon/log-limiter.ts';
import { restartCounterAt } from '#daemon/restart-counter.ts';
import { decodeMobilityHeader, encodeMobilityHeader, findOption } from '#wire/mobility/index.ts';

describe('[RFC 5847 §3.2] the restart counter', () => {
  it('[RFC 5847 §3.2] is greater after each restart, and fits the option', () => {
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

  it('[RFC 5847 §3.2] is that of the first start as long as the sessions are kept, and another one when they are lost', () => {
    const started = (directory: string, second: number) => {
      const now = { instant: instant(1000 * second), utc: utcTime(Date.UTC(2026, 10, 21, 12, 0, second)) };
      const policy = { onFailure: 'withhold', window: milliseconds(1000) } as const;
      const state = new DurableState(directory, policy, now, new LogLimiter('error', () => {}));
      state.begin(now);
      state.close(now);
      return state.restartCounter;
    };
    const directory = mkdtempSync(join(tmpdir(), 'mooring-counter-'));
    try {
      const first = started(join(directory, 'a'), 0);
      expect([started(join(directory, 'a'), 7), started(join(directory, 'b'), 9)]).toEqual([first, first + 9]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
