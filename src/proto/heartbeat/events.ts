import type { Duration, Instant } from '#base/time.ts';
import type { Heartbeat } from '#wire/mobility/index.ts';
import type { LogOutput, PeerAddress, SendOutput } from '../peer.ts';
import type { Proof } from '../peer-proof.ts';

/** RFC 5847 §5 "Configuration Variables". */
export interface HeartbeatConfig {
  /** HEARTBEAT_INTERVAL. */
  readonly interval: Duration;
  /** MISSING_HEARTBEATS_ALLOWED. */
  readonly retries: number;
}

/** What the machine of an LMA or MAG tells its heartbeats. */
export type HeartbeatEvent =
  /** Of a peer that is served. */
  | { readonly kind: 'message'; readonly from: PeerAddress; readonly message: Heartbeat; readonly proof: Proof }
  /** A Binding Error said that the peer does not know a message type. */
  | { readonly kind: 'unsupported'; readonly from: PeerAddress }
  /** A session with the peer was registered or extended. `name`: for people. */
  | { readonly kind: 'session'; readonly peer: PeerAddress; readonly name: string }
  | { readonly kind: 'timeout' }
  /** Paths stay, and take another interval up with their next request; without `config` they are forgotten. */
  | { readonly kind: 'configure'; readonly config: HeartbeatConfig | undefined };

export type HeartbeatOutput = SendOutput | LogOutput | PathChange;

/** What was found out about a peer; its log line precedes it. */
export interface PathChange {
  readonly kind: 'path';
  readonly peer: PeerAddress;
  readonly name: string;
  /** `restarted`: it has lost its sessions. `recovered`: it answers again, with the sessions that it had unless `restarted` follows. */
  readonly change: 'failed' | 'recovered' | 'restarted';
  /** Of `restarted`: when the peer last answered with its former counter, so that sessions registered until then are lost. */
  readonly lastHeard?: Instant;
}
