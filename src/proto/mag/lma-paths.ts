import type { BindingError, Heartbeat } from '#wire/mobility/index.ts';
import { BindingErrorStatus } from '#wire/mobility/index.ts';
import type { PathChange } from '../heartbeat/index.ts';
import type { PeerAddress } from '../peer.ts';
import type { Proof } from '../peer-proof.ts';
import type { MagContext } from './context.ts';
import { extendWhenPresent } from './presence.ts';

/** Of an LMA of the configuration. */
export function receiveHeartbeat(mag: MagContext, from: PeerAddress, message: Heartbeat, proof: Proof): void {
  mag.heartbeats.handle({ kind: 'message', from, message, proof }, mag.reading);
  settlePaths(mag);
}

/** Of an LMA of the configuration: it may not know heartbeats. */
export function receiveBindingError(mag: MagContext, from: PeerAddress, error: BindingError): void {
  if (error.status !== BindingErrorStatus.UNRECOGNIZED_MH_TYPE) return;
  mag.heartbeats.handle({ kind: 'unsupported', from }, mag.reading);
  settlePaths(mag);
}

/** An LMA answered, and may have a session now. */
export function watchLma(mag: MagContext, peer: PeerAddress, name: string): void {
  mag.heartbeats.handle({ kind: 'session', peer, name }, mag.reading);
  settlePaths(mag);
}

/** Takes a new configuration over for the sessions that there are. */
export function configurePaths(mag: MagContext): void {
  mag.heartbeats.handle({ kind: 'configure', config: mag.config.heartbeat }, mag.reading);
  const lmas = new Map(Array.from(mag.bindings, ({ peer, lma }) => [peer.remote.key, { peer, name: lma.name }]));
  for (const { peer, name } of lmas.values()) watchLma(mag, peer, name);
}

/** Heartbeats that are due, and what they find. */
export function pathTimers(mag: MagContext): void {
  mag.heartbeats.handle({ kind: 'timeout' }, mag.reading);
  settlePaths(mag);
  for (const [binding] of mag.reRegistrations.take(mag.instant)) {
    if (mag.bindings.get(binding.mac) !== binding || binding.state !== 'ACTIVE' || binding.request) continue;
    mag.stats.pbuRefreshAfterRestart++;
    extendWhenPresent(mag, binding);
  }
}

function settlePaths(mag: MagContext): void {
  for (const output of mag.heartbeats.drain()) {
    if (output.kind !== 'path') mag.emit(output);
    else if (output.change === 'restarted') registerAgain(mag, output);
  }
}

/**
 * RFC 5847 §3.2 "Restart Detection": "it would be beneficial for the peer PMIPv6 node to discover the failure and the loss of session state and establish
 * the sessions again."
 * Chooses: each session is extended at once, with the addresses that it has, at a measured pace. When an LMA fails, its sessions stay as
 * long as they were granted: it may only be cut off, and nobody else has their addresses.
 */
function registerAgain(mag: MagContext, { peer }: PathChange): void {
  for (const binding of mag.bindings) {
    if (binding.peer.remote.key === peer.remote.key && binding.state === 'ACTIVE') {
      mag.reRegistrations.add(binding, undefined, mag.instant);
    }
  }
}
