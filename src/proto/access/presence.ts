import type { MacAddress } from '#base/mac-address.ts';
import { after, elapsed, type Instant, milliseconds } from '#base/time.ts';
import { type AttachTrigger, type DetachReason, isComing } from '../mag/events.ts';
import type { AccessContext } from './context.ts';
import type { Station, StationPhase } from './state.ts';
import type { AccessStats } from './stats.ts';
import {
  DEPARTURE_QUIET,
  MOVE_QUIET,
  PENDING_PATIENCE,
  REFUSAL_QUIET,
  RELEASE_PATIENCE,
  REPEAT_QUIET,
} from './timers.ts';

const TRIGGER_COUNTER: Readonly<Record<AttachTrigger, keyof AccessStats>> = {
  'layer-2-update': 'attachedByLayer2Update',
  hostapd: 'attachedByHostapd',
  control: 'attachedByControl',
  accounting: 'attachedByAccounting',
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
  const coming = isArriving(access, interfaceName, trigger);
  if (!(moved ? isMove(station, coming, now) : isNews(station, trigger, coming, now))) {
    if (!moved) hearAgain(access, station);
    access.stats.triggersSuppressed++;
    return;
  }
  heard(station, now);
  if (moved) {
    stopServing(access, station);
    access.stations.setPhase(station, 'absent');
    access.stations.move(station, interfaceName);
  }
  if (moved || (coming && trigger === 'layer-2-update')) station.accessPoint = undefined;
  if (moved && trigger !== 'accounting') station.provedNai = undefined;
  report(access, station, trigger);
}

/** The station of a link-layer address that is new here; `undefined` when the link has no room for it. */
export function admit(access: AccessContext, interfaceName: string, mac: MacAddress): Station | undefined {
  const station = access.stations.add(mac, interfaceName, access.instant, access.config.stationMaximum);
  if (!station) access.stats.stationsOverMaximum++;
  return station;
}

/** A sign of life that is no news. */
export function hearAgain(access: AccessContext, station: Station): void {
  tellWaiting(access, station);
  heard(station, access.instant);
}

/** It left: the MAG is told, and frames that are still on their way do not bring it back. */
export function depart(access: AccessContext, station: Station, reason: DetachReason): void {
  stopServing(access, station);
  station.heldDhcp = undefined;
  access.stations.takeHeld(station);
  settle(access, station, 'absent', DEPARTURE_QUIET);
  access.emit({ kind: 'detached', interface: station.interface, mac: station.mac, reason });
}

/** It gave its home address back by DHCP; what it asks for from now on waits until the MAG has dealt with that. */
export function giveBack(access: AccessContext, station: Station): void {
  access.stats.dhcpReleased++;
  access.stats.detachedByRelease++;
  station.releasedAt = access.instant;
  access.emit({ kind: 'detached', interface: station.interface, mac: station.mac, reason: 'dhcp-release' });
}

export function isReleasing(access: AccessContext, { releasedAt }: Station): boolean {
  return releasedAt !== undefined && elapsed(releasedAt, access.instant) < RELEASE_PATIENCE;
}

/** Its session ended with what it gave back, and it has asked for an address since. */
export function comeAgain(access: AccessContext, station: Station): void {
  report(access, station, 'dhcp');
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
  station.releasedAt = undefined;
  station.asked = undefined;
  station.advertisements = 0;
}

/** Its session is there; what told of its coming may be told once more by somebody else, and is then no news. */
export function settleServed(access: AccessContext, station: Station): void {
  access.stations.setPhase(station, 'served');
  station.quietUntil = after(station.reportedAt ?? access.instant, REPEAT_QUIET);
}

/** `quiet` from now nothing of the station is news, but that an absent one comes. */
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
  station.reportedAt = access.instant;
  access.stats.attachedReported++;
  access.stats[TRIGGER_COUNTER[trigger]]++;
  const { interface: at, mac, identity, provedNai } = station;
  access.emit({
    kind: 'attached',
    interface: at,
    mac,
    trigger,
    ...identity,
    ...(provedNai !== undefined && { provedNai }),
  });
}

/**
 * Whether it says that the station has just come. Where every access point tells of its stations, a layer-2 update says no more than
 * they do: they know whether it moved among them.
 */
function isArriving(access: AccessContext, interfaceName: string, trigger: AttachTrigger): boolean {
  return isComing(trigger) && !(trigger === 'layer-2-update' && access.watched.has(interfaceName));
}

function isNews(station: Station, trigger: AttachTrigger, coming: boolean, now: Instant): boolean {
  const quiet = now < station.quietUntil;
  switch (station.phase) {
    case 'served':
    case 'confirming':
      // Other signs of a served node say nothing; that it has come may mean that it was elsewhere.
      return coming && !quiet;
    case 'absent':
      return coming || !quiet;
    case 'refused':
      return trigger === 'control' || !quiet;
    case 'pending':
      return !quiet;
  }
}

/** On another link than before. Both links seeing it at once must not make it flap. */
function isMove(station: Station, coming: boolean, now: Instant): boolean {
  return coming || elapsed(station.lastHeard, now) >= MOVE_QUIET;
}

function heard(station: Station, now: Instant): void {
  station.lastHeard = now;
  station.probes = 0;
  station.asked = undefined;
}

/** While a session is waited for, the MAG is told of each sign of life: it may have to decide whether the node is still here. So it is when it asked. */
function tellWaiting(access: AccessContext, { phase, asked, interface: at, mac }: Station): void {
  if (phase === 'pending' || phase === 'confirming' || asked) access.emit({ kind: 'heard', interface: at, mac });
}
