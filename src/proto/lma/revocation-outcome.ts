import { sameAddress } from '#base/ip-address.ts';
import type { ClockReading } from '#base/time.ts';
import type { BindingRevocationAcknowledgement } from '#wire/mobility/index.ts';
import { RevocationStatus } from '#wire/mobility/index.ts';
import type { MessageEvent } from '../peer.ts';
import type { PendingRevocation } from '../revocation/sender.ts';
import { currentCareOf } from './binding.ts';
import { endBinding, waitForDeletion } from './ending.ts';
import { finishAllOfMag } from './mag-revocation.ts';
import { log } from './output.ts';
import { proofOfMag, proven } from './security-association.ts';
import type { LmaState, RevocationSubject } from './state.ts';
import { countUnder } from './stats.ts';
import type { Departure } from './waiting-requests.ts';

/**
 * RFC 5846 §6.2.2 "Receiving Binding Revocation Acknowledgement". Differs: §6.2.2(3), "the initiator SHOULD examine any mobility options included in the Binding Revocation Acknowledgement": whatever they
 * name, what an operator revoked ends here.
 */
export function handleAcknowledgement(
  state: LmaState,
  event: Omit<MessageEvent, 'message'>,
  message: BindingRevocationAcknowledgement,
  now: ClockReading,
): void {
  const { from } = event;
  state.stats.braReceived++;
  const pending = state.revocations.asked(message, from.remote);
  if (!pending) {
    state.stats.braUnmatched++;
    return;
  }
  if (proofOfMag(state, event) === 'missing') {
    state.stats.braNotAuthentic++;
    return;
  }
  state.revocations.settle(pending);
  countUnder(state.stats.braByStatus, String(message.status));
  if (message.status >= RevocationStatus.BINDING_DOES_NOT_EXIST) {
    log(state, 'warn', 'revocation-refused', 'A MAG refused a Binding Revocation Indication', {
      status: message.status,
      mag: `${from.remote}`,
    });
  }
  finish(state, pending, message.status, now);
}

/**
 * Sends again what was not acknowledged; RFC 5846 §6.3 "Retransmission of Binding Revocation Indication": after the last
 * retransmission "the initiator SHOULD clean up all resources".
 */
export function revocationTimers(state: LmaState, now: ClockReading): void {
  for (const outcome of state.revocations.expire(state.config.bri, now.instant)) {
    if (outcome.kind === 'retransmitted') {
      state.stats.briRetransmitted++;
      state.outputs.push(proven(state, outcome.output));
      continue;
    }
    state.stats.briGivenUp++;
    log(state, 'warn', 'revocation-unanswered', 'A MAG did not answer a Binding Revocation Indication', {
      mag: `${outcome.pending.to.remote}`,
      about: outcome.pending.subject.about,
    });
    finish(state, outcome.pending, undefined, now);
  }
}

/** `status`: of the answer; `undefined` when there was none. */
function finish(
  state: LmaState,
  { subject, to }: PendingRevocation<RevocationSubject>,
  status: number | undefined,
  now: ClockReading,
): void {
  const { about, purpose } = subject;
  if (purpose === 'all-of-mag') {
    finishAllOfMag(state, to, status, now);
    return;
  }
  const binding = state.table.get(about);
  if (purpose === 'unknown-handoff') {
    const departure = departureIn(status);
    const isThere = binding?.state === 'active' && sameAddress(currentCareOf(binding).address, to.remote);
    if (departure === 'gone' && isThere) waitForDeletion(state, binding, now);
    state.waiting.settle(about, departure);
  }
  if (purpose === 'administrative' && binding?.state === 'revoking') endBinding(state, binding, now);
}

/** What an answer says of the mobile node's being there. A MAG that has no such binding does not have the node. */
function departureIn(status: number | undefined): Departure {
  if (status === undefined) return 'unknown';
  return status <= RevocationStatus.BINDING_DOES_NOT_EXIST ? 'gone' : 'stays';
}
