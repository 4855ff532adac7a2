import type { ClockReading, Duration } from '#base/time.ts';
import { after, milliseconds } from '#base/time.ts';
import { BindingStatus, HandoffIndicator } from '#wire/mobility/index.ts';
import { samePath } from '../tunnel-path.ts';
import { FIXED_LINK_LOCAL_ADDRESS, rejection } from './acknowledgement.ts';
import { type Assignment, assignAddresses, sameAssignment } from './address-assignment.ts';
import type { Authorization } from './authorization.ts';
import type { Binding, CareOfAddress } from './binding.ts';
import { currentCareOf, isCareOf, pathOf } from './binding.ts';
import { nextBindingId } from './binding-id.ts';
import type { CheckedRequest } from './checked-request.ts';
import { oddities } from './dialect.ts';
import { forgetResting, releaseDropped } from './ending.ts';
import { spareNewSessions } from './mag-revocation.ts';
import { type Answer, accept, forwardBinding, logBinding, logOfPeer, reply, storeBinding } from './output.ts';
import type { ProxyBindingRequest } from './request.ts';
import { revokeAtPreviousMag, withdrawRevocations } from './revocation.ts';
import { type LmaState, peerName } from './state.ts';
import { encapsulationOf, uplinkKeyFor } from './tunnel.ts';

const LIFETIME_UNIT_MS = 4000;

/** Chooses: one mobile node has at most this many sessions, so that every one of its requests is judged in bounded time. */
const INTERFACES_PER_NODE_MAXIMUM = 16;

/**
 * RFC 5213 §5.3.2 "Initial Binding Registration (New Mobility Session)", RFC 5844 §3.1.2.2 "Initial Binding Registration (New
 * Mobility Session)".
 *
 * RFC 5213 §5.3.2(4): "Upon accepting the request, the local mobility anchor MUST create a Binding Cache entry for the mobile node."
 * RFC 5213 §5.3.2(7): it "MUST send the Proxy Binding Acknowledgement message with the Status field set to 0". RFC 5844 §3.1.2.2(4): "The created
 * Binding Cache entry MUST be used for managing both IPv4 and IPv6 home address bindings." RFC 5844 §3.1.2.2(7) is about the same answer.
 */
export function registerNew(state: LmaState, request: CheckedRequest, now: ClockReading): void {
  if (state.table.size >= state.config.bindingMaximum) {
    state.stats.bindingMaximumReached++;
    refuse(state, request, BindingStatus.INSUFFICIENT_RESOURCES, 'the maximum of bindings is reached', now);
    return;
  }
  const { customer, mobileNode, linkLayerIdentifier, accessTechnology } = request;
  const others = state.table.byMobileNode(customer, mobileNode.name);
  if (others.length >= INTERFACES_PER_NODE_MAXIMUM) {
    state.stats.interfaceMaximumReached++;
    refuse(state, request, BindingStatus.INSUFFICIENT_RESOURCES, 'the mobile node has too many interfaces', now);
    return;
  }
  const at = { linkLayerIdentifier, accessTechnology };
  const owner = { customer, mobileNode, interface: at };
  const assigned = assignAddresses(request, owner, undefined, false, state, now.instant);
  if (!assigned.ok) {
    refuse(state, request, assigned.error, whyUnassigned(assigned.error), now);
    return;
  }
  const session = { id: nextBindingId(state), customer, mobileNode, interface: at, registeredAt: now.utc };
  const binding = registered(state, request, session, assigned.value, undefined, now);
  state.stats.bindingsCreated++;
  forgetResting(state, binding);
  // The order of the node's messages is no matter of one session any more.
  for (const { id } of others) state.renewals.forget(id);
  keep(state, binding, now);
  storeBinding(state, binding, 'before-reply', now);
  forwardBinding(state, binding);
  accept(state, request, binding, undefined);
  spareNewSessions(state, currentCareOf(binding).address, now);
  logBinding(state, 'binding-created', 'A mobile node was registered', binding);
}

/**
 * RFC 5213 §5.3.3 "Binding Lifetime Extension (No Handoff)", §5.3.4 "Binding Lifetime Extension (After Handoff)", and the end of a wait
 * for deletion by §5.3.5(2): "the Binding Cache entry MUST NOT be deleted, but must be updated with the newly accepted registration
 * values, and the wait period should be ended."
 *
 * RFC 5213 §5.3.3(1) and §5.3.4(1): "the local mobility anchor MUST update the Binding Cache entry with the accepted registration values";
 * RFC 5213 §5.3.3(2) and §5.3.4(5): it "MUST send the Proxy Binding Acknowledgement message with the Status field set to 0".
 * RFC 5844 §3.1.2.3 "Binding Lifetime Extension (No Handoff)": "All the considerations from Section 5.3.3 of [RFC5213] MUST be applied."
 *
 * Returns the answer when the MAG is the same, and nothing but the time of the session is another than before.
 */
