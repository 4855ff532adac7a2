import { after, elapsed, type Instant, milliseconds } from '#base/time.ts';
import type { AttachTrigger } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import type { Station, StationPhase } from './state.ts';
import type { AccessStats } from './stats.ts';
import { MOVE_QUIET, PENDING_PATIENCE, REFUSAL_QUIET, REPEAT_QUIET } from './timers.ts';

const TRIGGER_COUNTER: Readonly<Record<AttachTrigger, keyof AccessStats>> = {
  'layer-2-update': 'attachedByLayer2Update',
  dhcp: 'attachedByDhcp',
  'router-solicitation': 'attachedByRouterSolicitation',
  'neighbor-solicitation': 'attachedByNeighborSolicitation',
  arp: 'attachedByArp',
  data: 'attachedByData',
};

/** A station sent something: reports it as attached when that is news. */
export function notice(access: AccessContext, station: Station, interfaceName: string, trigger: AttachTrigger): void {
  const now = access.instant;
  const moved = station.interface !== interfaceName;
  if (!(moved ? isMove(station, trigger, now) : isNews(station, trigger, now))) {
    if (!moved) {
      heard(station, now);
      tellWaiting(access, station);
    }
    access.stats.triggersSuppressed++;
    return;
  }
  heard(station, now);
  if (moved) {
    stopServing(access, station);
    access.stations.setPhase(station, 'absent');
    access.stations.move(station, interfaceName);
  }
  report(access, station, trigger);
}

/** A node whose session has no home address asks for one by DHCP: reported as attached by it, not too often. */
export function askForHomeAddress(access: AccessContext, station: Station): void {
  const last = station.askedForHomeAddress;
  if (last !== undefined && elapsed(last, access.instant) < REFUSAL_QUIET) return;
  station.askedForHomeAddress = access.instant;
  emitAttached(access, station, 'dhcp');
}

/** The station is no longer served; what was meant for its session is dropped. */
export function stopServing(access: AccessContext, station: Station): void {
  access.timers.cancel(station.advertiseTimer);
  access.timers.cancel(station.probeTimer);
  station.session = undefined;
  station.advertisements = 0;
}

/** `quiet` from now no frame of the station is news, but for a layer-2 update of an absent one. */
export function settle(access: AccessContext, station: Station, phase: StationPhase, quiet: number): void {
  access.stations.setPhase(station, phase);
  station.quietUntil = after(access.instant, milliseconds(quiet));
}

function report(access: AccessContext, station: Station, trigger: AttachTrigger): void {
  if (station.session) confirm(access, station);
  else settle(access, station, 'pending', PENDING_PATIENCE);
  emitAttached(access, station, trigger);
}

/**
 * It may have been elsewhere and have other addresses now. RFC 5844 §3.4.3 "Common DHCP Considerations" has the signaling complete
 * before a node is answered; its packets are forwarded meanwhile.
 */
function confirm(access: AccessContext, station: Station): void {
  settle(access, station, 'confirming', REPEAT_QUIET);
  access.timers.cancel(station.advertiseTimer);
}

function emitAttached(access: AccessContext, station: Station, trigger: AttachTrigger): void {
  access.stats.attachedReported++;
  access.stats[TRIGGER_COUNTER[trigger]]++;
  access.emit({ kind: 'attached', interface: station.interface, mac: station.mac, trigger });
}

function isNews(station: Station, trigger: AttachTrigger, now: Instant): boolean {
  const quiet = now < station.quietUntil;
  switch (station.phase) {
    case 'served':
    case 'confirming':
      // Other frames of a served node say nothing; a layer-2 update may mean that it was elsewhere.
      return trigger === 'layer-2-update' && !quiet;
    case 'absent':
      return trigger === 'layer-2-update' || !quiet;
    case 'pending':
    case 'refused':
      return !quiet;
  }
}

/** On another link than before. Both links seeing it at once must not make it flap. */
function isMove(station: Station, trigger: AttachTrigger, now: Instant): boolean {
  return trigger === 'layer-2-update' || elapsed(station.lastHeard, now) >= MOVE_QUIET;
}

function heard(station: Station, now: Instant): void {
  station.lastHeard = now;
  station.probes = 0;
}

/** While a session is waited for, the MAG is told of each sign of life: it may have to decide whether the node is still here. */
function tellWaiting(access: AccessContext, { phase, interface: at, mac }: Station): void {
  if (phase === 'pending' || phase === 'confirming') access.emit({ kind: 'heard', interface: at, mac });
}
