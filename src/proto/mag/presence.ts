/** Whether a mobile node is still on its access link is asked there before its LMA is told that it is. */
import { RevocationStatus } from '#wire/mobility/index.ts';
import type { MagContext } from './context.ts';
import { startRequest } from './registration.ts';
import { acknowledgeRevocation } from './revocation-answer.ts';
import { dropBinding, endSession } from './session.ts';
import type { Binding, HeldRevocation } from './state.ts';
import { PROOF_TIME, RETURN_REFRESH } from './timers.ts';

/**
 * RFC 5213 §6.13 "Mobile Node Detachment Detection and Resource Cleanup": "Before sending a Proxy Binding Update message to the local mobility anchor for extending the lifetime of a currently existing
 * binding of a mobile node, the mobile access gateway MUST make sure the mobile node is still attached to the connected link by using
 * some reliable method." The access link asks it, if it does not know; the message goes out when there is a sign of the node.
 */
export function extendWhenPresent(mag: MagContext, binding: Binding): void {
  if (binding.request || binding.extensionWaits) return;
  binding.extensionWaits = true;
  ask(mag, binding, false);
}

/**
 * RFC 5846 §9.1(4) "Receiving Binding Revocation Indication": "The mobile access gateway SHOULD ensure that the mobile node is no longer attached to the mobile access gateway before accepting the BRI message
 * using status code "success"." The answer waits for a frame that the node sends now; what was heard before may be from before it left.
 */
export function proveBeforeRevocation(mag: MagContext, binding: Binding, held: Omit<HeldRevocation, 'timer'>): void {
  const earlier = binding.heldRevocation;
  binding.heldRevocation = { ...held, timer: earlier?.timer ?? mag.setTimer(PROOF_TIME, { kind: 'proof', binding }) };
  if (earlier) return;
  mag.stats.briHeld++;
  ask(mag, binding, true);
}

/** A frame of the node came after it was asked for. */
export function provedPresent(mag: MagContext, binding: Binding): void {
  if (refuseHeldRevocation(mag, binding)) {
    // The LMA may have it at another gateway by now; where it is, the message with the latest timestamp says.
    if (binding.state !== 'DISCONNECTING') startRequest(mag, binding, 'attach');
  } else if (binding.extensionWaits) startRequest(mag, binding, 'refresh');
}

/** "if the mobile access gateway verified that the mobile node is still directly attached, the mobile access gateway MUST reject the BRI". `false` when none waits. */
export function refuseHeldRevocation(mag: MagContext, binding: Binding): boolean {
  const held = binding.heldRevocation;
  if (!held) return false;
  mag.timers.cancel(held.timer);
  binding.heldRevocation = undefined;
  acknowledgeRevocation(mag, held.from, held.indication, RevocationStatus.MOBILE_NODE_IS_ATTACHED, 1);
  return true;
}

/** Nobody answered: the revocation that waited for that is accepted. `false` when none did. */
export function provedAbsent(mag: MagContext, binding: Binding): boolean {
  if (!binding.heldRevocation) return false;
  mag.stats.bindingsRevoked++;
  if (binding.state !== 'DISCONNECTING') endSession(mag, binding, 'departed');
  dropBinding(mag, binding);
  return true;
}

/**
 * An access point announced a node that has a session on that interface. As a rule it came from the next access point behind it, and
 * nothing is sent. Chooses: should it have been at another gateway, whose LMA revokes the session here, the indication finds the
 * node here; and should that be lost, the LMA rejects the next refresh, which is not far off, and is told then.
 */
export function noteReturn(mag: MagContext, binding: Binding): void {
  binding.returned = true;
  const timer = binding.refreshTimer;
  if (!timer || timer.cancelled || timer.at <= mag.instant + RETURN_REFRESH) return;
  mag.timers.cancel(timer);
  binding.refreshTimer = mag.setTimer(RETURN_REFRESH, { kind: 'refresh', binding });
}

function ask(mag: MagContext, { mac, interface: { name } }: Binding, fresh: boolean): void {
  mag.stats.presenceAsked++;
  mag.emit({ kind: 'ask-presence', interface: name, mac, fresh });
}
