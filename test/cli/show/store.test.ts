import { expect, it } from 'vitest';
import { renderShow } from '#cli/show/index.ts';
import { storeWarnings } from '#cli/show/store.ts';
import type { StateReport } from '#daemon/durable-state.ts';
import { createStoreStats } from '#store/store.ts';

const report: StateReport = {
  directory: '/var/lib/mooring',
  problem: null,
  onFailure: 'withhold',
  windowMs: 1000,
  waiting: { directory: '/run/mooring', problem: null },
  stats: { ...createStoreStats(), commits: 3, changes: 70, octets: 12_000 },
  commit: { count: 3, minimum: 80, median: 120, mean: 130, p99: 900, maximum: 950 },
  restored: { bindings: 5, sessions: 0, gapMs: 1000 },
};

it('says where bindings are kept, what came from there and what it costs', () => {
  expect(renderShow('store', report)).toBe(`
Store : /var/lib/mooring
  State                        : working
  On failure                   : withhold answers
  Refresh window               : 1000 (msec)
  Refreshes wait in            : /run/mooring
  Bindings restored            : 5
  Sessions restored            : 0
  Gap of the last run          : 1000 (msec)
  Groups written               : 3
  Changes written              : 70
  Octets written               : 12000
  Failures                     : 0
  Compactions                  : 0, 0 failed
  Delay of a group, median     : 120 (usec)
  Delay of a group, 99 %       : 900 (usec)
  Delay of a group, longest    : 950 (usec)
`);
});

it('says loudly that bindings will be lost, or that none is accepted', () => {
  const problem = '/var/lib/mooring cannot be written: the file system is full (ENOSPC); make room on it';
  expect(renderShow('store', { ...report, problem })).toContain(
    '% WARNING: the store failed, NO BINDING IS ACCEPTED OR CHANGED; SESSIONS OF A MAG ARE IN MEMORY ONLY AND WILL BE LOST: /var/lib/mooring cannot be written',
  );
  expect(renderShow('store', { ...report, problem, onFailure: 'memory' })).toContain(
    '% WARNING: the store failed, BINDINGS ARE IN MEMORY ONLY AND WILL BE LOST;',
  );
  expect(renderShow('store', { ...report, directory: null, commit: null })).toContain(
    'bindings are lost with the process',
  );
  const waiting = { directory: null, problem: 'EACCES: permission denied' };
  expect(renderShow('store', { ...report, waiting })).toContain(
    'Refreshes wait in            : the process, EACCES: permission denied\n',
  );
});

it('says of an LMA and of a MAG what becomes of each', () => {
  const failed = { problem: 'it is full', onFailure: 'withhold' } as const;
  expect([storeWarnings(failed, 'LMA'), storeWarnings(failed, 'MAG')].flat()).toEqual([
    'WARNING: the store failed, NO BINDING IS ACCEPTED OR CHANGED: it is full',
    'WARNING: the store failed, SESSIONS ARE IN MEMORY ONLY AND WILL BE LOST: it is full',
  ]);
});