export function extend(
  state: LmaState,
  request: CheckedRequest,
  before: Binding,
  now: ClockReading,
): Answer | undefined {
  if (isTimedOut(before, request, now)) {
    refuse(state, request, BindingStatus.ADMINISTRATIVELY_PROHIBITED, 'the time of its session is over', now);
    return undefined;
  }
  const handoff = !isCareOf(before, request.careOf);
  // A gateway that gave the session up knows nothing of what it does not ask for, and neither does one that is new to it, or begins it anew, as its de-registration was lost. RFC 5213 §6.9.1.3(3)
  // "Extending Binding Lifetime": of a re-registration the Handoff Indicator "MUST be set to a value of 5"; not all that speak a dialect do so.
  const begins = request.interop === 'strict' && request.handoffIndicator !== HandoffIndicator.NOT_CHANGED;
  const anew = handoff || before.state !== 'active' || begins;
  const assigned = assignAddresses(request, before, before, anew, state, now.instant);
  if (!assigned.ok) {
    refuse(state, request, assigned.error, whyUnassigned(assigned.error), now);
    return undefined;
  }
  const { id, customer, mobileNode, registeredAt } = before;
  const session = {
    id,
    customer,
    mobileNode,
    interface: interfaceOf(request, before, handoff),
    registeredAt: handoff ? now.utc : registeredAt,
  };
  const binding = registered(state, request, session, assigned.value, before, now);
  releaseDropped(state, before, binding, now);
  forgetResting(state, binding);
  keep(state, binding, now);
  const changed = before.state !== 'active' || !forwardsAlike(before, binding);
  // A sequence number that is not stored could be used again; a timestamp cannot (`restoration.ts`).
  const mayWait = !changed && request.timestamp !== undefined;
  storeBinding(state, binding, mayWait ? 'within-window' : 'before-reply', now);
  if (changed) forwardBinding(state, binding);
  const answer = accept(state, request, binding, before, !changed);
  withdrawRevocations(state, binding, before.state === 'revoking');
  spareNewSessions(state, currentCareOf(binding).address, now);
  if (handoff) handedOver(state, before, binding, now);
  else state.stats.bindingsRefreshed++;
  return mayWait ? answer : undefined;
}

/** The family that a network has no addresses of. */
const LACKING: Readonly<Record<number, string>> = {
  [BindingStatus.NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE]: 'IPv6',
  [BindingStatus.NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE]: 'IPv4',
};

/** For the operator; the counters tell which pool is empty. */
function whyUnassigned(status: number): string {
  const pools = 'of the configured pools';
  const lacking = LACKING[status];
  if (lacking !== undefined) return `its network has no ${lacking} pool`;
  return status === BindingStatus.INSUFFICIENT_RESOURCES
    ? `no address or prefix ${pools} is free`
    : `an address or prefix that it names is not ${pools}, or is another mobile node's`;
}

/** Answers a request with an error status, counts and logs it. */
export function refuse(
  state: LmaState,
  request: ProxyBindingRequest,
  status: number,
  reason: string,
  now: ClockReading,
  lastSequence = 0,
): void {
  reply(state, request, rejection(request, status, now, lastSequence));
  const odd = request.interop === 'strict' ? oddities(request.message.options) : [];
  const hint = odd.length > 0 ? `; it has ${odd.join(' and ')}, which "interop tolerant" of the peer accepts` : '';
  const fields = { status, nai: request.mobileNode?.name ?? '', from: `${request.from.remote}` };
  logOfPeer(state, 'pbu-rejected', `A Proxy Binding Update was rejected: ${reason}${hint}`, fields, now);
}

function handedOver(state: LmaState, before: Binding, binding: Binding, now: ClockReading): void {
  state.stats.bindingsHandedOver++;
  // A MAG that de-registered the node needs no revocation, nor does one that restarted.
  if (before.state !== 'deleting' && before.state !== 'invalid') revokeAtPreviousMag(state, before, binding, now);
  const previously = () => {
    const { address } = currentCareOf(before);
    return { previousMag: peerName(state, address), previousCareOfAddress: `${address}` };
  };
  logBinding(state, 'binding-handed-over', 'A mobile node moved to another MAG', binding, previously);
}

/** What a registration that is accepted does not decide. */
type Session = Pick<Binding, 'id' | 'customer' | 'mobileNode' | 'interface' | 'registeredAt'>;

