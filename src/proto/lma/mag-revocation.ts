import type { IpAddress } from '#base/ip-address.ts';
import type { ClockReading } from '#base/time.ts';
import { BindingRevocationFlag, RevocationStatus, RevocationTrigger } from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import type { Binding } from './binding.ts';
import { currentCareOf, signallingTo } from './binding.ts';
import { endBinding } from './ending.ts';
import { log } from './output.ts';
import { indicateBinding, startRevoking } from './revocation.ts';
import { proven, registrationStamp } from './security-association.ts';
import type { LmaState } from './state.ts';
import { peerName } from './state.ts';

/**
 * An operator's revocation of everything that some MAGs have here, one indication for each Proxy Care-of Address. RFC 5846 §8.1(5)
 * "Sending Binding Revocation Indication": "In the case of revoking all Per-Peer bindings, the local mobility anchor MUST set the Global (G)
 * bit and the Revocation Trigger MUST contain the value "Per-Peer Policy"". §8.1: "the local mobility anchor MUST NOT include any mobility options in this Binding
 * Revocation Indication message." Differs: where a key protects it, it has a Timestamp and the authentication.
 *
 * Chooses: nothing is revoked by realm, which an operator has no command for.
 */
export function revokeAllOfMags(state: LmaState, bindings: readonly Binding[], now: ClockReading): void {
  const byAddress = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const { key } = currentCareOf(binding).address;
    const same = byAddress.get(key);
    if (same) same.push(binding);
    else byAddress.set(key, [binding]);
  }
  for (const [first, ...more] of byAddress.values()) if (first) revokeAllOfMag(state, [first, ...more], now);
}

function revokeAllOfMag(state: LmaState, bindings: readonly [Binding, ...Binding[]], now: ClockReading): void {
  const served = bindings.filter((binding) => binding.state === 'active' || binding.state === 'revoking');
  for (const binding of bindings) {
    if (binding.state === 'active') startRevoking(state, binding, now);
    else if (binding.state !== 'revoking') endBinding(state, binding, now);
  }
  if (served.length === 0) return;
  const to = signallingTo(currentCareOf(bindings[0]));
  // RFC 5846 §6.1.1(3) "Sending Binding Revocation Indication": "If the initiator is sending the Binding Revocation Indication message to revoke multiple mobility sessions, the
  // initiator MUST set the Global (G) bit." "the initiator MUST set the Revocation Trigger field to a valid value from the list of Global Revocation
  // Triggers."
  const content = {
    trigger: RevocationTrigger.PER_PEER_POLICY,
    flags: BindingRevocationFlag.P | BindingRevocationFlag.G,
    options: registrationStamp(state, served),
  };
  // One that is under way says the same.
  state.stats.briCancelled += state.revocations.cancel(aboutMag(to.remote));
  const subject = { about: aboutMag(to.remote), purpose: 'all-of-mag' as const };
  const output = state.revocations.send(content, to, subject, state.config.bri, now.instant);
  const fields = { mag: peerName(state, to.remote), bindings: served.length };
  log(state, 'info', 'mag-revoked', 'All bindings of a MAG were revoked by the operator', fields);
  if (output) {
    state.stats.briSent++;
    state.outputs.push(proven(state, output));
    return;
  }
  state.stats.briNotSentQueueFull++;
  endRevoking(state, to.remote, now);
}

/**
 * `status`: what the MAG answered; `undefined` when it did not. RFC 5846 §6.2.2(2) "Receiving Binding Revocation Acknowledgement": "If the Status field indicates that the Binding
 * Revocation Indication was processed successfully, the initiator MUST delete the current timer and the mobile node(s) binding(s) and all
 * associated resources."
 */
export function finishAllOfMag(state: LmaState, mag: PeerAddress, status: number | undefined, now: ClockReading): void {
  if (status !== undefined && REFUSALS_OF_GLOBAL.has(status)) revokeEach(state, mag.remote, now);
  else endRevoking(state, mag.remote, now);
}

/** A MAG that answers so may well revoke one binding after the other. */
const REFUSALS_OF_GLOBAL: ReadonlySet<number> = new Set([
  RevocationStatus.GLOBAL_REVOCATION_NOT_AUTHORIZED,
  RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED,
  RevocationStatus.TRIGGER_NOT_SUPPORTED,
  RevocationStatus.FUNCTION_NOT_SUPPORTED,
]);

/**
 * A MAG registered a mobile node while all that it had was being revoked: the same indication, sent again, would end the new session too.
 * The others that are left are revoked one by one.
 */
export function spareNewSessions(state: LmaState, mag: IpAddress, now: ClockReading): void {
  if (state.revocations.pending === 0) return;
  const cancelled = state.revocations.cancel(aboutMag(mag));
  if (cancelled === 0) return;
  state.stats.briCancelled += cancelled;
  revokeEach(state, mag, now);
}

function revokeEach(state: LmaState, mag: IpAddress, now: ClockReading): void {
  for (const binding of revokingAt(state, mag)) {
    const sent = indicateBinding(state, binding, RevocationTrigger.ADMINISTRATIVE_REASON, 'administrative', now);
    if (!sent) endBinding(state, binding, now);
  }
}

function endRevoking(state: LmaState, mag: IpAddress, now: ClockReading): void {
  for (const binding of revokingAt(state, mag)) {
    state.stats.briCancelled += state.revocations.cancel(binding.id);
    endBinding(state, binding, now);
  }
}

function revokingAt(state: LmaState, mag: IpAddress): Binding[] {
  return [...state.table.byCareOf(mag.key)].filter((binding) => binding.state === 'revoking');
}

function aboutMag(address: IpAddress): string {
  return `mag ${address.key}`;
}
