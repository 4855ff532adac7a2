import { milliseconds } from '#base/time.ts';
import { authenticationFor } from './authentication.ts';
import type { MagContext } from './context.ts';
import { handoffIndicator } from './dialect.ts';
import type { SessionHomeAddress } from './events.ts';
import { proxyBindingUpdate } from './proxy-binding-update.ts';
import { noteFirst } from './registered-since.ts';
import {
  announceSession,
  bindingForwarded,
  dropBinding,
  endRefused,
  endSession,
  refuse,
  setForwarding,
} from './session.ts';
import {
  type Binding,
  type Families,
  type Grant,
  isArrival,
  isAttach,
  type Request,
  type RequestPurpose,
  requestedFamilies,
} from './state.ts';
import {
  DEREGISTRATION_TRANSMISSIONS,
  IMMEDIATE_RETRIES,
  nextInterval,
  noteSent,
  REGISTRATION_TRANSMISSIONS,
  rateLimitDelay,
} from './timers.ts';
import { enter } from './transition.ts';

/** The operator hears of a silent LMA some seconds after the attachment, and again when the registration is given up. */
const TRANSMISSIONS_BEFORE_WARNING = 3;

/** Sends the first Proxy Binding Update of a request, in place of any other that the binding waits for. */
export function startRequest(
  mag: MagContext,
  binding: Binding,
  purpose: RequestPurpose,
  released?: SessionHomeAddress,
): void {
  closeRequest(mag, binding);
  binding.extensionWaits = false;
  const request: Request = {
    purpose,
    handoffIndicator: handoffIndicator(binding, purpose),
    accessTechnology: binding.interface.accessTechnology,
    families: familiesFor(mag, binding, purpose),
    released,
    sequences: [],
    interval: mag.config.retransmitInitial,
    heard: false,
    contested: false,
    retries: 0,
    timer: undefined,
  };
  binding.request = request;
  const state = stateDuring(binding, purpose);
  if (state !== binding.state) enter(mag, binding, state);
  if (purpose === 'refresh') mag.stats.pbuRefreshSent++;
  if (purpose === 'deregister' || purpose === 'release') mag.stats.pbuDeregistrationSent++;
  transmit(mag, binding);
}

/** Sends the request once more at once, because the LMA asked for newer values; `false` when that was done often enough. */
export function retryAtOnce(mag: MagContext, binding: Binding, request: Request): boolean {
  if (request.retries >= IMMEDIATE_RETRIES) return false;
  request.retries++;
  mag.timers.cancel(request.timer);
  transmit(mag, binding);
  return true;
}

/** An answer did not come in time. */
export function retransmit(mag: MagContext, binding: Binding): void {
  const request = binding.request;
  if (!request) return;
  if (hasLeft(request)) {
    abandon(mag, binding);
    return;
  }
  const leaves = request.purpose === 'deregister' || request.purpose === 'release';
  if (leaves && request.sequences.length >= DEREGISTRATION_TRANSMISSIONS) {
    mag.stats.deregistrationsUnanswered++;
    logUnanswered(mag, binding, 'deregistration-unanswered', 'the LMA did not answer the de-registration of');
    if (request.purpose === 'release') finishRelease(mag, binding);
    else dropBinding(mag, binding);
    return;
  }
  if (isArrival(request) && request.sequences.length >= REGISTRATION_TRANSMISSIONS) {
    mag.stats.registrationsUnanswered++;
    logUnanswered(mag, binding, 'registration-unanswered', 'the LMA did not answer the registration of');
    endRefused(mag, binding, 'the LMA does not answer');
    return;
  }
  if (isArrival(request) && request.sequences.length === TRANSMISSIONS_BEFORE_WARNING) {
    logUnanswered(mag, binding, 'registration-unanswered', 'the LMA has not answered yet, and is asked on, about');
  }
  mag.stats.pbuRetransmitted++;
  request.interval = nextInterval(mag.config, request.interval);
  transmit(mag, binding);
}

/**
 * RFC 5213 §6.9.4(2) "Retransmissions and Rate Limiting": "the mobile access gateway MUST ensure the mobile node is still attached to
 * the connected link before retransmitting the message." A mobile node that the LMA said to be elsewhere, and that was not heard
 * since, is not.
 */
export function hasLeft(request: Request): boolean {
  return request.contested && !request.heard;
}

/** The mobile node moved on before the LMA answered: nothing more is said of it, as the LMA has it elsewhere. */
export function abandon(mag: MagContext, binding: Binding): void {
  mag.stats.registrationsAbandoned++;
  mag.log('info', 'registration-abandoned', `${binding.nai} is at another gateway, and was not heard here since`, {
    nai: binding.nai,
    interface: binding.interface.name,
  });
  endSession(mag, binding, 'departed');
  dropBinding(mag, binding);
}

/**
 * Ends the session at once and tells the LMA. RFC 5213 §6.9.1.4(1) "Mobile Node Detachment and Binding De-Registration": "it SHOULD send a Proxy Binding Update message to the local mobility anchor with the
 * lifetime value set to zero." §6.9.1.4(2): "It MUST remove the created routing state for tunneling the mobile node's traffic." §6.9.1.4(3): what is
 * "dynamically created" for the tunnel goes with the last binding that uses it, in the data plane. §6.9.1.4(4): "It MUST tear down the
 * point-to-point link": a node that may still be there is told that its prefixes are withdrawn.
 */
