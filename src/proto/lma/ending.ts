import type { Binding } from './binding.ts';
import { forgetBinding, stopForwarding } from './output.ts';
import type { LmaState } from './state.ts';

/** The end of a binding: nothing of it stays, its addresses rest until somebody gets them. */
export function endBinding(state: LmaState, binding: Binding): void {
  state.table.delete(binding.id);
  state.timers.cancel(binding.id);
  state.allocator.releaseAll(binding);
  state.stats.bindingsDeleted++;
  forgetBinding(state, binding.id);
  if (binding.state === 'active') stopForwarding(state, binding.id);
}
