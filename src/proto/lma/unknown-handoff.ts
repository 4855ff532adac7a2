import type { ClockReading } from '#base/time.ts';
import type { Binding } from './binding.ts';
import type { CheckedRequest } from './checked-request.ts';
import { extend } from './registration.ts';
import { askPreviousMag } from './revocation.ts';
import { beginSession } from './session-beginning.ts';
import type { LmaState } from './state.ts';
import { WAITING_REQUESTS_MAXIMUM } from './waiting-requests.ts';

/**
 * RFC 5213 §5.4.1.2(4) "Mobile Node Link-layer Identifier Option Present in the Request" and §5.4.1.3(3): "the local mobility anchor SHOULD wait until the existing Binding Cache entry is
 * de-registered by the previously serving mobile access gateway, before the request can be considered as a request for updating that
 * Binding Cache entry." RFC 5846 §8.1 "Sending Binding Revocation Indication": it "SHOULD proactively send a Binding Revocation Indication message to the previous mobile
 * access gateway instead of waiting for a de-registration".
 *
 * "The local mobility anchor MAY also choose to create a new mobility session without waiting for a de-registration message": so it
 * does for a mobile node whose profile says that it attaches by several interfaces at once, also when the MAG of the other one has given
 * that up or lost it: the node may still use it there, and register it again.
 */
export function registerAfterUnknownHandoff(
  state: LmaState,
  request: CheckedRequest,
  binding: Binding,
  now: ClockReading,
): void {
  const { waiting, stats, config } = state;
  if (request.profile?.multihomed === true) {
    beginSession(state, request, now);
    return;
  }
  // A session that its MAG has given up already, or lost, is free to go.
  if (binding.state !== 'active') {
    extend(state, request, binding, now);
    return;
  }
  if (waiting.replace(request)) return;
  if (waiting.size >= WAITING_REQUESTS_MAXIMUM) {
    stats.waitsRefused++;
    beginSession(state, request, now);
    return;
  }
  stats.waitsStarted++;
  waiting.add(request, binding.id, now.instant, config.createWait);
  askPreviousMag(state, binding, now);
}

/**
 * Goes on with requests whose wait is over. RFC 5846 §8.1(7): on a successful answer or a de-registration "the local mobility anchor MUST update the
 * mobile node BCE as if it received a de-registration message"; by §8.1(8) on "Revocation Failed - MN is Attached", and by §8.1(9) without an answer, it "SHOULD
 * update the mobile node's BCE as if it did NOT receive a de-registration before the MaxDelayBeforeNewBCEAssign timer expired by
 * creating a new BCE". Chooses: that timer ends the wait when it is the earlier one, as the mobile node has no service meanwhile.
 */
export function resumeWaiting(state: LmaState, now: ClockReading): void {
  for (const { request, bindingId, departure } of state.waiting.take(now.instant)) {
    const binding = state.table.get(bindingId);
    if (departure === 'gone' && binding) {
      state.stats.waitsMoved++;
      extend(state, request, binding, now);
    } else {
      state.stats.waitsUnmoved++;
      beginSession(state, request, now);
    }
  }
}
