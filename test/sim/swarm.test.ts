import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { drawChaos, runSwarm } from '#sim/swarm.ts';

const nightly = process.env.MOORING_NIGHTLY !== undefined;
const [seeds, duration] = nightly ? [20_000, seconds(120)] : [200, seconds(60)];

describe('domains of every size and quality', () => {
  it(`keep every invariant with each of ${seeds} seeds`, { timeout: nightly ? 6 * 3_600_000 : 60_000 }, () => {
    let handovers = 0;
    for (let seed = 1; seed <= seeds; seed++) handovers += runSwarm(seed, duration).handovers;
    expect(handovers).toBeGreaterThan(seeds);
  });

  it('differ from seed to seed and replay exactly', () => {
    expect(new Set([1, 2, 3, 4, 5].map((seed) => JSON.stringify(drawChaos(seed, duration)))).size).toBe(5);
    expect(runSwarm(7, duration)).toEqual(runSwarm(7, duration));
  });
});
