import type { UtcTime } from '#base/time.ts';

/**
 * The restart counter of a node that starts now without sessions of an earlier run, for its heartbeat responses.
 *
 * RFC 5847 §3.2 "Restart Detection": "Each PMIPv6 node (both the MAG and LMA) MUST maintain a monotonically increasing Restart Counter
 * that is incremented every time the node reboots and loses PMIPv6 session state."
 * Chooses: the seconds since 1970, which grow by themselves. It is kept in the store with the sessions, so that both are lost together or
 * kept together; docs/decisions/0014-restart-counter.md.
 */
export function restartCounterAt(utc: UtcTime): number {
  return Math.floor(utc / 1000) >>> 0;
}
