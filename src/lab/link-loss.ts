import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from './lab.ts';
import type { LinkLossReport } from './report.ts';
import { awaitDownlink, interruptionOf, settleMilliseconds } from './roam.ts';
import { gatewayOf } from './topology.ts';
import type { Family } from './traffic/protocol.ts';

/** How long the mobile node stays without any access point. */
const outageMilliseconds = 300;

/**
 * The wire between the mobile node's access point and its gateway breaks, which de-registers it there; then it finds the other access
 * point, while the anchor still keeps its binding.
 */
export async function loseLink(lab: Lab, families: readonly Family[]): Promise<LinkLossReport> {
  const lost = lab.accessPoint;
  const other = lost === 'ap1' ? 'ap2' : 'ap1';
  const before = lab.mobileNode.state();
  const observer = lab.observer(gatewayOf[lost]);
  observer.begin();
  const lostAt = Date.now();
  lab.control(lost).setWire('down');
  await sleep(outageMilliseconds);
  const { bindingUpdate } = observer.events();
  lab.moveTo(other);
  const events = await awaitDownlink(lab, other, families);
  lab.control(lost).setWire('up');
  await sleep(settleMilliseconds);
  const after = lab.mobileNode.state();
  return {
    accessPoint: lost,
    deregistration: bindingUpdate === undefined ? undefined : bindingUpdate - lostAt,
    interruption: interruptionOf(events),
    sameAddresses:
      after.ipv4Address === before.ipv4Address && after.ipv6Addresses.join() === before.ipv6Addresses.join(),
  };
}
