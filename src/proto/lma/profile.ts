import type { Authorization } from './authorization.ts';
import { authorizedProfile, unprofiled } from './authorized-profile.ts';
import type { MobileNodeIdentity } from './binding.ts';
import type { NaiProfile } from './events.ts';
import type { LmaState } from './state.ts';

/**
 * The profile of a mobile node: its own; or for one that has none the default. RFC 5149 §4.2 "Home Agent Considerations": "The Service Selection option MAY also affect the
 * Home Address or the Home Network Prefix allocation". Chooses: a mobile node without a profile of its own that asks for a service has
 * the profile that names this service as its access point name, where there is one.
 */
export function profileFor(
  { profiles, services, config }: LmaState,
  mobileNode: MobileNodeIdentity,
  service: string | undefined,
): NaiProfile | undefined {
  const own = profiles.get(mobileNode.name);
  if (own || !config.defaultProfile) return own;
  return (service === undefined ? undefined : services.get(serviceKey(service))) ?? config.defaultProfile;
}

/** With what an AAA server has said of the session, or is going to say. */
export function profileInForce(
  state: LmaState,
  mobileNode: MobileNodeIdentity,
  service: string | undefined,
  authorization: Authorization | undefined,
): NaiProfile | undefined {
  const local = profileFor(state, mobileNode, service);
  if (authorization) return authorizedProfile(local, mobileNode.name, authorization);
  return local ?? (state.config.authorization ? unprofiled(mobileNode.name) : undefined);
}

/**
 * RFC 5149 §4.2: "it MUST also verify that the mobile node is authorized for the service it included in the Service Selection option." Chooses: a
 * profile without an access point name allows every service.
 */
export function allowsService({ apn }: NaiProfile, service: string | undefined): boolean {
  return service === undefined || apn === undefined || serviceKey(service) === serviceKey(apn);
}

/** Profiles by the service that they name; the first of each. */
export function servicesOf(profiles: readonly NaiProfile[]): LmaState['services'] {
  const services = new Map<string, NaiProfile>();
  for (const profile of profiles) {
    if (profile.apn === undefined) continue;
    const key = serviceKey(profile.apn);
    if (!services.has(key)) services.set(key, profile);
  }
  return services;
}

/** Access point names are the same in capitals and in small letters. */
function serviceKey(service: string): string {
  return service.toLowerCase();
}
