import type { ClockReading } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import type { Binding } from './binding.ts';
import { rest } from './ending.ts';
import { forwardBinding, log } from './output.ts';
import type { BindingRecord } from './record.ts';
import { bindingOf } from './records.ts';
import type { LmaState } from './state.ts';

/** Takes over the bindings of a former run; those whose time ran out meanwhile, and records that cannot be read, are dropped. */
export function restoreBindings(state: LmaState, records: readonly BindingRecord[], now: ClockReading): void {
  // Those that rest longest come first, so that the pools know the order.
  for (const record of [...records].sort((a, b) => a.grantedUntilUtcMs - b.grantedUntilUtcMs)) {
    const binding = bindingOf(record, now);
    if (!binding || (state.table.get(binding.id) ?? state.resting.get(binding.id))) {
      log(state, 'error', 'record-unreadable', 'A stored binding could not be read', { id: record.id });
      continue;
    }
    // An operator's revocation that was under way is complete: nobody waits for its acknowledgement any more.
    const over = binding.state === 'resting' || binding.state === 'revoking' || binding.endsAt <= now.instant;
    if (over) restoreResting(state, binding, now);
    else restore(state, binding, now);
  }
}

function restore(state: LmaState, binding: Binding, now: ClockReading): void {
  state.table.put(binding);
  state.timers.set(binding.id, now.instant, milliseconds(binding.endsAt - now.instant));
  state.allocator.reclaim(binding);
  if (binding.uplinkKey !== undefined) state.greKeys.reserve(binding.uplinkKey);
  state.stats.bindingsRestored++;
  if (binding.state === 'active') forwardBinding(state, binding);
}

function restoreResting(state: LmaState, binding: Binding, now: ClockReading): void {
  state.allocator.reclaim(binding);
  state.allocator.releaseAll(binding, now.instant);
  rest(state, binding, now);
}
