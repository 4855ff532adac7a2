import { expect, it } from 'vitest';
import { ClearedStats } from '#daemon/cleared-stats.ts';

it('counts since the counters were cleared, those by name too, and leaves the counters alone', () => {
  const cleared = new ClearedStats();
  const owner = {};
  const stats = { received: 3, byStatus: { accepted: 2 } as Record<string, number> };
  expect(cleared.since(owner, stats)).toEqual(stats);
  cleared.clear(owner, stats);
  stats.received = 5;
  stats.byStatus.refused = 4;
  expect(cleared.since(owner, stats)).toEqual({ received: 2, byStatus: { accepted: 0, refused: 4 } });
  expect(cleared.since({}, stats)).toEqual({ received: 5, byStatus: { accepted: 2, refused: 4 } });
});
