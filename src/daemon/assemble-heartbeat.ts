import type { HeartbeatConfiguration } from '#config/index.ts';
import type { HeartbeatConfig } from '#proto/heartbeat/index.ts';

/** What an LMA's or MAG's `heartbeat` command asks of its machine. */
export function heartbeatOf({ heartbeat }: { readonly heartbeat?: HeartbeatConfiguration }): {
  readonly heartbeat?: HeartbeatConfig;
} {
  return heartbeat ? { heartbeat: { interval: heartbeat.interval, retries: heartbeat.retries } } : {};
}
