import { ok } from '#base/result.ts';
import type { ClockReading } from '#base/time.ts';
import { milliseconds } from '#base/time.ts';
import type { BindingUpdate } from '#wire/mobility/index.ts';
import { BindingStatus, BindingUpdateFlag, statusName } from '#wire/mobility/index.ts';
import type { MessageEvent, PeerAddress } from '../peer.ts';
import { transportOf } from '../peer.ts';
import { authenticate } from './authentication.ts';
import type { Binding } from './binding.ts';
import { currentCareOf, isCareOf } from './binding.ts';
import type { CheckedRequest } from './checked-request.ts';
import type { CheckContext, RegistrationCheck } from './checks.ts';
import { firstFailure, isStaleRefresh } from './checks.ts';
import { deRegister } from './de-registration.ts';
import { endBinding } from './ending.ts';
import type { Lookup } from './lookup.ts';
import { lookUp } from './lookup.ts';
import { type Answer, describeBinding, log } from './output.ts';
import { profileInForce } from './profile.ts';
import { extend, refuse } from './registration.ts';
import { rememberRenewal } from './renewal.ts';
import type { ProxyBindingRequest } from './request.ts';
import { readRequest } from './request.ts';
import { abandonBeginning, beginSession } from './session-beginning.ts';
import type { LmaState } from './state.ts';
import { countUnder } from './stats.ts';
import { PLAIN_TUNNEL, presetsOf, shapeTunnel, tunnelPolicy } from './tunnel.ts';
import { registerAfterUnknownHandoff } from './unknown-handoff.ts';
import { isTooFast } from './update-rate.ts';

/** A first registration that waited longer to be served is one too many. */
export const NEWCOMER_PATIENCE = milliseconds(100);

/** RFC 5213 §5.3.1 "Processing Proxy Binding Updates" */
export function handleBindingUpdate(
  state: LmaState,
  event: Omit<MessageEvent, 'message'>,
  message: BindingUpdate,
  now: ClockReading,
): void {
  const { from } = event;
  if (!(message.flags & BindingUpdateFlag.P)) {
    refuseMobileIp(state, from, message);
    return;
  }
  if (transportOf(from.local) !== from.transport || transportOf(from.remote) !== from.transport) {
    state.stats.unservedSource++;
    return;
  }
  state.stats.pbuReceived++;
  const request = readRequest(from, message, state.peers.get(from.remote.key)?.interop ?? 'strict');
  if (isShed(state, event, request)) return;
  const authenticity = authenticate(state, event, message, now);
  if (authenticity === 'discarded' || isTooFast(state, from, now)) return;
  if (authenticity === 'refused') {
    refuse(state, request, BindingStatus.MIPV6_AUTH_FAIL, 'MIPV6_AUTH_FAIL (RFC 5213 §5.3.1(1))', now);
    return;
  }
  const context = contextOf(state, request, now);
  const failure = firstFailure(request, context);
  if (failure) {
    fail(state, request, failure, context, now);
    return;
  }
  const { mobileNode, accessTechnology } = request;
  const { tunnel, profile } = context;
  if (mobileNode === undefined || accessTechnology === undefined || !tunnel.ok) return;
  const checked = { ...request, mobileNode, accessTechnology, shape: tunnel.value, profile };
  const answer = proceed(state, checked, context.lookup, now);
  if (answer && event.octets) rememberRenewal(state, checked, event.octets, answer);
}

/**
 * Chooses: when more comes than can be served, mobile nodes without a session are the first to be refused service, so that those that have
 * one keep it, and move. They are not answered: their MAGs ask again, later and later (RFC 5213 §6.9.4 "Retransmissions and Rate
 * Limiting"). Comes before anything that costs; a request that says itself that a node is new is not even decoded.
 */
function isShed(state: LmaState, { waited }: Pick<MessageEvent, 'waited'>, request: ProxyBindingRequest): boolean {
  const { mobileNode, customer, lifetime } = request;
  if (waited === undefined || waited <= NEWCOMER_PATIENCE || lifetime === 0 || !mobileNode) return false;
  if (state.table.byMobileNode(customer, mobileNode.name).length > 0) return false;
  countUnder(state.stats.pbuDiscarded, 'a new mobile node while overloaded');
  return true;
}

/**
 * RFC 5213 §5.3.1(13): which of the procedures applies. RFC 5844 §3.1.2.1(6) "Processing Proxy Binding Updates": without a binding "the local mobility anchor MUST consider this request as an
 * initial binding registration request"; RFC 5844 §3.1.2.1(7): with one, "a re-registration or a de-registration request"; RFC 5844 §3.1.2.1(8): a
 * re-registration may extend "an IPv4 home address mobility support to the existing IPv6-only mobility session".
 *
 * Returns as `extend` does.
 */