/** A gateway that goes on may name no interface; it means the one that it named. */
function interfaceOf(request: CheckedRequest, before: Binding, handoff: boolean): Binding['interface'] {
  const { accessTechnology } = request;
  const known = before.interface;
  const unnamed = request.linkLayerIdentifier === '' && !handoff;
  const linkLayerIdentifier = unnamed ? known.linkLayerIdentifier : request.linkLayerIdentifier;
  const isSame = linkLayerIdentifier === known.linkLayerIdentifier && accessTechnology === known.accessTechnology;
  return isSame ? known : { linkLayerIdentifier, accessTechnology };
}

/** Field by field: a binding that grows by spreading costs several times as much, and is larger. */
function registered(
  state: LmaState,
  request: CheckedRequest,
  { id, customer, mobileNode, interface: at, registeredAt }: Session,
  { homeAddress, prefixes }: Assignment,
  before: Binding | undefined,
  now: ClockReading,
): Binding {
  const authorization = request.authorization ?? before?.authorization;
  const lifetime = grantedLifetime(state, request, authorization, now);
  const endsAt = after(now.instant, lifetime);
  const uplinkKey = uplinkKeyFor(request.shape, before?.uplinkKey, request.profile?.greKeys, state.greKeys);
  const binding: Binding = {
    id,
    state: 'active',
    customer,
    mobileNode,
    interface: at,
    careOfAddresses: state.careOfAddresses.share(careOfAddress(request, uplinkKey), before?.careOfAddresses),
    homeAddress,
    prefixes,
    linkLocalAddress: linkLocalAddress(request, before),
    lifetime,
    endsAt,
    grantedUntil: endsAt,
    registeredAt,
    timestamp: request.timestamp,
    messageId: request.messageId ?? before?.messageId,
    sequence: request.sequence,
    service: request.service ?? before?.service,
    uplinkKey,
  };
  return authorization ? { ...binding, authorization } : binding;
}

/** The path to the MAG. */
function careOfAddress({ careOf, from, shape, profile }: CheckedRequest, uplinkKey: number | undefined): CareOfAddress {
  const { address, local } = careOf;
  const encapsulation = encapsulationOf(shape, uplinkKey, profile?.greKeys);
  const port = from.transport === 'ipv4-udp' ? from.port : undefined;
  return port === undefined ? { address, local, encapsulation } : { address, local, port, encapsulation };
}

function forwardsAlike(a: Binding, b: Binding): boolean {
  if (a.careOfAddresses === b.careOfAddresses && a.prefixes === b.prefixes && a.homeAddress === b.homeAddress)
    return true;
  return sameAssignment(a, b) && samePath(pathOf(currentCareOf(a)), pathOf(currentCareOf(b)));
}

/** RFC 2865 §5.27 "Session-Timeout": "the maximum number of seconds of service to be provided to the user before termination of the session". */
function isTimedOut({ authorization }: Binding, request: CheckedRequest, { utc }: ClockReading): boolean {
  const { sessionEnds } = request.authorization ?? authorization ?? {};
  return sessionEnds !== undefined && sessionEnds <= utc;
}

/** The requested lifetime, at most the configured one and what is left of the session, in whole units of RFC 6275 §6.1.7 "Binding Update Message", at least one. */
function grantedLifetime(
  state: LmaState,
  request: CheckedRequest,
  authorization: Authorization | undefined,
  { utc }: ClockReading,
): Duration {
  const left = (authorization?.sessionEnds ?? Number.POSITIVE_INFINITY) - utc;
  const allowed = Math.min(request.lifetime, state.config.maximumLifetime, left);
  return milliseconds(Math.max(1, Math.floor(allowed / LIFETIME_UNIT_MS)) * LIFETIME_UNIT_MS);
}

/**
 * RFC 5213 §5.3.6 "Constructing the Proxy Binding Acknowledgement Message": a NON_ZERO address of the request is taken; for ALL_ZERO it is
 * that of the binding, or "the local mobility anchor MUST generate the link-local address". Chooses: the one that RFC 6543 reserves.
 */
function linkLocalAddress(request: CheckedRequest, before: Binding | undefined) {
  const asked = request.linkLocalAddress;
  if (!asked) return before?.linkLocalAddress;
  return asked.isUnspecified ? (before?.linkLocalAddress ?? FIXED_LINK_LOCAL_ADDRESS) : asked;
}

function keep(state: LmaState, binding: Binding, now: ClockReading): void {
  state.table.put(binding);
  state.timers.set(binding.id, now.instant, binding.lifetime);
}
