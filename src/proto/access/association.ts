/** What access points say of their stations, and whoever speaks to the control socket of mobile nodes. */
import type { MacAddress } from '#base/mac-address.ts';
import { elapsed } from '#base/time.ts';
import type { AccessContext } from './context.ts';
import type { AccessPointName, AssociationEvent } from './events.ts';
import { admit, depart, hearAgain, notice, settle } from './presence.ts';
import type { Station } from './state.ts';
import { DEPARTURE_QUIET, WORD_LAG } from './timers.ts';

/** Nothing here depends on the order in which access points speak: an old one may keep a station that is long at another. */
export function associate(access: AccessContext, event: AssociationEvent): void {
  if (event.mac.equals(access.config.linkLayer)) {
    access.stats.associationsIgnored++;
    return;
  }
  const station = access.stations.get(event.mac);
  switch (event.change) {
    case 'joined':
      join(access, station, event);
      break;
    case 'present':
      if (!station || !isElsewhere(station, event)) confirmPresence(access, station, event);
      else access.stats.associationsIgnored++;
      break;
    case 'answered':
      if (station && isHere(station) && !isElsewhere(station, event)) {
        station.accessPoint = event.accessPoint;
        hearAgain(access, station);
      } else access.stats.associationsIgnored++;
      break;
    case 'left':
      leave(access, station, event);
      break;
  }
}

/** RFC 2866 §5.1 "Acct-Status-Type": Accounting-On "marks the start of accounting (for example, upon booting)"; whatever it had before is over. */
export function forgetStations(access: AccessContext, accessPoint: AccessPointName): void {
  for (const station of Array.from(access.stations)) {
    if (station.accessPoint && isSameAccessPoint(station.accessPoint, accessPoint))
      departFromAccessPoint(access, station);
  }
}

export function attachByControl(access: AccessContext, interfaceName: string, mac: MacAddress): void {
  const station = access.stations.get(mac) ?? admit(access, interfaceName, mac);
  if (station) notice(access, station, interfaceName, 'control');
}

/**
 * The MAG withdraws the session, so that a node which is still on the link hears of it; frames on their way do not bring it back. It is
 * told also of a node that is not known here, as it may have a binding.
 */
export function detachByControl(access: AccessContext, interfaceName: string, mac: MacAddress): void {
  access.stats.detachedByControl++;
  const station = access.stations.get(mac);
  if (station?.interface === interfaceName) settle(access, station, 'absent', DEPARTURE_QUIET);
  access.emit({ kind: 'detached', interface: interfaceName, mac, reason: 'operator' });
}

/**
 * A served station came from another access point behind the same interface: nothing changes for anybody else. At the access point that has it
 * already it comes back, from wherever it was in between, and that may have been another gateway.
 */
function join(access: AccessContext, known: Station | undefined, event: AssociationEvent): void {
  const { interface: at, accessPoint, mac, nai } = event;
  const before = known?.interface === at ? known.accessPoint : undefined;
  if (known?.session && before && !isSameAccessPoint(before, accessPoint)) {
    access.stats.movesBetweenAccessPoints++;
    known.accessPoint = accessPoint;
    hearAgain(access, known);
    return;
  }
  if (known && isHere(known) && (before ? isSaidAgain(before, accessPoint) : isHeardBefore(access, known, event))) {
    known.accessPoint = accessPoint;
    hearAgain(access, known);
    access.stats.triggersSuppressed++;
    return;
  }
  const station = known ?? admit(access, at, mac);
  if (!station) return;
  if (nai !== undefined) station.provedNai = nai;
  notice(access, station, at, accessPoint.source);
  if (station.interface === at) station.accessPoint = accessPoint;
}

/** It is there, but whether it has just come is not known: only one that was never seen is reported, as another gateway may serve it now. */
function confirmPresence(access: AccessContext, known: Station | undefined, event: AssociationEvent): void {
  const { interface: at, accessPoint, mac, nai } = event;
  const station = known ?? admit(access, at, mac);
  if (!station) return;
  if (nai !== undefined) station.provedNai = nai;
  if (!known) notice(access, station, at, accessPoint.source);
  station.accessPoint = accessPoint;
}

function leave(access: AccessContext, station: Station | undefined, event: AssociationEvent): void {
  if (!station || isElsewhere(station, event) || !isKnownToLeave(access, station, event)) {
    access.stats.associationsIgnored++;
    return;
  }
  departFromAccessPoint(access, station);
}

function departFromAccessPoint(access: AccessContext, station: Station): void {
  station.accessPoint = undefined;
  station.provedNai = undefined;
  if (!isHere(station)) return;
  access.stats.detachedByAccessPoint++;
  depart(access, station, 'station-left');
}

/**
 * No access point has said to have it, and one of them now has not: it counts where each of them would have said so, and where the end of what is accounted
 * tells that it was there.
 */
function isKnownToLeave(access: AccessContext, station: Station, { accessPoint }: AssociationEvent): boolean {
  return (
    station.accessPoint !== undefined || access.watched.has(station.interface) || accessPoint.source === 'accounting'
  );
}

function isElsewhere(station: Station, { interface: at, accessPoint }: AssociationEvent): boolean {
  const { interface: here, accessPoint: before } = station;
  return (
    here !== at ||
    (before !== undefined && !(isSameAccessPoint(before, accessPoint) && before.session === accessPoint.session))
  );
}

function isSameAccessPoint(a: AccessPointName, b: AccessPointName): boolean {
  return a.source === b.source && a.name === b.name;
}

/** The same coming is told once more. */
function isSaidAgain(a: AccessPointName, b: AccessPointName): boolean {
  return a.session !== undefined && a.session === b.session && isSameAccessPoint(a, b);
}

/**
 * Its frames came before hostapd's word, which goes through another socket and, in a busy access point, some milliseconds later: that word is of the arrival which the frames
 * have told. One that says who the node is by authentication is news all the same.
 */
function isHeardBefore(
  access: AccessContext,
  known: Station,
  { interface: at, accessPoint, nai }: AssociationEvent,
): boolean {
  const { reportedAt, provedNai } = known;
  if (accessPoint.source !== 'hostapd' || known.interface !== at || reportedAt === undefined) return false;
  return (nai === undefined || nai === provedNai) && elapsed(reportedAt, access.instant) <= WORD_LAG;
}

function isHere({ phase }: Station): boolean {
  return phase === 'pending' || phase === 'served' || phase === 'confirming';
}
