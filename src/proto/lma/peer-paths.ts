import type { Random } from '#base/random.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import type { BindingError, Heartbeat } from '#wire/mobility/index.ts';
import { BindingErrorStatus } from '#wire/mobility/index.ts';
import { HeartbeatMachine, type PathChange } from '../heartbeat/index.ts';
import type { Pace } from '../paced-queue.ts';
import type { MessageEvent, PeerAddress } from '../peer.ts';
import { peerPaths } from '../peer.ts';
import type { Binding } from './binding.ts';
import { currentCareOf, signallingTo } from './binding.ts';
import type { LmaConfig } from './events.ts';
import { describeBinding, log, stopForwarding, storeBinding } from './output.ts';
import { proofOfMag, proven } from './security-association.ts';
import type { LmaState } from './state.ts';
import { peerName } from './state.ts';

const TIMEOUT = { kind: 'timeout' } as const;

/** Chooses: ten thousand bindings a second, so that the restart of a large MAG does not hold up registrations of the others. */
export const INVALIDATION_PACE: Pace = { batch: 500, gap: milliseconds(50) };

/** `state`: asked for late, as it is made after this. */
export function createHeartbeats(
  config: LmaConfig,
  restartCounter: number,
  random: Random,
  state: () => LmaState,
): HeartbeatMachine {
  return new HeartbeatMachine({
    config: config.heartbeat,
    restartCounter,
    random,
    sessionsWith: (peer) => state().table.activeByCareOf(peer.remote.key),
    proven: (output) => proven(state(), output),
    // By which way a MAG of both families speaks is its own choice.
    announceTo: config.peers.flatMap((peer) => peerPaths(config.addresses, peer)),
  });
}

/**
 * Of a MAG that is served. Differs: RFC 5847 §3 "Heartbeat Mechanism" has every request answered; a MAG that is neither configured nor learnt is none of
 * ours, and hears nothing.
 */
export function receiveHeartbeat(
  state: LmaState,
  event: Omit<MessageEvent, 'message'>,
  message: Heartbeat,
  now: ClockReading,
): void {
  state.heartbeats.handle({ kind: 'message', from: event.from, message, proof: proofOfMag(state, event) }, now);
  settlePaths(state, now);
}

/** Of a MAG that is served: it may not know heartbeats. */
export function receiveBindingError(state: LmaState, from: PeerAddress, error: BindingError, now: ClockReading): void {
  if (error.status !== BindingErrorStatus.UNRECOGNIZED_MH_TYPE) return;
  state.heartbeats.handle({ kind: 'unsupported', from }, now);
  settlePaths(state, now);
}

/** A MAG was answered, and may have a session now. */
export function watchPeer(state: LmaState, peer: PeerAddress, now: ClockReading): void {
  const name = peerName(state, peer.remote);
  state.heartbeats.handle({ kind: 'session', peer, name }, now);
  settlePaths(state, now);
}

/** Takes a new configuration over for the sessions that there are. */
export function configurePaths(state: LmaState, now: ClockReading): void {
  state.heartbeats.handle({ kind: 'configure', config: state.config.heartbeat }, now);
  const peers = new Map<string, PeerAddress>();
  for (const binding of state.table.values()) {
    const careOf = currentCareOf(binding);
    peers.set(careOf.address.key, signallingTo(careOf));
  }
  for (const peer of peers.values()) watchPeer(state, peer, now);
}

/** Heartbeats that are due, and what they find. */
export function pathTimers(state: LmaState, now: ClockReading): void {
  state.heartbeats.handle(TIMEOUT, now);
  settlePaths(state, now);
  for (const [id, lastHeard] of state.invalidations.take(now.instant)) invalidate(state, id, lastHeard, now);
}

function settlePaths(state: LmaState, now: ClockReading): void {
  for (const output of state.heartbeats.drain()) {
    if (output.kind !== 'path') state.outputs.push(output);
    else if (output.change === 'restarted') lost(state, output, now.instant);
  }
}

/**
 * RFC 5847 §3: "If a PMIPv6 node has detected that a peer PMIPv6 node has failed or restarted without retaining the PMIPv6 session
 * state, it should mark the corresponding binding update list or binding cache entries as invalid."
 * Chooses: after a restart, those that were registered until the MAG was last heard; later ones may be of the MAG as it is now. After a
 * failure none: the MAG may only be cut off and still serve its mobile nodes, which would lose the packets that come through when the
 * path returns; the state of the path is shown with the binding.
 */
function lost(state: LmaState, { peer, lastHeard }: PathChange, now: Instant): void {
  if (lastHeard === undefined) return;
  for (const binding of state.table.byCareOf(peer.remote.key)) {
    if (isLost(binding, lastHeard)) state.invalidations.add(binding.id, lastHeard, now);
  }
}

function invalidate(state: LmaState, id: string, lastHeard: Instant, now: ClockReading): void {
  const binding = state.table.get(id);
  if (!binding || !isLost(binding, lastHeard)) return;
  const invalid: Binding = { ...binding, state: 'invalid' };
  state.table.put(invalid);
  state.stats.bindingsInvalidated++;
  storeBinding(state, invalid, 'within-window', now);
  stopForwarding(state, id);
  log(
    state,
    'debug',
    'binding-invalidated',
    'Its MAG restarted and has lost a binding',
    describeBinding(state, invalid),
  );
}

function isLost({ state, grantedUntil, lifetime }: Binding, lastHeard: Instant): boolean {
  return state === 'active' && grantedUntil - lifetime <= lastHeard;
}
