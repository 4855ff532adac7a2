import {
  type BindingRevocationAcknowledgement,
  BindingRevocationFlag,
  MobileNodeIdentifierSubtype,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import { isBelieved, type Proof, proofKey } from '../peer-proof.ts';
import type { MagContext } from './context.ts';
import { proven } from './proof.ts';
import { timestampOptions } from './proxy-binding-update.ts';
import { closeRequest, deregister, startRequest } from './registration.ts';
import { dropBinding, endSession } from './session.ts';
import type { Binding } from './state.ts';
import { enter } from './transition.ts';

/** Fewer bindings are de-registered one by one, which every LMA understands. */
const BULK_MINIMUM = 2;

/**
 * Ends all bindings that this gateway has: RFC 5846 §9.2 "Sending Binding Revocation Indication": "The mobile access gateway could send a Binding Revocation Indication message to indicate the
 * termination of multiple mobile node bindings". An LMA that refuses that, or does not answer, is told of each by a de-registration; and so is
 * one that could not know an indication of this gateway from a forged one, `isBelieved`.
 */
export function endAll(mag: MagContext, bindings: readonly Binding[], end: 'withdrawn' | 'departed'): void {
  for (const [first, ...more] of byLma(bindings)) {
    if (more.length + 1 >= BULK_MINIMUM && mayRevoke(mag, first)) revokeAll(mag, [first, ...more], end);
    else for (const binding of [first, ...more]) deregister(mag, binding, end);
  }
}

/**
 * RFC 5846 §9.2: "If the mobile access gateway receives a packet carrying a Binding Revocation Acknowledgement […] and the Status field indicates "Global Revocation NOT Authorized"",
 * it "SHOULD NOT retry sending a Binding Revocation Indication with the Global (G) bit set […] to the same local mobility agent" and "should raise an alarm or log an event". RFC 5846
 * §6.2.2(2) "Receiving Binding Revocation Acknowledgement": on success "the initiator MUST delete the current timer and the mobile node(s) binding(s) and all associated resources."
 */
export function receiveRevocationAnswer(
  mag: MagContext,
  from: PeerAddress,
  answer: BindingRevocationAcknowledgement,
  proof: Proof,
): void {
  mag.stats.braReceived++;
  const pending = mag.revocations.asked(answer, from.remote);
  if (!pending) {
    mag.stats.braUnmatched++;
    return;
  }
  if (proof === 'missing') {
    mag.stats.braNotAuthentic++;
    return;
  }
  mag.revocations.settle(pending);
  // An LMA that has no binding of this gateway is where it should be.
  if (answer.status <= RevocationStatus.BINDING_DOES_NOT_EXIST) {
    mag.revokedAtOnce.add(from.remote.key);
    for (const binding of revoked(mag, from)) dropBinding(mag, binding);
  } else refuse(mag, from, `refuses it with status ${answer.status}`);
}

/** An LMA that knows no such message answers so; false when it was asked nothing. */
export function revocationUnsupported(mag: MagContext, from: PeerAddress): boolean {
  if (mag.revocations.cancel(from.remote.key) === 0) return false;
  refuse(mag, from, 'does not know the message');
  return true;
}

/** RFC 5846 §9.2: "the mobile access gateway SHOULD retransmit the Binding Revocation Indication […] until it receives a matching Binding Revocation Acknowledgement or the BRIMaxRetransmitNumber is reached." */
export function revocationTimers(mag: MagContext): void {
  for (const outcome of mag.revocations.expire(mag.config.bri, mag.instant)) {
    if (outcome.kind === 'retransmitted') {
      mag.stats.briRetransmitted++;
      mag.emit(proven(mag.lmas, outcome.output));
    } else {
      mag.stats.briGivenUp++;
      refuse(mag, outcome.pending.to, 'does not answer it');
    }
  }
}

/** A mobile node is registered with that LMA again: the same indication, sent once more, would end its session too. The others are de-registered one by one. */
export function spareNewSession(mag: MagContext, { peer }: Binding): void {
  if (mag.revocations.pending === 0 || mag.revocations.cancel(peer.remote.key) === 0) return;
  mag.stats.briCancelled++;
  deregisterRevoked(mag, peer);
}

function revokeAll(mag: MagContext, bindings: readonly [Binding, ...Binding[]], end: 'withdrawn' | 'departed'): void {
  const { peer, lma } = bindings[0];
  for (const binding of bindings) leave(mag, binding, end);
  // RFC 5846 §9.2(1): "The Proxy Binding (P) bit MUST be set"; §9.2(2): "The Global (G) bit MUST be set and the Revocation Trigger MUST contain a value of "Per-Peer Policy""; "the MN-ID option MUST be included
  // in the Binding Revocation Indication and contain the mobile access gateway identity."
  const identifier = new TextEncoder().encode(mag.config.name);
  const content = {
    trigger: RevocationTrigger.PER_PEER_POLICY,
    flags: BindingRevocationFlag.P | BindingRevocationFlag.G,
    options: [
      { kind: 'mobile-node-identifier', subtype: MobileNodeIdentifierSubtype.NAI, identifier } as const,
      ...(proofKey(mag.lmas.named(lma.name) ?? {}) ? timestampOptions(mag) : []),
    ],
  };
  mag.revocations.cancel(peer.remote.key);
  const output = mag.revocations.send(content, peer, { about: peer.remote.key }, mag.config.bri, mag.instant);
  if (!output) {
    deregisterRevoked(mag, peer);
    return;
  }
  mag.stats.briSent++;
  mag.log('info', 'bindings-revoked', `${bindings.length} bindings with ${lma.name} are revoked by one message`, {
    lma: lma.name,
    bindings: bindings.length,
  });
  mag.emit(proven(mag.lmas, output));
}

/** As by a de-registration, but for the message. */
function leave(mag: MagContext, binding: Binding, end: 'withdrawn' | 'departed'): void {
  endSession(mag, binding, end);
  for (const timer of [binding.refreshTimer, binding.expiryTimer, binding.sessionTimer]) mag.timers.cancel(timer);
  closeRequest(mag, binding);
  binding.extensionWaits = false;
  enter(mag, binding, 'DISCONNECTING');
}

function refuse(mag: MagContext, lma: PeerAddress, what: string): void {
  mag.refusesBulk.add(lma.remote.key);
  const name = mag.lmas.at(lma.remote)?.name ?? `${lma.remote}`;
  const text = `${name} was asked to end all bindings of this MAG by one message, and ${what}; each is de-registered`;
  mag.log('warn', 'revocation-refused', text, { lma: name });
  deregisterRevoked(mag, lma);
}

function deregisterRevoked(mag: MagContext, lma: PeerAddress): void {
  for (const binding of revoked(mag, lma)) startRequest(mag, binding, 'deregister');
}

/** What a revocation has ended, and no de-registration says. */
function revoked(mag: MagContext, lma: PeerAddress): Binding[] {
  return [...mag.bindings].filter(
    ({ state, request, peer }) => state === 'DISCONNECTING' && !request && peer.remote.key === lma.remote.key,
  );
}

function mayRevoke(mag: MagContext, { lma, peer }: Binding): boolean {
  const known = mag.lmas.named(lma.name);
  // At the end there is no time to ask in another way.
  const willAnswer = !mag.stopping || mag.revokedAtOnce.has(peer.remote.key);
  return isBelieved(known ?? {}) && willAnswer && !mag.refusesBulk.has(peer.remote.key);
}

function byLma(bindings: readonly Binding[]): (readonly [Binding, ...Binding[]])[] {
  const groups = new Map<string, [Binding, ...Binding[]]>();
  for (const binding of bindings) {
    const key = `${binding.peer.local.key} ${binding.peer.remote.key}`;
    const group = groups.get(key);
    if (group) group.push(binding);
    else groups.set(key, [binding]);
  }
  return [...groups.values()];
}
