import { after, type Duration, type Instant, milliseconds } from '#base/time.ts';
import type { MagContext } from './context.ts';
import { deregister } from './registration.ts';
import type { Binding } from './state.ts';

/**
 * RFC 2865 §5.27 "Session-Timeout": "the maximum number of seconds of service to be provided to the user before termination of the session". In place of
 * whatever ended the session before.
 */
export function limitSession(mag: MagContext, binding: Binding, timeout: Duration): void {
  endSessionAt(mag, binding, after(mag.instant, timeout));
}

export function endSessionAt(mag: MagContext, binding: Binding, at: Instant): void {
  mag.timers.cancel(binding.sessionTimer);
  binding.sessionEnds = at;
  binding.sessionTimer = mag.setTimer(milliseconds(Math.max(0, at - mag.instant)), { kind: 'session-end', binding });
}

/** The node may come again at once, and is asked for again at the AAA server then. */
export function sessionTimedOut(mag: MagContext, binding: Binding): void {
  mag.stats.sessionsTimedOut++;
  mag.log('info', 'session-timeout', `the time of the session of ${binding.nai} is over`, {
    nai: binding.nai,
    interface: binding.interface.name,
  });
  deregister(mag, binding, 'withdrawn');
}
