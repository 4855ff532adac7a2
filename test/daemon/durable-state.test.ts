import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { DurableState, type StatePolicy } from '#daemon/durable-state.ts';
import { LogLimiter } from '#daemon/log-limiter.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import { put } from '../store/compliance.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mooring-state-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

describe('with old logs that cannot be made a base', () => {
  it('a node says why, once for each attempt, and goes on', async () => {
    const directory = join(parent, 'state');
    const logged: LogOutput[] = [];
    const log = new LogLimiter('debug', (entry) => logged.push(entry));
    const policy = { onFailure: 'withhold', window: milliseconds(1000) } as const;
    const open = () => new DurableState(directory, policy, readClock(), log);
    for (let run = 0; run < 16; run++) {
      const state = open();
      state.begin(readClock());
      state.close(readClock());
    }
    const state = open();
    rmSync(join(directory, '00000003.log'));
    state.begin(readClock());
    for (let i = 0; state.report().stats.compactionFailures === 0 && i < 5000; i++) {
      state.commit([put('a', `${i}`)], readClock());
      state.settle(readClock(), true);
      await sleep(1);
    }
    state.commit([put('a', 'last')], readClock());
    state.settle(readClock(), true);
    expect(state.report()).toMatchObject({
      problem: null,
      stats: { failures: 0, compactions: 0, compactionFailures: 1 },
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ level: 'warn', code: 'compaction-failed' });
    expect(logged[0]?.text).toMatch(/00000003\.log is not what was written: it is missing/);
    state.close(readClock());
  });
});

describe('with a disk that hangs', () => {
  it.each<[StatePolicy['onFailure'], number]>([
    ['withhold', 1],
    ['memory', 0],
  ])('a node whose policy is %s says so after two seconds, and has %i group awaited', async (onFailure, groups) => {
    const logged: LogOutput[] = [];
    let isAtWork = false;
    const disk = { fd: 0, begin: () => {}, hasEnded: (wait: boolean) => wait || !isAtWork, close: () => {} };
    const log = new LogLimiter('debug', (entry) => logged.push(entry));
    const policy = { onFailure, window: milliseconds(1000) };
    const state = new DurableState(join(parent, 'state'), policy, readClock(), log, disk);
    state.begin(readClock());
    isAtWork = true;
    state.commit([put('a', 'one')], readClock());
    state.flushIfDue(readClock());
    expect([state.report().problem, state.awaited - state.durable]).toEqual([null, 1]);
    await sleep(2050);
    state.flushIfDue(readClock());
    expect(state.report().problem).toMatch(/has been at work for more than 2 seconds/);
    expect([state.isDurable, state.awaited - state.durable]).toEqual([false, groups]);
    isAtWork = false;
    state.settle(readClock());
    expect([state.report().problem, state.isDurable, state.awaited - state.durable]).toEqual([null, true, 0]);
    expect(logged.map(({ code }) => code)).toEqual(['store-failed', 'store-recovered']);
    state.close(readClock());
  });
});
