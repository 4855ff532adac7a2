import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, SeededRandom } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import { type ChaosOptions, runChaos } from './chaos.ts';
import type { World } from './world.ts';

/** What one seed's run came to. */
export interface SwarmRun {
  readonly options: ChaosOptions;
  readonly steps: number;
  readonly virtualSeconds: number;
  readonly signals: number;
  readonly handovers: number;
  readonly revocations: number;
  readonly lostPackets: number;
  readonly doubledPackets: number;
}

/**
 * How large the domain of a seed is, how bad its links are, and what goes wrong in it: each seed has a few of the faults, some none of a kind, so that
 * no fault hides behind another. What it draws is all that the seed decides beside the course of events.
 */
export function drawChaos(seed: number, duration: Duration): ChaosOptions {
  const random = new SeededRandom(seed ^ 0x7377);
  return {
    seed,
    duration,
    mags: 2 + nextBelow(random, 4),
    mobileNodes: 1 + nextBelow(random, 8),
    transport: {
      delay: milliseconds(0.1 + 20 * nextFraction(random)),
      jitter: milliseconds(often(random) * 100),
      loss: often(random) * 0.25,
      duplication: often(random) * 0.1,
      reordering: often(random) * 0.3,
    },
    radio: { loss: often(random) * 0.15 },
    forgetful: nextBelow(random, 4) === 0,
  };
}

/** Runs the domain of a seed. Throws `SimulationFault` when an invariant does not hold. */
export function runSwarm(seed: number, duration: Duration): SwarmRun {
  const options = drawChaos(seed, duration);
  return summarize(runChaos(options), options);
}

function summarize({ scheduler, lma, mags, network }: World, options: ChaosOptions): SwarmRun {
  const { lost, duplicated } = network.stats();
  return {
    options,
    steps: scheduler.steps,
    virtualSeconds: scheduler.elapsedMs / 1000,
    signals: [lma, ...mags].reduce((sum, { signalsSent }) => sum + signalsSent, 0),
    handovers: lma.machine.stats.bindingsHandedOver,
    revocations: mags.reduce((sum, { mag }) => sum + mag.stats.bindingsRevoked, 0),
    lostPackets: lost,
    doubledPackets: duplicated,
  };
}

/** A fraction; in every second seed nothing. */
function often(random: Random): number {
  const fraction = nextFraction(random);
  return nextBelow(random, 2) === 0 ? 0 : fraction;
}
