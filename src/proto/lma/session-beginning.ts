import type { ClockReading } from '#base/time.ts';
import { BindingStatus } from '#wire/mobility/index.ts';
import type { CheckedRequest } from './checked-request.ts';
import { PENDING_AUTHORIZATIONS_MAXIMUM } from './pending-authorizations.ts';
import { refuse, registerNew } from './registration.ts';
import type { LmaState } from './state.ts';

/**
 * A new session, once the AAA server has authorized it where it is to be asked. RFC 6572 §6.1 "Interface Operations": "The authorization step MUST be performed at least for the initial PBU
 * session up to a mobility session, when the LMA-to-HAAA interface is deployed."
 * Chooses: not again for re-registrations and handovers, which RFC 6572 §6.1 leaves open: a server that is slow or gone ends no session.
 */
export function beginSession(state: LmaState, request: CheckedRequest, now: ClockReading): void {
  const { authorizations, stats, config } = state;
  if (!config.authorization || request.authorization) {
    registerNew(state, request, now);
    return;
  }
  if (authorizations.replace(request)) return;
  if (authorizations.size >= PENDING_AUTHORIZATIONS_MAXIMUM) {
    stats.authorizationsOverMaximum++;
    refuse(state, request, BindingStatus.INSUFFICIENT_RESOURCES, 'too many wait for the AAA server', now);
    return;
  }
  stats.authorizationsAsked++;
  const { mobileNode, linkLayerIdentifier, accessTechnology, service, namedPrefixes, homeAddressRequests } = request;
  const named = homeAddressRequests[0]?.address;
  state.outputs.push({
    kind: 'authorize',
    key: authorizations.add(request),
    nai: mobileNode.name,
    linkLayerIdentifier,
    accessTechnology,
    ...(service !== undefined && { service }),
    lma: request.careOf.local,
    asksForPrefix: request.prefixes.length > 0,
    namedPrefixes,
    asksForHomeAddress: named !== undefined,
    ...(named && !named.isUnspecified && { namedHomeAddress: named }),
  });
}

/** The mobile node left before the AAA server said anything of it. */
export function abandonBeginning(state: LmaState, request: CheckedRequest): void {
  const key = state.authorizations.cancel(request);
  if (key !== undefined) state.outputs.push({ kind: 'authorize-cancel', key });
}
