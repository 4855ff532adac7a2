import { sameAddress } from '#base/ip-address.ts';
import type { BindingAcknowledgement } from '#wire/mobility/index.ts';
import { BindingStatus, findOption } from '#wire/mobility/index.ts';
import type { PeerAddress } from '../peer.ts';
import { encapsulationName } from '../tunnel-path.ts';
import { type AcknowledgementCheck, echoFault, faultOf, NOT_ASKED_AGAIN, namesAnother } from './checks.ts';
import type { MagContext } from './context.ts';
import { readGrant } from './grant.ts';
import { keepNat } from './nat-keepalive.ts';
import { keepSession } from './records.ts';
import { noteAccepted } from './registered-since.ts';
import { closeRequest, finishRelease, startRequest } from './registration.ts';
import { reject } from './rejection.ts';
import { announceSession, dropBinding, endRefused, endSession, setForwarding } from './session.ts';
import {
  type Binding,
  forwardsAlike,
  type Grant,
  isArrival,
  keepsAddresses,
  keepsPrefixes,
  type Request,
} from './state.ts';
import { refreshDelay } from './timers.ts';
import { enter } from './transition.ts';

const OTHER_OPTIONS = 'the LMA answers with other options than those sent';

/**
 * RFC 5213 §6.9.1.2 "Receiving Proxy Binding Acknowledgement": "the mobile access gateway MUST process the message as specified below". RFC 5844 §4.2.2(4) "Signaling Considerations": "All the considerations from
 * Section 6.9.1.2 of [RFC5213] MUST be applied" over IPv4 too. RFC 5213 §6.9.1.2(4): it "MUST ignore any checks ... related to the presence of a Type 2
 * Routing header"; §6.9.1.2(3): with timestamps the sequence number only tells which message is answered (§5.5). `from` is one of the configuration's LMAs, and the message authentic.
 */
export function receiveAcknowledgement(mag: MagContext, from: PeerAddress, answer: BindingAcknowledgement): void {
  mag.stats.pbaReceived++;
  const binding = awaiting(mag, from, answer);
  const request = binding?.request;
  if (!binding || !request) {
    receiveUnmatched(mag, from, answer);
    return;
  }
  const failed = faultOf(answer, binding, request);
  if (failed) {
    const { check, fault } = failed;
    mag.stats[check.counter]++;
    logIgnored(mag, binding, `${fault}; ${check.advice}`, check);
    if (check.endsRequest) giveUp(mag, binding, request, OTHER_OPTIONS);
    return;
  }
  closeRequest(mag, binding);
  if (answer.status >= BindingStatus.REASON_UNSPECIFIED) reject(mag, binding, request, answer);
  else if (request.purpose === 'deregister') dropBinding(mag, binding);
  else if (request.purpose === 'release') finishRelease(mag, binding);
  else accept(mag, binding, request, answer);
}

/**
 * RFC 5213 §6.9.1.2(5): "if the received Proxy Binding Acknowledgement message does not match any of the Proxy Binding Update messages that it
 * sent recently, the message MUST be ignored." With SEQUENCE_NUMBER_OUT_OF_WINDOW the sequence number is the LMA's, and the mobile
 * node's identifier and the options that the answer repeats tell which request it answers: another interface of the node may wait too.
 */
function awaiting(mag: MagContext, from: PeerAddress, answer: BindingAcknowledgement): Binding | undefined {
  const outOfWindow = answer.status === BindingStatus.SEQUENCE_NUMBER_OUT_OF_WINDOW;
  const named = findOption(answer.options, 'mobile-node-identifier') !== undefined;
  const byName = outOfWindow && named;
  for (const binding of byName ? mag.bindings : mag.bindings.awaiting(answer.sequence)) {
    const { request, lma } = binding;
    if (!request || !sameAddress(lma.address, from.remote) || namesAnother(answer, binding) !== undefined) continue;
    if (!byName || lma.interop === 'tolerant' || echoFault(answer, binding, request) === undefined) return binding;
  }
  return undefined;
}

function accept(mag: MagContext, binding: Binding, request: Request, answer: BindingAcknowledgement): void {
  const reading = readGrant(mag, binding, request, answer);
  if ('refused' in reading) {
    mag.stats[reading.counter]++;
    mag.log('warn', 'pba-without-service', `${binding.nai} gets no service: ${reading.refused}`, {
      nai: binding.nai,
      lma: binding.lma.name,
    });
    endRefused(mag, binding, reading.refused);
    return;
  }
  mag.stats.pbaAccepted++;
  noteAccepted(binding, request, answer);
  const { grant } = reading;
  const before = binding.granted;
  const changed = !before || !keepsAddresses(before, grant) || !keepsAddresses(grant, before);
  if (before && !keepsPrefixes(before, grant)) endSession(mag, binding, 'withdrawn');
  displaceHolders(mag, binding, grant);
  // §6.9.1.2(14): "MUST also update the Binding Update List entry to reflect the accepted binding registration values"; RFC 5844 §3.2.3.2(6) "Receiving Proxy Binding Acknowledgement": "with the assigned IPv4 home address".
  mag.bindings.grant(binding, grant);
  enter(mag, binding, 'ACTIVE');
  binding.returned = false;
  // RFC 5213 §6.9.1.2(12): it "MUST establish a bi-directional tunnel to the local mobility anchor (if there is no existing bi-directional tunnel"
  // and §6.9.1.2(13): "MUST set up the route for forwarding the packets received from the mobile node"; RFC 5844 §3.2.3.2(7), §3.2.3.2(8) and §4.2.2(5) "Signaling Considerations" have
  // the same of IPv4 packets. §3.2.3.3(5) "Binding Re-Registration and De-Registrations": an IPv4 address that was not extended has no "forwarding state" any more.
  if (changed || !forwardsAlike(before, grant)) setForwarding(mag, binding, grant);
  else keepSession(mag, binding, grant, 'within-window');
  if (changed || request.purpose !== 'refresh' || before?.lifetime !== grant.lifetime)
    announceSession(mag, binding, grant);
  restartTimers(mag, binding, grant);
  keepNat(mag, binding, grant, reading.keepalive);
  if (!before) logRegistered(mag, binding, grant);
  if (refusesLinkLocal(mag, answer, grant, before)) startRequest(mag, binding, 'refresh');
}

