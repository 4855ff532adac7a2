import { type Instant, inSeconds } from '#base/time.ts';
import type { HeartbeatConfig } from './events.ts';
import type { HeartbeatPath, PathState } from './state.ts';

/** A row of `show ipv6 mobile pmipv6 lma heartbeat` and `… mag heartbeat`; addresses as text, times in seconds unless named otherwise. */
export interface HeartbeatRow {
  readonly peer: string;
  readonly source: string;
  readonly destination: string;
  /** `null` over IPv6, where the Mobility Header has no ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly ipv6Path: boolean;
  /** The peer answers. */
  readonly status: boolean;
  readonly state: PathState;
  readonly sessions: number;
  readonly interval: number;
  readonly retries: number;
  readonly missing: number;
  /** `null` before the first answer. */
  readonly restartCounter: number | null;
  readonly lastHeardAgo: number | null;
  readonly roundTripMs: number | null;
}

const SIGNALLING_PORT = 5436;

export function heartbeatRow(
  path: HeartbeatPath,
  { interval, retries }: HeartbeatConfig,
  sessions: number,
  now: Instant,
): HeartbeatRow {
  const { peer, lastHeard } = path;
  const overUdp = peer.transport === 'ipv4-udp';
  return {
    peer: path.name,
    source: peer.local.toString(),
    destination: peer.remote.toString(),
    sourcePort: overUdp ? SIGNALLING_PORT : null,
    destinationPort: overUdp ? (peer.port ?? SIGNALLING_PORT) : null,
    ipv6Path: !overUdp,
    status: path.state === 'up',
    state: path.state,
    sessions,
    interval: inSeconds(interval),
    retries,
    missing: path.missing,
    restartCounter: path.restartCounter ?? null,
    lastHeardAgo: lastHeard === undefined ? null : Math.round((now - lastHeard) / 1000),
    roundTripMs: path.roundTripMs ?? null,
  };
}
