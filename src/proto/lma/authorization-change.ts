import { after, type ClockReading, elapsed, instant, utcTime } from '#base/time.ts';
import type { Authorization } from './authorization.ts';
import type { Binding } from './binding.ts';
import type { LmaBindingSelection, LmaSessionChange } from './events.ts';
import { describeBinding, log, storeBinding } from './output.ts';
import { candidates, isSelected } from './selection.ts';
import type { LmaState } from './state.ts';

/** Sessions that are about to end anyhow are left alone. */
export function changeSessions(
  state: LmaState,
  selection: LmaBindingSelection,
  change: LmaSessionChange,
  now: ClockReading,
): void {
  for (const binding of [...candidates(state, selection)]) {
    if (binding.state === 'active' && isSelected(state, binding, selection)) changeSession(state, binding, change, now);
  }
}

/** A MAG that was granted more than is left hears of the end by a revocation then. */
function changeSession(state: LmaState, binding: Binding, change: LmaSessionChange, now: ClockReading): void {
  const { sessionTimeout, interimInterval } = change;
  const authorization: Authorization = {
    ...(binding.authorization ?? { classes: [] }),
    ...(sessionTimeout !== undefined && { sessionEnds: utcTime(now.utc + sessionTimeout) }),
    ...(interimInterval !== undefined && { interimInterval }),
  };
  const endsAt =
    sessionTimeout === undefined
      ? binding.endsAt
      : instant(Math.min(binding.grantedUntil, after(now.instant, sessionTimeout)));
  const changed: Binding = { ...binding, authorization, endsAt };
  state.table.put(changed);
  state.timers.set(changed.id, now.instant, elapsed(now.instant, endsAt));
  storeBinding(state, changed, 'before-reply', now);
  state.stats.sessionsChanged++;
  log(state, 'info', 'session-changed', 'An AAA server changed a session', describeBinding(state, changed));
}

/** Whether the time of the session is over, and not that which its MAG was granted. */
export function isSessionOver({ endsAt, grantedUntil }: Binding): boolean {
  return endsAt < grantedUntil;
}