export function proceed(
  state: LmaState,
  request: CheckedRequest,
  lookup: Lookup,
  now: ClockReading,
): Answer | undefined {
  const binding = lookup.kind === 'session' ? lookup.binding : undefined;
  if (request.lifetime > 0) {
    if (lookup.kind === 'unknown-handoff') registerAfterUnknownHandoff(state, request, lookup.binding, now);
    else if (binding && isOtherService(binding, request)) {
      endBinding(state, binding, now);
      beginSession(state, request, now);
    } else if (binding) return extend(state, request, binding, now);
    else beginSession(state, request, now);
  } else if (binding) deRegister(state, request, binding, now);
  // RFC 5213 §5.4.1.1(6) "Home Network Prefix Option (NON_ZERO Value) Present in the Request": "if the received Proxy Binding Update
  // message has the lifetime value of zero and if the request cannot be associated with any existing mobility session, the message
  // MUST be silently ignored."
  else {
    state.stats.deRegistrationsUnmatched++;
    abandonBeginning(state, request);
  }
  return undefined;
}

/**
 * RFC 5149 §4.2 "Home Agent Considerations": the service "MAY also affect the Home Address or the Home Network Prefix allocation".
 * Chooses: a mobile node that was de-registered and comes for another service begins a new session, with the addresses of that service, also within the wait for deletion.
 */
function isOtherService({ state, service: before }: Binding, { service }: CheckedRequest): boolean {
  if (state !== 'deleting' || before === undefined || service === undefined) return false;
  return before.toLowerCase() !== service.toLowerCase();
}

function contextOf(state: LmaState, request: ProxyBindingRequest, now: ClockReading): CheckContext {
  const { config } = state;
  const { mobileNode, customer, from } = request;
  const peer = state.peers.get(from.remote.key);
  const lookup = lookUp(state.table, request);
  const profile = mobileNode && profileInForce(state, mobileNode, request.service, sessionOf(lookup)?.authorization);
  return {
    config,
    now,
    peer,
    profile,
    accepted: mobileNode ? lastAccepted(state, customer, mobileNode.name) : [],
    lookup,
    // RFC 5845 §4.2 "Operational Summary": a MAG "SHOULD NOT include the GRE Key option in the de-registration Proxy Binding Update."
    tunnel:
      request.lifetime > 0
        ? shapeTunnel(
            request.tunnel,
            tunnelPolicy(config, peer),
            config.generateGreKeys === true,
            presetsOf(peer, profile),
          )
        : ok(PLAIN_TUNNEL),
  };
}

/** Of a mobile node: what its last messages said is known of sessions that are over, too. */
function lastAccepted({ table, resting }: LmaState, customer: number, name: string): readonly Binding[] {
  const sessions = table.byMobileNode(customer, name);
  const over = resting.byMobileNode(customer, name);
  if (over.length === 0) return sessions;
  return sessions.length === 0 ? over : [...sessions, ...over];
}

function sessionOf(lookup: Lookup): Binding | undefined {
  return 'binding' in lookup ? lookup.binding : undefined;
}

function fail(
  state: LmaState,
  request: ProxyBindingRequest,
  { status, rfc }: RegistrationCheck,
  { lookup }: CheckContext,
  now: ClockReading,
): void {
  const binding = lookup.kind === 'session' ? lookup.binding : undefined;
  if (binding && status === BindingStatus.ADMINISTRATIVELY_PROHIBITED && isStaleRefresh(request, binding)) {
    state.stats.staleRefreshes++;
    log(state, 'debug', 'stale-refresh', 'A refresh came from a MAG that does not serve the mobile node', {
      nai: binding.mobileNode.name,
      from: `${request.careOf.address}`,
      careOfAddress: `${currentCareOf(binding).address}`,
    });
  }
  refuse(state, request, status, `${statusName(status)} (${rfc})`, now, binding?.sequence);
  if (binding && status === BindingStatus.SERVICE_AUTHORIZATION_FAILED) endUnauthorized(state, request, binding, now);
}

/**
 * RFC 5149 §4.2 "Home Agent Considerations": "If the authorization fails, then the home agent MUST deny the registration, delete any binding with the existing Home Address or
 * Home Network Prefix". Differs: only at the word of the MAG that serves the mobile node; another one may be mistaken.
 */
function endUnauthorized(state: LmaState, request: ProxyBindingRequest, binding: Binding, now: ClockReading): void {
  if (!isCareOf(binding, request.careOf)) return;
  endBinding(state, binding, now);
  const text = 'A binding ended, as its mobile node may not have the service that its MAG asks for';
  log(state, 'warn', 'service-not-authorized', text, describeBinding(state, binding));
}

/**
 * A Binding Update of Mobile IPv6. RFC 6275 §10.3.1 "Primary Care-of Address Registration": "if the node implements only correspondent
 * node functionality, or has not been configured to act as a home agent, then the node MUST reject the Binding Update." A
 * correspondent's one, without the H flag, lacks the return routability that RFC 6275 §9.5.1 "Receiving Binding Updates" asks for
 * and is discarded.
 */
function refuseMobileIp(state: LmaState, to: PeerAddress, { flags, sequence }: BindingUpdate): void {
  countUnder(state.stats.unexpected, 'binding-update-without-proxy-flag');
  if (!(flags & BindingUpdateFlag.H)) return;
  const status = BindingStatus.HOME_REGISTRATION_NOT_SUPPORTED;
  const lifetime = milliseconds(0);
  state.outputs.push({
    kind: 'send',
    to,
    message: { kind: 'binding-acknowledgement', status, flags: 0, sequence, lifetime, options: [] },
  });
}