export function deregister(mag: MagContext, binding: Binding, end: 'withdrawn' | 'departed'): void {
  endSession(mag, binding, end);
  mag.timers.cancel(binding.refreshTimer);
  mag.timers.cancel(binding.expiryTimer);
  mag.timers.cancel(binding.sessionTimer);
  startRequest(mag, binding, 'deregister');
}

/**
 * The data plane cannot forward for the mobile node. RFC 5213 §6.10.5 "Forwarding Rules" cannot be kept, so the node gets no service here, and the LMA
 * is told that it does not.
 */
export function forwardingFailed(mag: MagContext, id: string, reason: string): void {
  const binding = bindingForwarded(mag, id);
  if (!binding?.granted || binding.state === 'DISCONNECTING') return;
  mag.stats.forwardingFailed++;
  deregister(mag, binding, 'withdrawn');
  refuse(mag, binding.interface.name, binding.mac, `no forwarding: ${reason}`);
}

/**
 * RFC 5844 §3.4.3(10) "Common DHCP Considerations": a release of the home address is "a trigger for de-registering the mobile node's
 * IPv4 home address"; "this operation MUST NOT release any IPv6 home network prefix(es) assigned to the mobile node."
 */
export function releaseHomeAddress(mag: MagContext, binding: Binding, grant: Grant): void {
  if (!grant.homeAddress) return;
  const rest = { ...grant, homeAddress: undefined };
  mag.bindings.grant(binding, rest);
  setForwarding(mag, binding, rest);
  announceSession(mag, binding, rest);
  startRequest(mag, binding, 'release', grant.homeAddress);
}

/** The release is answered, or given up: the session goes on, with the refresh that the release may have displaced. */
export function finishRelease(mag: MagContext, binding: Binding): void {
  closeRequest(mag, binding);
  enter(mag, binding, 'ACTIVE');
  if (!binding.refreshTimer || binding.refreshTimer.cancelled) startRequest(mag, binding, 'refresh');
}

export function closeRequest(mag: MagContext, binding: Binding): void {
  const request = binding.request;
  if (!request) return;
  mag.timers.cancel(request.timer);
  mag.bindings.forget(binding, request);
  binding.request = undefined;
}

/**
 * To the LMA's address and from the Proxy-CoA: RFC 5213 §6.9.1.5(2) "Constructing the Proxy Binding Update Message": "The Source Address field in the IPv6 header of the message MUST be set to the global address configured on the
 * egress interface"; §6.9.1.5(3): "The Destination Address field ... MUST be set to the local mobility anchor address." RFC 5844 §4.2.2(1) "Signaling Considerations": over IPv4
 * likewise, §4.2.2.1(2) "Constructing the Proxy Binding Update Message".
 * RFC 5213 §6.9.4 "Retransmissions and Rate Limiting": the rules are those of RFC 6275, and "the following considerations MUST be applied": RFC 5213 §6.9.4(4): "the retransmitted Proxy Binding Update messages MUST use the latest timestamp."
 * RFC 5213 §6.9.4(2): "the mobile access gateway MUST ensure the mobile node is still attached to the connected link before
 * retransmitting the message": a detachment ends the request.
 */
export function transmit(mag: MagContext, binding: Binding): void {
  const request = binding.request;
  if (!request) return;
  const wait = rateLimitDelay(binding.sent, mag.instant);
  if (wait > 0) {
    mag.stats.pbuDelayed++;
    request.timer = mag.setTimer(wait, { kind: 'transmit', binding });
    return;
  }
  noteSent(binding.sent, mag.instant);
  const sequence = mag.nextSequence(binding);
  mag.bindings.await(binding, request, sequence);
  const message = proxyBindingUpdate(mag, binding, request, sequence);
  noteFirst(binding, message);
  mag.stats.pbuSent++;
  mag.emit({ kind: 'send', to: binding.peer, message, ...authenticationFor(mag, binding.lma.name) });
  request.timer = mag.setTimer(milliseconds(request.interval), { kind: 'retransmit', binding });
}

function stateDuring(binding: Binding, purpose: RequestPurpose): Binding['state'] {
  if (purpose === 'deregister') return 'DISCONNECTING';
  return binding.granted ? 'REFRESH_PENDING' : 'INIT';
}

/**
 * RFC 5844 §3.2.3.3(4) "Binding Re-Registration and De-Registrations": "The Home Network Prefix option(s) [RFC5213] MUST NOT be present if the same option(s) was not
 * present in the initial Proxy Binding Update message." So a further message of a session names the families which that has.
 */
function familiesFor(mag: MagContext, binding: Binding, purpose: RequestPurpose): Families {
  const granted = binding.granted;
  // §3.2.3.3(3): "For performing selective de-registration of IPv4 home address but still retaining the mobility session with all the IPv6
  // home network prefixes, the Proxy Binding Update message with the lifetime value of (0) MUST NOT include any IPv6 Home
  // Network Prefix options".
  if (purpose === 'release') return { ipv4: true, ipv6: false };
  if (isAttach({ purpose }) || !granted) return requestedFamilies(binding.profile, mag.denial(binding.nai));
  return { ipv4: granted.homeAddress !== undefined, ipv6: granted.prefixes.length > 0 };
}

function logUnanswered(mag: MagContext, binding: Binding, code: string, what: string): void {
  mag.log('warn', code, `${what} ${binding.nai}`, {
    nai: binding.nai,
    interface: binding.interface.name,
    lma: binding.lma.name,
    address: binding.lma.address.toString(),
    transmissions: binding.request?.sequences.length ?? 0,
  });
}
