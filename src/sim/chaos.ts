import type { Random } from '#base/random.ts';
import { nextBelow, SeededRandom } from '#base/random.ts';
import type { Duration } from '#base/time.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { LinkFaults } from './link.ts';
import type { MobileNode } from './mobile-node.ts';
import { SimulationFault } from './scheduler.ts';
import type { WorldOptions } from './world.ts';
import { World } from './world.ts';

export interface ChaosOptions extends Omit<WorldOptions, 'mag'> {
  /** How long things go wrong. */
  readonly duration: Duration;
  /** The LMA loses its bindings when it is restarted. */
  readonly forgetful?: boolean;
}

export const CHAOTIC_TRANSPORT: Partial<LinkFaults> = {
  delay: milliseconds(1),
  jitter: milliseconds(40),
  loss: 0.1,
  duplication: 0.05,
  reordering: 0.2,
};

/** Short enough that everything which only time repairs is repaired within `QUIET`. */
const MAG_TIMES = { lifetime: seconds(120), refreshTime: seconds(40) };
const DETECTION = { pollInterval: seconds(10), timeout: seconds(2), retries: 2 };
const QUIET = seconds(150);

/**
 * Mobile nodes come, roam and go while links lose, double and reorder messages, nodes are cut off, and the LMA is killed and restarted; then
 * everything becomes whole, and after quiet time both ends must agree. Throws `SimulationFault`, its message with the seed.
 */
export function runChaos(options: ChaosOptions): World {
  const world = new World({ mags: 3, mobileNodes: 4, transport: CHAOTIC_TRANSPORT, ...options, mag: magChanges() });
  try {
    const end = world.scheduler.now + options.duration;
    const random = new SeededRandom(options.seed ^ 0x5213);
    while (world.scheduler.now < end) {
      disturb(world, random, options.forgetful ?? false);
      world.scheduler.run(milliseconds(nextBelow(random, 1500)));
    }
    world.network.heal();
    world.air.heal();
    world.scheduler.run(QUIET);
    world.invariants.checkSettled();
  } catch (error) {
    if (!(error instanceof SimulationFault)) throw error;
    const at = (world.scheduler.elapsedMs / 1000).toFixed(3);
    throw new SimulationFault(error.invariant, `${error.message} (seed ${options.seed}, at ${at} s)`);
  }
  return world;
}

function magChanges(): NonNullable<WorldOptions['mag']> {
  return { ...MAG_TIMES, detection: DETECTION };
}

function disturb(world: World, random: Random, forgetful: boolean): void {
  const node = pick(world.mobileNodes, random);
  const mag = pick(world.mags, random);
  switch (nextBelow(random, 12)) {
    case 0:
      if (world.air.whereIs(node) !== undefined) node.detach();
      return;
    case 1:
      world.network.partition(mag.address, true);
      return;
    case 2:
    case 3:
      world.network.partition(mag.address, false);
      return;
    case 4:
      if (forgetful) world.lma.restartForgetting();
      else world.lma.restart();
      return;
    case 5:
      world.lma.handle({ kind: 'clear-bindings', nai: node.mac.toCiscoString() });
      return;
    default:
      moveTo(world, node, mag.name);
  }
}

function moveTo(world: World, node: MobileNode, accessPoint: string): void {
  const at = world.air.whereIs(node);
  if (at === undefined) node.attach(accessPoint);
  else if (at !== accessPoint) node.roam(accessPoint);
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[nextBelow(random, from.length)] as T;
}
