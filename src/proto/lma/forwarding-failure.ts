import type { ClockReading } from '#base/time.ts';
import { elapsed, milliseconds } from '#base/time.ts';
import { BindingStatus } from '#wire/mobility/index.ts';
import type { Binding } from './binding.ts';
import { currentCareOf } from './binding.ts';
import { forgetResting, rest } from './ending.ts';
import { forwardBinding, stopForwarding, storeBinding } from './output.ts';
import { refuse } from './registration.ts';
import { revokeUnforwarded } from './revocation.ts';
import type { LmaState } from './state.ts';

/**
 * The data plane cannot forward for a binding. What was just accepted is refused instead: the binding is as it was before, and so is
 * its forwarding. As a rule that holds already, as the data plane takes a change that fails back; but another change of the same batch may have
 * succeeded. Chooses: status 143 (Forwarding Setup failed) of
 * RFC 3963, which says what is wrong; RFC 5213 has none for it. A binding that was accepted earlier, or taken over from a former run, is revoked.
 */
export function forwardingFailed(state: LmaState, id: string, reason: string, now: ClockReading): void {
  const binding = state.table.get(id);
  if (binding?.state !== 'active') return;
  state.stats.forwardingFailed++;
  const registration = state.unconfirmed.get(id);
  if (!registration) {
    revokeUnforwarded(state, binding, now);
    return;
  }
  state.unconfirmed.delete(id);
  takeBack(state, binding, registration.before, now);
  for (const request of registration.requests) {
    refuse(state, request, BindingStatus.FORWARDING_SETUP_FAILED, `no forwarding: ${reason}`, now);
  }
}

function takeBack(state: LmaState, binding: Binding, before: Binding | undefined, now: ClockReading): void {
  state.table.delete(binding.id);
  state.timers.cancel(binding.id);
  state.allocator.releaseAll(binding, now.instant);
  if (binding.uplinkKey !== undefined && before?.uplinkKey === undefined) state.greKeys.giveBack(binding.uplinkKey);
  if (!before) {
    stopForwarding(state, binding.id);
    state.stats.bindingsDeleted++;
    // The addresses may be those of an earlier session, whose rest the registration had ended.
    rest(state, binding, now);
    return;
  }
  state.table.put(before);
  state.timers.set(before.id, now.instant, milliseconds(Math.max(0, elapsed(now.instant, before.endsAt))));
  state.allocator.reclaim(before);
  forgetResting(state, before);
  storeBinding(state, before, 'before-reply', now);
  if (before.state === 'active') forwardBinding(state, before);
  else stopForwarding(state, before.id);
  state.stats.briCancelled += state.revocations.cancel(before.id, currentCareOf(before).address);
}
