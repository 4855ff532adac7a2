import type { AttachTimelineRow } from '#daemon/attach-timeline.ts';
import type { Lab } from './lab.ts';
import type { Step } from './report.ts';
import { type Gateway, stationMac } from './topology.ts';

/** When the gateway's latest attachment of the mobile node had its data plane ready, milliseconds since 1970, as the daemon tells. */
export async function dataPlaneStep(lab: Lab, gateway: Gateway): Promise<Step> {
  const rows = (await lab.daemons.request(gateway, 'attach-timeline')) as readonly AttachTimelineRow[];
  const latest = rows.find(({ mac }) => mac === stationMac.toCiscoString());
  const at = latest?.steps.forwardingReady?.monotonicNs;
  return { name: 'data plane ready', at: at === undefined ? undefined : at / 1e6 + wallClockOffset() };
}

/** From CLOCK_MONOTONIC to the time since 1970, in milliseconds. */
function wallClockOffset(): number {
  return performance.timeOrigin + performance.now() - Number(process.hrtime.bigint()) / 1e6;
}
