import { SimulationFault } from './scheduler.ts';

/**
 * A node takes what somebody without its key made up, as `handle` does. `effects`: counters of what only its peers can bring about;
 * `undefined` when it shares no key.
 */
export function checkUnmoved(node: string, handle: () => void, effects: () => object | undefined): void {
  const before = JSON.stringify(effects());
  handle();
  const after = JSON.stringify(effects());
  if (before === after) return;
  throw new SimulationFault('what nobody proved changes nothing', `${node}: ${before} became ${after}`);
}
