import type { ClockReading } from '#base/time.ts';
import { BindingStatus } from '#wire/mobility/index.ts';
import { authorizationOf, authorizedProfile } from './authorized-profile.ts';
import type { CheckedRequest } from './checked-request.ts';
import { firstProfileFailure } from './checks.ts';
import type { AuthorizationEvent } from './events.ts';
import { lookUp } from './lookup.ts';
import { log } from './output.ts';
import { refuse } from './registration.ts';
import type { LmaState } from './state.ts';
import { proceed } from './update.ts';

/**
 * The AAA server's word on a first registration. RFC 6572 §6.1 "Interface Operations": "A failed authorization obviously results in a rejection of the PBU, and a PBA with an appropriate error Status Value MUST be sent back to
 * the MAG."
 * Chooses: Access-Reject is PROXY_REG_NOT_ENABLED (RFC 5213 §5.3.1(8) "Processing Proxy Binding Updates"), whose MAG does not ask again by itself; no answer is INSUFFICIENT_RESOURCES, which the node's next frame may better;
 * an answer that cannot be served is ADMINISTRATIVELY_PROHIBITED.
 */
export function authorizationAnswered(state: LmaState, { key, answer }: AuthorizationEvent, now: ClockReading): void {
  const { stats } = state;
  const request = state.authorizations.take(key);
  if (!request) {
    stats.authorizationsUnexpected++;
    return;
  }
  switch (answer.kind) {
    case 'rejected':
      stats.authorizationsRejected++;
      refuse(state, request, BindingStatus.PROXY_REG_NOT_ENABLED, answer.reason, now);
      return;
    case 'unanswered':
      stats.authorizationsUnanswered++;
      refuse(state, request, BindingStatus.INSUFFICIENT_RESOURCES, answer.reason, now);
      return;
    case 'unservable':
      unservable(state, request, answer.reason, now);
      return;
    case 'granted': {
      const authorization = authorizationOf(answer.profile, state.config, now);
      if (!authorization.ok) {
        unservable(state, request, authorization.error, now);
        return;
      }
      tellWithoutEffect(state, request, answer.profile.withoutEffect);
      const { accountingSession } = answer;
      const authorized = { ...authorization.value, ...(accountingSession !== undefined && { accountingSession }) };
      const profile = authorizedProfile(request.profile, request.mobileNode.name, authorized);
      goOn(state, { ...request, profile, authorization: authorized }, now);
      return;
    }
  }
}

/** What an AAA server says of a mobile node and changes nothing is no fault, but the operator may wonder. */
function tellWithoutEffect(state: LmaState, { mobileNode }: CheckedRequest, names: readonly string[] = []): void {
  if (names.length === 0) return;
  state.stats.authorizationsPartlyWithoutEffect++;
  const nai = mobileNode.name;
  const attributes = names.join(', ');
  const text = `of the authorization of ${nai} this has no effect here: ${attributes}`;
  log(state, 'info', 'authorization-without-effect', text, { nai, attributes });
}

function unservable(state: LmaState, request: CheckedRequest, reason: string, now: ClockReading): void {
  state.stats.authorizationsUnservable++;
  refuse(state, request, BindingStatus.ADMINISTRATIVELY_PROHIBITED, reason, now);
}

/** Meanwhile the mobile node may have got a session by another message. */
function goOn(state: LmaState, request: CheckedRequest, now: ClockReading): void {
  state.stats.authorizationsGranted++;
  const failure = firstProfileFailure(request, request.profile);
  const lookup = lookUp(state.table, request);
  if (failure) refuse(state, request, failure.status, `the AAA server does not authorize it (${failure.rfc})`, now);
  else if (lookup.kind === 'conflict') refuse(state, request, lookup.status, 'its addresses are taken by now', now);
  else proceed(state, request, lookup, now);
}
