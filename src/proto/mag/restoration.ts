import { after, milliseconds, type UtcTime } from '#base/time.ts';
import type { RestartGap } from '../record-change.ts';
import { newBinding } from './attachment.ts';
import type { MagContext } from './context.ts';
import type { MagInterface } from './events.ts';
import { watchLma } from './lma-paths.ts';
import { defaultStation, localStation, provedStation, type StationProfile } from './profile.ts';
import type { SessionRecord } from './record.ts';
import { forgetSession } from './records.ts';
import { announceSession, forward } from './session.ts';
import { endSessionAt } from './session-timeout.ts';
import type { Binding, Grant } from './state.ts';

/**
 * Takes over the sessions of a former run: their mobile nodes keep traffic, gateway and lease. Each is extended soon, at the pace of
 * re-registrations, if its node is still there: its LMA may know by now that the node is elsewhere, and refuses then.
 * With `gap` the latest extensions may be missing: what would have ended in it lasts `gap.window` longer.
 */
export function restoreSessions(mag: MagContext, records: readonly SessionRecord[], gap: RestartGap | undefined): void {
  for (const record of records) {
    const grant = grantOf(mag, record, gap);
    const binding = grant.expires > mag.instant ? bindingOf(mag, record) : undefined;
    if (binding) restore(mag, binding, grant);
    else leaveOut(mag, record);
  }
}

function restore(mag: MagContext, binding: Binding, grant: Grant): void {
  mag.bindings.add(binding);
  mag.bindings.grant(binding, grant);
  binding.state = 'ACTIVE';
  if (binding.downlinkKey !== undefined) mag.greKeys.reserve(binding.downlinkKey);
  mag.stats.bindingsRestored++;
  if (binding.sessionEnds !== undefined) endSessionAt(mag, binding, binding.sessionEnds);
  binding.expiryTimer = mag.setTimer(milliseconds(grant.expires - mag.instant), { kind: 'expire', binding });
  forward(mag, binding, grant);
  announceSession(mag, binding, grant);
  watchLma(mag, binding.peer, binding.lma.name);
  mag.reRegistrations.add(binding, undefined, mag.instant);
}

/** It has run out, or the configuration has no place for it any more. */
function leaveOut(mag: MagContext, record: SessionRecord): void {
  forgetSession(mag, record);
  mag.log('info', 'session-not-restored', `the session of ${record.nai} is over or no longer configured`, {
    nai: record.nai,
    interface: record.interface,
    lma: record.lma,
  });
}

function bindingOf(mag: MagContext, record: SessionRecord): Binding | undefined {
  const at = mag.config.interfaces.find(({ name }) => name === record.interface);
  const station = at && stationOf(mag, record, at);
  if (!station || station.nai !== record.nai || mag.bindings.get(record.mac)) return undefined;
  const binding = newBinding(mag, station, record.mac, at);
  if (binding?.lma.name !== record.lma) return undefined;
  const { sequence, downlinkKey, homeAddress, leaseEnds, sessionEnds } = record;
  const { instant, utc } = mag.reading;
  const from = (end: UtcTime) => after(instant, milliseconds(end - utc));
  const ends = sessionEnds === undefined ? undefined : from(sessionEnds);
  const lease =
    homeAddress && leaseEnds !== undefined ? { address: homeAddress.address, until: from(leaseEnds) } : undefined;
  return Object.assign(binding, { sequence, downlinkKey, lease, sessionEnds: ends });
}

/** What the configuration says of it now holds before what was said then; what a server said still does. */
function stationOf(
  mag: MagContext,
  { mac, nai, profile }: SessionRecord,
  at: MagInterface,
): StationProfile | undefined {
  const local = localStation(mag.config, at, mac);
  return local ?? (mag.config.aaa ? { nai, profile } : (provedStation(mag.config, nai) ?? defaultStation(at, mac)));
}

function grantOf(mag: MagContext, record: SessionRecord, gap: RestartGap | undefined): Grant {
  const { homeAddress, prefixes, lifetime, path, linkLocal, dhcpSupport, refreshAdvice } = record;
  const { instant, utc } = mag.reading;
  const inGap = gap !== undefined && record.expires >= gap.from && record.expires < gap.until;
  const left = record.expires + (inGap ? gap.window : 0) - utc;
  const expires = after(instant, milliseconds(left));
  return { homeAddress, prefixes, lifetime, expires, path, linkLocal, dhcpSupport, refreshAdvice };
}
