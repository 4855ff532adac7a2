import type { ClockReading, Instant } from '#base/time.ts';

/**
 * A protocol without input or output of its own: it is given events, and returns what it wants to be true and what it wants to send.
 * It never reads a clock, opens a socket or throws because of a peer's bytes.
 */
export interface Machine<Event, Output> {
  handle(event: Event, now: ClockReading): void;
  /** Outputs since the last call, in the order in which they must happen. */
  drain(): readonly Output[];
  /** When to call `handle({ kind: 'timeout' })`; `undefined` when nothing waits. */
  nextTimeout(): Instant | undefined;
}
