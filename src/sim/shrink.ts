import type { SimulationFailure, SimulationOptions, SimulationOutcome } from './simulation.ts';
import { runSimulation } from './simulation.ts';
import { FAULT_KINDS } from './swarm.ts';

/** A failure and the least that was found to lead to it. */
export interface Shrunk {
  readonly options: SimulationOptions;
  readonly failure: SimulationFailure;
}

const SHORTEST_MINUTES = 0.05;
const FEW_NODES = [1, 2, 4];

/** Lets less time pass, leaves out what happens and takes mobile nodes away, as long as the same invariant fails. `outcome` is that of `options`, and has failed. */
export function shrink(options: SimulationOptions, failure: SimulationFailure): Shrunk {
  let best: Shrunk = { options, failure };
  const attempt = (change: Partial<SimulationOptions>): boolean => {
    const tried = { ...best.options, ...change };
    const outcome: SimulationOutcome = runSimulation(tried);
    if (outcome.failure?.invariant !== failure.invariant) return false;
    best = { options: tried, failure: outcome.failure };
    return true;
  };
  const shorten = () => {
    while (best.options.minutes > SHORTEST_MINUTES && attempt({ minutes: best.options.minutes / 2 }));
  };
  shorten();
  for (const kind of FAULT_KINDS) {
    const { without = [] } = best.options;
    if (!without.includes(kind)) attempt({ without: [...without, kind] });
  }
  FEW_NODES.some((nodes) => nodes < (options.nodes ?? Number.POSITIVE_INFINITY) && attempt({ nodes }));
  shorten();
  return best;
}
