import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMilliseconds } from '#host/clock.ts';
import type { BindingRow, DaemonNode } from './daemons.ts';
import type { Lab } from './lab.ts';
import type { DetachReport } from './report.ts';

const gatewayMilliseconds = 5000;
/** More than MinDelayBeforeBCEDelete. */
const anchorMilliseconds = 15_000;

/**
 * The mobile node releases its lease, which ends IPv4 alone when it has IPv6 too; then it leaves, and its access point's wire goes down
 * with it. Resolves when neither gateway nor anchor have a binding, or have had their time.
 */
export async function detach(lab: Lab): Promise<DetachReport> {
  const { gateway } = lab;
  const releasedAt = monotonicMilliseconds();
  await lab.mobileNode.dhcp.release();
  const leaseReleased = await awaitBindings(lab, gateway, hasNoHomeAddress, releasedAt, gatewayMilliseconds);
  const leftAt = monotonicMilliseconds();
  lab.mobileNode.linkDown();
  lab.control(lab.accessPoint).setWire('down');
  const gatewayReleased = await awaitBindings(lab, gateway, isEmpty, leftAt, gatewayMilliseconds);
  const anchorReleased = await awaitBindings(lab, 'lma', isEmpty, leftAt, anchorMilliseconds);
  return { leaseReleased, gatewayReleased, anchorReleased };
}

function hasNoHomeAddress(bindings: readonly BindingRow[]): boolean {
  return bindings.every(({ hoa }) => hoa === null || hoa === undefined);
}

function isEmpty(bindings: readonly BindingRow[]): boolean {
  return bindings.length === 0;
}

/** How long after `since` a node's bindings are as wanted; `undefined` when they are not in time. */
async function awaitBindings(
  lab: Lab,
  node: DaemonNode,
  asWanted: (bindings: readonly BindingRow[]) => boolean,
  since: number,
  milliseconds: number,
): Promise<number | undefined> {
  for (const end = monotonicMilliseconds() + milliseconds; monotonicMilliseconds() < end; await sleep(50)) {
    if (asWanted(await lab.daemons.bindings(node))) return monotonicMilliseconds() - since;
  }
  return undefined;
}
