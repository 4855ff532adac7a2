import { err, ok, type Result } from '#base/result.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import { ciscoPairList } from './attributes.ts';
import type { AaaProfile } from './profile.ts';
import { readProfile } from './read-profile.ts';
import { isMeaningless, SessionRequest } from './session-request.ts';

/**
 * What a CoA-Request changes of sessions. RFC 5176 §3.6 "Table of Attributes": "When one of these attributes is omitted from a CoA-Request, the NAS assumes that the
 * attribute value is to remain unchanged."
 */
export type AuthorizationChange = Partial<Pick<AaaProfile, ProfilePart | 'sessionTimeout' | 'interimInterval'>>;

/** What the profile of a mobile node holds, at the MAG. */
export type ProfilePart = 'service' | 'lma' | 'lmaIpv6' | 'lmaIpv4' | 'apn' | 'network' | 'multihomed';

export interface ChangeRequest {
  readonly sessions: SessionRequest;
  readonly change: AuthorizationChange;
}

/**
 * The sessions that a CoA-Request means, and what it changes of them. The error is the Error-Cause of the answer.
 * Chooses: addresses and the name of a node are not changed by a CoA-Request: they are what its sessions are known by. Whoever wants others ends the session.
 */
export function readChangeRequest(attributes: readonly RadiusAttribute[]): Result<ChangeRequest, ErrorCause> {
  const sessions = SessionRequest.read(attributes, (attribute, name) => {
    return isChange(attribute, name) || isMeaningless(attribute, name);
  });
  if (!sessions.ok) return sessions;
  const profile = readProfile(attributes, 'gateway');
  // RFC 5176 §3.5 "Error-Cause": "Invalid Attribute Value" is sent if a request "contains an attribute with an unsupported value".
  if (!profile.ok) return err(ErrorCause.INVALID_ATTRIBUTE_VALUE);
  const change = changeOf(profile.value);
  if (Object.keys(change).length === 0) return err(ErrorCause.MISSING_ATTRIBUTE);
  return ok({ sessions: sessions.value, change });
}

/** Of the profile's attributes those that a session can have changed; the rest of them name it, or are refused. */
function changeOf(profile: AaaProfile): AuthorizationChange {
  const { service, lma, lmaIpv6, lmaIpv4, apn, network, multihomed, sessionTimeout, interimInterval } = profile;
  const all = { service, lma, lmaIpv6, lmaIpv4, apn, network, multihomed, sessionTimeout, interimInterval };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as AuthorizationChange;
}

const ATTRIBUTES = new Set([
  'MIP6-Feature-Vector',
  'Service-Selection',
  'PMIP6-Home-LMA-IPv6-Address',
  'PMIP6-Home-LMA-IPv4-Address',
  'Session-Timeout',
  'Acct-Interim-Interval',
]);

const PAIRS = new Set([
  'mn-service',
  'home-lma',
  'home-lma-ipv6-address',
  'home-lma-ipv4-address',
  'mn-apn',
  'mn-network',
  'multihomed',
  'cisco-mpc-protocol-interface',
]);

function isChange(attribute: RadiusAttribute, name: string): boolean {
  if (name !== 'Cisco-AVPair') return ATTRIBUTES.has(name);
  const [pair] = ciscoPairList([attribute]);
  return pair !== undefined && PAIRS.has(pair[0]);
}
