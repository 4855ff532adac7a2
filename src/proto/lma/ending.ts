import type { ClockReading } from '#base/time.ts';
import { after, elapsed, milliseconds, seconds } from '#base/time.ts';
import type { Assignment } from './address-assignment.ts';
import type { Binding } from './binding.ts';
import { nextBindingId } from './binding-id.ts';
import { forgetBinding, stopForwarding, storeBinding } from './output.ts';
import type { LmaState } from './state.ts';

/**
 * RFC 5213 §5.3.5(2) "Binding De-Registration": "Upon accepting the Proxy Binding Update message, with the lifetime value of zero, the local mobility
 * anchor MUST wait for MinDelayBeforeBCEDelete amount of time, before it deletes the Binding Cache entry." "During this wait period, the
 * local mobility anchor SHOULD drop the mobile node's data traffic." A wait that was begun goes on.
 */
export function waitForDeletion(state: LmaState, before: Binding, now: ClockReading): Binding {
  const waits = before.state === 'deleting';
  const endsAt = waits ? before.endsAt : after(now.instant, state.config.deleteWait);
  const binding: Binding = { ...before, state: 'deleting', endsAt };
  state.table.put(binding);
  if (!waits) state.timers.set(binding.id, now.instant, state.config.deleteWait);
  storeBinding(state, binding, 'before-reply', now);
  if (before.state === 'active') stopForwarding(state, binding.id);
  state.waiting.settle(binding.id, 'gone');
  return binding;
}

/**
 * The end of a binding. Its addresses rest: RFC 5213 §5.3.5 "Binding De-Registration" lets the anchor "potentially reassign the
 * prefix(es) associated with this mobility session to other mobile nodes", but a node that went without a word, or whose MAG was not
 * reached, may use them as long as it was granted. Chooses: until then it is remembered whose they were, over a restart too.
 */
export function endBinding(state: LmaState, binding: Binding, now: ClockReading): void {
  state.table.delete(binding.id);
  state.timers.cancel(binding.id);
  state.allocator.releaseAll(binding, now.instant);
  if (binding.uplinkKey !== undefined) state.greKeys.giveBack(binding.uplinkKey);
  state.stats.bindingsDeleted++;
  state.waiting.settle(binding.id, 'gone');
  rest(state, binding, now);
  if (binding.state === 'active') stopForwarding(state, binding.id);
}

/** What a session that goes on had and has no longer rests likewise. */
export function releaseDropped(state: LmaState, before: Binding, after: Assignment, now: ClockReading): void {
  if (before.prefixes === after.prefixes && before.homeAddress === after.homeAddress) return;
  const prefixes = before.prefixes.filter((prefix) => !after.prefixes.some((kept) => kept.equals(prefix)));
  const homeAddress = after.homeAddress ? undefined : before.homeAddress;
  if (prefixes.length === 0 && !homeAddress) return;
  const dropped: Binding = { ...before, id: nextBindingId(state), prefixes, homeAddress };
  state.allocator.releaseAll(dropped, now.instant);
  rest(state, dropped, now);
}

/**
 * Chooses: a host may believe in an address for longer than it was granted. With each lease and each advertisement, the last of which may
 * come at the end of what was granted, its MAG tells it the whole lifetime, and ten minutes at least for a prefix.
 */
const BELIEF_MINIMUM = seconds(600);

/** Lets the time pass by in which a host may use what was granted; at most as many bindings rest as may be held. */
export function rest(state: LmaState, binding: Binding, now: ClockReading): void {
  const endsAt = after(binding.grantedUntil, milliseconds(Math.max(binding.lifetime, BELIEF_MINIMUM)));
  const left = elapsed(now.instant, endsAt);
  if (left <= 0 || state.resting.size >= state.config.bindingMaximum) {
    forgetBinding(state, binding.id);
    return;
  }
  const resting: Binding = { ...binding, state: 'resting', endsAt };
  state.resting.put(resting);
  state.timers.set(binding.id, now.instant, left);
  storeBinding(state, resting, 'before-reply', now);
}

/** The addresses of `binding` are in use again: no binding that is over has a say in them any more. */
export function forgetResting(state: LmaState, { customer, homeAddress, prefixes }: Binding): void {
  const { resting } = state;
  if (resting.size === 0) return;
  for (const prefix of prefixes) {
    const former = resting.byPrefix(customer, prefix);
    if (former) endRest(state, former.id);
  }
  const former = homeAddress && resting.byHomeAddress(customer, homeAddress.address);
  if (former) endRest(state, former.id);
}

/** What was granted has run out, or the addresses have a new owner. */
export function endRest(state: LmaState, id: string): void {
  if (!state.resting.get(id)) return;
  state.resting.delete(id);
  state.timers.cancel(id);
  forgetBinding(state, id);
}
