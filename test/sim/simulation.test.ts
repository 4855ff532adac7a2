import { describe, expect, it } from 'vitest';
import { drawSwarm, FAULT_KINDS, runSimulation } from '#sim/index.ts';

/** `MOORING_NIGHTLY=1` runs as many as a night allows; `npm run sim -- --nightly` runs the same, and tells more. */
const NIGHTLY = process.env.MOORING_NIGHTLY !== undefined;
const SEEDS = NIGHTLY ? 20_000 : 200;
const MINUTES = NIGHTLY ? 2 : 1;
const AT_ONCE = 20;

describe('worlds in which everything goes wrong that their seed draws', () => {
  const blocks = Array.from({ length: SEEDS / AT_ONCE }, (_, i) => ({ from: i * AT_ONCE + 1, to: (i + 1) * AT_ONCE }));

  it.each(blocks)('keep their invariants (seeds $from to $to)', ({ from, to }) => {
    for (let seed = from; seed <= to; seed++) {
      const { failure } = runSimulation({ seed, minutes: MINUTES });
      expect(failure, `npm run sim -- --seed ${seed} --minutes ${MINUTES} --verbose`).toBeUndefined();
    }
  });

  /** A hostile peer registers a mobile node at an anchor of whose pools the addresses of the AAA server are not. */
  it('keep their invariants where an AAA server gives addresses of no pool (seed 1807)', () => {
    expect(runSimulation({ seed: 1807, minutes: 2 }).failure).toBeUndefined();
  });

  it.each([
    ['a gateway begins a session anew with one family less, while its anchor is down', 20_460],
    ['an access link relays to a DHCP server that has offered the address of another', 21_202],
  ])('keep their invariants where %s (seed %i)', (_, seed) => {
    expect(runSimulation({ seed, minutes: 2 }).failure).toBeUndefined();
  });

  it('replay exactly from their seed', () => {
    const figures = () => JSON.stringify(runSimulation({ seed: 77, minutes: 1 }).figures);
    expect(figures()).toBe(figures());
  });

  it('meet every kind of fault, and every size', () => {
    const swarms = Array.from({ length: 50 }, (_, seed) => drawSwarm(seed));
    for (const kind of FAULT_KINDS)
      expect(swarms.filter(({ weights }) => weights[kind] > 0).length, kind).toBeGreaterThan(5);
    expect(new Set(swarms.map(({ mags }) => mags))).toEqual(new Set([2, 3, 4]));
    expect(swarms.some(({ lmas }) => lmas === 2)).toBe(true);
  });
});
