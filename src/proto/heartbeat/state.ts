import type { Instant } from '#base/time.ts';
import type { Timer } from '#base/timer-queue.ts';
import type { PeerAddress } from '../peer.ts';

/**
 * `probing`: asked, not heard yet. `up`, `down`: by RFC 5847 §3.1 "Failure Detection". `idle`: no session, so it is not asked.
 * `unsupported`: it does not know the message, and is never asked again.
 */
export type PathState = 'probing' | 'up' | 'down' | 'idle' | 'unsupported';

/** The path to one peer. */
export interface HeartbeatPath {
  peer: PeerAddress;
  name: string;
  state: PathState;
  /** Of the last request. */
  sequence: number;
  /** The last request has no answer yet. */
  waits: boolean;
  /** When the last request went out. */
  sentAt: Instant | undefined;
  /** MISSING_HEARTBEAT. */
  missing: number;
  /** The peer's, as it last told it. */
  restartCounter: number | undefined;
  /** When it last answered a request. */
  lastHeard: Instant | undefined;
  /** When it last did so with its Restart Counter, and proved it. */
  counterHeard: Instant | undefined;
  /** Milliseconds from the last answered request to its answer. */
  roundTripMs: number | undefined;
  timer: Timer<HeartbeatPath> | undefined;
}
