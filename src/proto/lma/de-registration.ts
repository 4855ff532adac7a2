import type { ClockReading } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import { acceptance } from './acknowledgement.ts';
import type { Assignment } from './address-assignment.ts';
import type { Binding } from './binding.ts';
import { isCareOf } from './binding.ts';
import type { CheckedRequest } from './checked-request.ts';
import { releaseDropped, waitForDeletion } from './ending.ts';
import { describeBinding, forwardBinding, log, logBinding, reply, storeBinding } from './output.ts';
import { withdrawRevocations } from './revocation.ts';
import type { LmaState } from './state.ts';

/** RFC 5213 §5.3.5 "Binding De-Registration", RFC 5844 §3.1.2.5 "Binding De-Registration". */
export function deRegister(state: LmaState, request: CheckedRequest, before: Binding, now: ClockReading): void {
  // (1) "If the received Proxy Binding Update message with the lifetime value of zero, has a Source Address in the IPv6 header ...
  // different from what is present in the Proxy-CoA field in the Binding Cache entry, the local mobility anchor MUST ignore the
  // request."
  if (!isCareOf(before, request.careOf)) {
    state.stats.deRegistrationsIgnored++;
    log(state, 'debug', 'late-de-registration', 'A de-registration from a former MAG was ignored', {
      ...describeBinding(state, before),
      from: `${request.from.remote}`,
    });
    return;
  }
  state.stats.deRegistrationsAccepted++;
  const { timestamp, sequence, messageId = before.messageId } = request;
  const heard = { ...before, timestamp, sequence, messageId };
  const rest = remainder(request, before);
  if (rest) {
    keepPart(state, heard, rest, now);
    reply(state, request, acceptance(request, request.shape, heard, milliseconds(0)));
  } else endLater(state, request, heard, now);
}

function endLater(state: LmaState, request: CheckedRequest, before: Binding, now: ClockReading): void {
  const binding = waitForDeletion(state, before, now);
  reply(state, request, acceptance(request, request.shape, binding, milliseconds(0)));
  withdrawRevocations(state, binding, before.state === 'revoking');
  if (before.state !== 'deleting') {
    logBinding(state, 'binding-de-registered', 'A mobile node was de-registered', binding);
  }
}

/**
 * RFC 5844 §3.1.2.5: "the Binding Cache entry MUST NOT be deleted, only the respective states related to those addresses MUST be
 * deleted."
 */
export function keepPart(state: LmaState, before: Binding, rest: Assignment, now: ClockReading): void {
  const binding: Binding = { ...before, ...rest };
  releaseDropped(state, before, binding, now);
  state.table.put(binding);
  storeBinding(state, binding, 'before-reply', now);
  if (binding.state === 'active') forwardBinding(state, binding);
}

/** What stays of a dual-stack session when "the request is for a selective de-registration"; `undefined` when nothing does. */
function remainder(request: CheckedRequest, { prefixes, homeAddress }: Binding): Assignment | undefined {
  const namesPrefixes = request.prefixes.length > 0;
  const namesHomeAddress = request.homeAddressRequests.length > 0;
  if (namesHomeAddress && !namesPrefixes && prefixes.length > 0) return { prefixes, homeAddress: undefined };
  if (namesPrefixes && !namesHomeAddress && homeAddress) return { prefixes: [], homeAddress };
  return undefined;
}
