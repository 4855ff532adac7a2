import { elapsed } from '#base/time.ts';
import type { AuthorizationChange } from '../aaa/authorization-change.ts';
import type { MagContext } from './context.ts';
import type { MagProfile } from './events.ts';
import { localStation, type StationProfile } from './profile.ts';
import { keepSession } from './records.ts';
import { deregister, releaseHomeAddress, startRequest } from './registration.ts';
import { announceSession, dropBinding } from './session.ts';
import { limitSession } from './session-timeout.ts';
import { signallingPath } from './signalling-path.ts';
import { type Binding, isArrival } from './state.ts';

/** `configured`: a `nai` command states it, and holds. `no-lma`: there is no way to the LMA. */
export type ChangeObstacle = 'no-session' | 'configured' | 'no-lma';

/** What keeps a session from being changed so; `undefined`: nothing. */
export function obstacleTo(
  mag: MagContext,
  binding: Binding | undefined,
  change: AuthorizationChange,
): ChangeObstacle | undefined {
  if (!binding || binding.state === 'DISCONNECTING') return 'no-session';
  if (isStated(mag, binding, change)) return 'configured';
  const lma = mag.lmas.of(changed(binding.profile, change));
  return lma && signallingPath(mag.config.addresses, lma) ? undefined : 'no-lma';
}

/**
 * Changes what a session was authorized for.
 * Chooses: a family more is asked for, an IPv4 home address less is released, the lifetime is changed by a registration with the LMA; what a node is told beside
 * its addresses is told anew. Another LMA, another service (APN) or the prefixes gone is another session: this one ends, and the node is registered anew when
 * that is done, as it may not notice and come by itself.
 */
export function changeAuthorization(mag: MagContext, binding: Binding, change: AuthorizationChange): void {
  mag.stats.sessionsChanged++;
  const before = binding.profile;
  const after = changed(before, change);
  mag.log('info', 'session-changed', `an AAA server changes the authorization of ${binding.nai}`, {
    nai: binding.nai,
    interface: binding.interface.name,
  });
  if (change.sessionTimeout !== undefined) limitSession(mag, binding, change.sessionTimeout);
  const releasesAll = after.service === 'ipv6' && binding.granted?.prefixes.length === 0;
  if (!binding.granted || releasesAll || isAnotherSession(mag, before, after)) {
    replaceSession(mag, binding, { nai: binding.nai, profile: after });
    return;
  }
  binding.profile = after;
  const grant = binding.granted;
  keepSession(mag, binding, grant, 'after-reply');
  if (before.network !== after.network) announceSession(mag, binding, grant);
  if (isArrival(binding.request)) startRequest(mag, binding, binding.request.purpose);
  else if (after.service === 'ipv6' && grant.homeAddress) releaseHomeAddress(mag, binding, grant);
  else if (before.service !== after.service) startRequest(mag, binding, 'attach');
  else if (change.sessionTimeout !== undefined) startRequest(mag, binding, 'refresh');
}

function replaceSession(mag: MagContext, binding: Binding, successor: StationProfile): void {
  const { sessionEnds } = binding;
  binding.successor = {
    ...successor,
    ...(sessionEnds !== undefined && { sessionTimeout: elapsed(mag.instant, sessionEnds) }),
  };
  if (binding.granted) deregister(mag, binding, 'withdrawn');
  else dropBinding(mag, binding);
}

function isAnotherSession(mag: MagContext, before: MagProfile, after: MagProfile): boolean {
  const loses = before.service !== after.service && (after.service === 'ipv4' || before.service === 'ipv4');
  const losesAddresses = loses && after.service !== 'dual';
  return losesAddresses || before.apn !== after.apn || mag.lmas.of(before)?.name !== mag.lmas.of(after)?.name;
}

function changed(profile: MagProfile, change: AuthorizationChange): MagProfile {
  const { service, lma, lmaIpv6: ipv6, lmaIpv4: ipv4, apn, network, multihomed } = change;
  const namesLma = lma !== undefined || ipv6 !== undefined || ipv4 !== undefined;
  const { lma: _lma, lmaAddresses: _addresses, ...rest } = profile;
  return {
    ...(namesLma ? rest : profile),
    ...(service && { service }),
    ...(lma !== undefined && { lma }),
    ...((ipv6 || ipv4) && { lmaAddresses: { ...(ipv6 && { ipv6 }), ...(ipv4 && { ipv4 }) } }),
    ...(apn !== undefined && { apn }),
    ...(network !== undefined && { network }),
    ...(multihomed !== undefined && { multihomed }),
  };
}

/** What is typed holds: a profile that names the station, as a whole, or a `nai` command of its name, parameter by parameter. */
function isStated(mag: MagContext, { mac, nai, interface: at }: Binding, change: AuthorizationChange): boolean {
  const { sessionTimeout: _, interimInterval: __, lmaIpv6, lmaIpv4, ...parts } = change;
  const addressed = lmaIpv6 !== undefined || lmaIpv4 !== undefined;
  if (localStation(mag.config, at, mac)) return addressed || Object.keys(parts).length > 0;
  const stated = mag.config.aaa?.overrides.get(nai) ?? {};
  return Object.keys(parts).some((part) => part in stated) || (addressed && 'lma' in stated);
}
