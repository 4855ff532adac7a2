import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMilliseconds } from '#host/clock.ts';
import type { DaemonNode } from './daemons.ts';
import type { Lab } from './lab.ts';
import type { DetachReport } from './report.ts';

const gatewayMilliseconds = 5000;
/** More than MinDelayBeforeBCEDelete. */
const anchorMilliseconds = 15_000;

/** The mobile node releases its lease and switches its link off; waits until neither gateway nor anchor have a binding. */
export async function detach(lab: Lab): Promise<DetachReport> {
  const releasedAt = monotonicMilliseconds();
  await lab.mobileNode.releaseIpv4();
  lab.mobileNode.linkDown();
  const gatewayReleased = await awaitNoBinding(lab, lab.gateway, releasedAt, gatewayMilliseconds);
  const anchorReleased = await awaitNoBinding(lab, 'lma', releasedAt, anchorMilliseconds);
  return { gatewayReleased, anchorReleased };
}

async function awaitNoBinding(
  lab: Lab,
  node: DaemonNode,
  since: number,
  milliseconds: number,
): Promise<number | undefined> {
  for (const end = monotonicMilliseconds() + milliseconds; monotonicMilliseconds() < end; await sleep(100)) {
    if ((await lab.daemons.bindingCount(node)) === 0) return monotonicMilliseconds() - since;
  }
  return undefined;
}
