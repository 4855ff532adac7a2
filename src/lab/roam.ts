import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMilliseconds } from '#host/clock.ts';
import type { GatewayEvents } from './gateway-observer.ts';
import type { Lab } from './lab.ts';
import { LabError } from './lab-error.ts';
import type { RoamReport } from './report.ts';
import { dataPlaneStep } from './timeline.ts';
import { type AccessPoint, gatewayOf } from './topology.ts';
import type { Family } from './traffic/protocol.ts';

/** How long after the last change the counts of probes are final, milliseconds. */
export const settleMilliseconds = 500;

const longestHandover = 10_000;

export interface MeasuredRoam {
  /** CLOCK_MONOTONIC, milliseconds. */
  readonly movedAt: number;
  readonly report: Omit<RoamReport, 'probes'>;
}

/**
 * One roam under traffic; resolves `interval` milliseconds after it began. Rejects with `LabError` when a family gets no downlink
 * packet at the new gateway.
 */
export async function roam(
  lab: Lab,
  to: AccessPoint,
  families: readonly Family[],
  interval: number,
): Promise<MeasuredRoam> {
  const gateway = gatewayOf[to];
  const movedAt = lab.moveTo(to);
  const events = await awaitDownlink(lab, to, families);
  const dataPlane = await dataPlaneStep(lab, gateway);
  await sleep(Math.max(0, movedAt + interval - monotonicMilliseconds()));
  const resolutions = lab.observer(gateway).events().resolutions;
  return { movedAt, report: { to, event: events.eventKind ?? 'none', ...measures(events, dataPlane.at), resolutions } };
}

/** Waits until packets of every family reached the station at its new gateway. */
export async function awaitDownlink(lab: Lab, to: AccessPoint, families: readonly Family[]): Promise<GatewayEvents> {
  const observer = lab.observer(gatewayOf[to]);
  for (const end = monotonicMilliseconds() + longestHandover; ; await sleep(20)) {
    const events = observer.events();
    if (families.every((family) => events.firstDownlink[family] !== undefined)) return events;
    if (monotonicMilliseconds() > end) {
      const silent = families.filter((family) => events.firstDownlink[family] === undefined);
      throw new LabError(
        'no-handover',
        `no ${silent.join(' and ')} packet reached the mobile node through ${gatewayOf[to]}`,
      );
    }
  }
}

export function interruptionOf(events: GatewayEvents): { [F in Family]?: number } {
  const { event, firstDownlink } = events;
  if (event === undefined) return {};
  return Object.fromEntries(Object.entries(firstDownlink).map(([family, at]) => [family, at - event]));
}

function measures(events: GatewayEvents, dataPlaneAt: number | undefined): Pick<RoamReport, 'steps' | 'interruption'> {
  const since = (at: number | undefined) =>
    at === undefined || events.event === undefined ? undefined : at - events.event;
  return {
    steps: [
      { name: 'PBU sent', at: since(events.bindingUpdate) },
      { name: 'PBA received', at: since(events.bindingAcknowledgement) },
      { name: 'data plane ready', at: since(dataPlaneAt) },
      { name: 'first IPv4 packet', at: since(events.firstDownlink.ipv4) },
      { name: 'first IPv6 packet', at: since(events.firstDownlink.ipv6) },
    ],
    interruption: interruptionOf(events),
  };
}
