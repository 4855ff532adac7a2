import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { runChaos } from '#sim/chaos.ts';

const SEEDS = Array.from({ length: 100 }, (_, i) => i + 1);

describe('mobile nodes come, roam and go while links, nodes and the LMA fail', () => {
  it.each(SEEDS)(
    'and afterwards everybody agrees, with no address given twice and no message storm (seed %i)',
    (seed) => {
      const world = runChaos({ seed, duration: seconds(120) });
      const revoked = world.mags.reduce((sum, { mag }) => sum + mag.stats.bindingsRevoked, 0);
      expect(revoked).toBeGreaterThan(0);
      expect(world.network.stats().lost).toBeGreaterThan(0);
    },
  );

  it.each(SEEDS.slice(0, 30))('and agree on bad radio too (seed %i)', (seed) => {
    const world = runChaos({ seed, duration: seconds(120), radio: { loss: 0.1 } });
    expect(world.air.lost).toBeGreaterThan(0);
  });

  it.each(SEEDS.slice(0, 30))(
    'and agree when the LMA forgot everything and gave addresses to others, which stale sessions of a MAG do not block (seed %i)',
    (seed) => {
      const world = runChaos({ seed, duration: seconds(120), forgetful: true });
      expect(world.lma.hasForgotten).toBe(true);
      expect(world.mags.reduce((sum, { mag }) => sum + mag.stats.bindingsDisplaced, 0)).toBeGreaterThan(0);
    },
  );

  it('replays exactly from its seed', () => {
    const trace = () => {
      const world = runChaos({ seed: 77, duration: seconds(60) });
      return JSON.stringify([world.scheduler.steps, world.lma.machine.stats, world.mags.map((mag) => mag.mag.stats)]);
    };
    expect(trace()).toBe(trace());
  });
});