/**
 * RFC 5213 §6.9.1.2(15): the address that is used in place of the LMA's "It SHOULD also upload ... to the local mobility anchor by
 * immediately sending a Proxy Binding Update message". Once: an LMA that sticks to its own is not asked again before the refresh.
 */
function refusesLinkLocal(
  mag: MagContext,
  answer: BindingAcknowledgement,
  grant: Grant,
  before: Grant | undefined,
): boolean {
  const offered = mag.config.linkLocalFromLma && findOption(answer.options, 'link-local-address')?.address;
  if (!offered || offered.isUnspecified || offered.equals(grant.linkLocal)) return false;
  return !before?.linkLocal.equals(grant.linkLocal);
}

/**
 * Chooses: the latest word of the LMA on an address is the right one. A session of another mobile node that has it here is stale: its
 * revocation was lost. It ends first, and the LMA is told nothing, as it knows.
 */
function displaceHolders(mag: MagContext, binding: Binding, grant: Grant): void {
  for (const stale of mag.bindings.holders(grant)) {
    if (stale === binding) continue;
    mag.stats.bindingsDisplaced++;
    mag.log('warn', 'binding-displaced', `the LMA gave addresses of ${stale.nai} to ${binding.nai}`, {
      nai: stale.nai,
      interface: stale.interface.name,
      newNai: binding.nai,
      lma: binding.lma.name,
    });
    if (stale.state !== 'DISCONNECTING') endSession(mag, stale, 'withdrawn');
    dropBinding(mag, stale);
  }
}

function restartTimers(mag: MagContext, binding: Binding, grant: Grant): void {
  mag.timers.cancel(binding.refreshTimer);
  mag.timers.cancel(binding.expiryTimer);
  binding.refreshTimer = mag.setTimer(refreshDelay(mag.config, grant), { kind: 'refresh', binding });
  binding.expiryTimer = mag.setTimer(grant.lifetime, { kind: 'expire', binding });
}

/** Stops asking until the operator acts. A session that was granted before lasts as long as it was granted, but for an arrival. */
function giveUp(mag: MagContext, binding: Binding, request: Request, reason: string): void {
  closeRequest(mag, binding);
  if (request.purpose === 'deregister') dropBinding(mag, binding);
  else if (binding.granted && !isArrival(request)) enter(mag, binding, 'ACTIVE');
  else {
    mag.deny(binding.nai, { all: reason });
    endRefused(mag, binding, reason);
  }
}

/**
 * An LMA that answers a request of one mobile node by its sequence number and names another has a name of its own for it, as a rule. RFC 5213 §6.9.1.2(6) has the Mobile Node Identifier
 * option among those that are to be the same, and the attempts end. Chooses: not where sequence numbers are counted for each mobile node, so that those of two may be equal, nor with a tolerated peer.
 */
function receiveUnmatched(mag: MagContext, from: PeerAddress, answer: BindingAcknowledgement): void {
  const misnamed = [...mag.bindings.awaiting(answer.sequence)].filter(
    (binding) => sameAddress(binding.lma.address, from.remote) && namesAnother(answer, binding) !== undefined,
  );
  if (misnamed.length === 0) mag.stats.pbaUnmatched++;
  else mag.stats.pbaEchoMismatch++;
  for (const binding of misnamed) {
    const ends = mag.usesTimestamps && binding.lma.interop !== 'tolerant';
    const text = `its Mobile Node Identifier is ${namesAnother(answer, binding)}; "interop tolerant" accepts octets after the name, or the link-layer address`;
    logIgnored(mag, binding, ends ? `${text}; ${NOT_ASKED_AGAIN}` : text, {
      step: 'name',
      rfc: 'RFC 5213 §6.9.1.2(6)',
    });
    if (ends && binding.request) giveUp(mag, binding, binding.request, OTHER_OPTIONS);
  }
}

function logIgnored(
  mag: MagContext,
  { nai, lma }: Binding,
  what: string,
  { step, rfc }: Pick<AcknowledgementCheck, 'step' | 'rfc'>,
): void {
  const text = `ignored an acknowledgement for ${nai}: ${what}`;
  mag.log('warn', 'pba-ignored', text, { nai, lma: lma.name, step, rfc });
}

function logRegistered(mag: MagContext, binding: Binding, grant: Grant): void {
  mag.log('info', 'binding-active', `${binding.nai} is registered with ${binding.lma.name}`, {
    nai: binding.nai,
    mac: binding.mac.toCiscoString(),
    interface: binding.interface.name,
    lma: binding.lma.name,
    homeAddress: grant.homeAddress?.address.toString() ?? '',
    prefixes: grant.prefixes.join(' '),
    lifetimeSeconds: grant.lifetime / 1000,
    encapsulation: encapsulationName(grant.path),
  });
}
